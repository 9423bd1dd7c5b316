// Weight values as text, "-16,0,16": how permitted sets travel in ONNX metadata and trace files.
#pragma once

#include <string>
#include <vector>

namespace togglewise::network {

// "" for an empty list.
std::string list_text(const std::vector<int>& values);

// False when `text` is not such a list; then `values` is left empty.
bool parse_list(const std::string& text, std::vector<int>& values);

}  // namespace togglewise::network
