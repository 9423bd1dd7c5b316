// The classes of a dataset that lies as one folder of images per class.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace togglewise::config {

// The names of the folders in `directory`/train, in the order of their bytes and without hidden
// ones: the classes in the order of their labels. Empty where there is no such folder.
std::vector<std::string> class_folder_names(const std::filesystem::path& directory);

}  // namespace togglewise::config
