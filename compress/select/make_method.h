// Selection methods by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compress/select/selection_method.h"

namespace togglewise::compress {

// The default comes first.
std::vector<std::string> method_names();

// Throws TW-COMPRESS-004 for a name that is none of them.
std::shared_ptr<const SelectionMethod> make_method(const std::string& name);

}  // namespace togglewise::compress
