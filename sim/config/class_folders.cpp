#include "sim/config/class_folders.h"

#include <algorithm>
#include <system_error>

namespace togglewise::config {
namespace fs = std::filesystem;

std::vector<std::string> class_folder_names(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code status;
  for (fs::directory_iterator entry(directory / "train", status), end; !status && entry != end;
       entry.increment(status)) {
    const std::string name = entry->path().filename().string();
    std::error_code of_entry;
    if (name.front() != '.' && entry->is_directory(of_entry)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace togglewise::config
