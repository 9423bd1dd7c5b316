// Reading whole files, and writing them so that no half-written one is ever found under its name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace togglewise {

// The whole file as bytes. Throws TW-FILE-001 (missing or unreadable).
std::string read_file(const std::filesystem::path& path);

// Writes `content` beside `path`, flushes it to the disk and renames it over `path`.
// Throws TW-FILE-002 when the folder cannot be written.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Creates `directory` with its parents and proves that a file can be made in it.
// Throws TW-FILE-003 otherwise.
void require_writable_directory(const std::filesystem::path& directory);

// A file written by somebody else's code (HDF5, libtorch): it writes to `temporary()`, and
// `commit()` renames it to the final name. Without commit the temporary file is removed.
class PendingFile {
 public:
  explicit PendingFile(std::filesystem::path final_path);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

// A fresh private folder, removed with its content at the end of its life.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace togglewise
