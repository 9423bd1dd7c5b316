// Where the bytes of a Liberty file come from: a plain or gzip'd file, or text in memory. They are
// handed on piece by piece, so that a file of any size takes no memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace togglewise::tech {

class LibertySource {
 public:
  // Throws TW-FILE-001 where the file cannot be opened.
  explicit LibertySource(const std::filesystem::path& path);
  // `text` must outlive the source; `name` is only used in messages.
  LibertySource(std::string_view text, std::string name);

  // Fills `target` with up to `size` bytes and returns how many; 0 at the end. Throws TW-LIB-007
  // where gzip'd data is damaged, TW-FILE-001 where the file cannot be read.
  std::size_t read(char* target, std::size_t size);
  void rewind();
  const std::string& name() const { return name_; }

 private:
  // zlib's gzFile, which reads files that are not compressed as they are.
  struct Close {
    void operator()(void* file) const;
  };

  std::string name_;
  std::unique_ptr<void, Close> file_;
  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace togglewise::tech
