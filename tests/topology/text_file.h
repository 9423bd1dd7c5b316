// A file with given content that lives as long as this object.
#pragma once

#include <string>

#include "sim/base/files.h"

namespace togglewise {

class TextFile {
 public:
  TextFile(const std::string& name, const std::string& content) : path_(folder_.path() / name) {
    write_file_atomically(path_, content);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryDirectory folder_;
  std::filesystem::path path_;
};

}  // namespace togglewise
