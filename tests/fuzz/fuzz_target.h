// A fuzz target reads one input as a user's file and must either accept it or throw an Error;
// anything else (a crash, another exception, a sanitizer's finding) is a bug. The same target runs
// under libFuzzer (scripts/fuzz) and, in the test suite, under standalone_driver.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace togglewise::fuzz {

// A file that exists in memory only, for readers that take a path. Its content is replaced by every
// write().
class MemoryFile {
 public:
  explicit MemoryFile(const char* name);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void write(const std::uint8_t* data, std::size_t size);
  const std::filesystem::path& path() const { return path_; }

 private:
  int descriptor_ = -1;
  std::filesystem::path path_;
};

}  // namespace togglewise::fuzz
