// Inside of the dataset readers: a file's bytes.
#pragma once

#include <filesystem>
#include <string>

namespace togglewise::network {

// The file's content, decompressed when it is gzip'd. Throws TW-DATA-001 (not there; `what` was
// expected, and `package` is named in the hint unless it is empty) and TW-DATA-003 (damaged).
std::string read_dataset_file(const std::filesystem::path& file, const std::string& what,
                              const std::string& package);

}  // namespace togglewise::network
