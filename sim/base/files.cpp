#include "sim/base/files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise {
namespace fs = std::filesystem;

namespace {

fs::path temporary_beside(const fs::path& path) {
  return path.parent_path() / fmt::format(".{}.{}.part", path.filename().string(), ::getpid());
}

// The rename is durable only after the data is: a crash must not leave an empty file behind.
void flush_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

Error cannot_write(const fs::path& path, const std::string& reason) {
  return Error::input("TW-FILE-002", fmt::format("cannot write the file: {}", reason))
      .at(path.string())
      .expected("a writable folder with free space");
}

void rename_over(const fs::path& from, const fs::path& to) {
  flush_to_disk(from);
  std::error_code error;
  fs::rename(from, to, error);
  if (error) throw cannot_write(to, error.message());
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    throw Error::input("TW-FILE-001", "this is a folder").at(path.string()).expected("a file");
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw Error::input("TW-FILE-001", fmt::format("cannot read the file: {}", std::strerror(errno)))
        .at(path.string())
        .expected("a readable file");
  }
  std::ostringstream buffer;
  buffer << stream.rdbuf();
  return std::move(buffer).str();
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  PendingFile pending(path);
  {
    std::ofstream stream(pending.temporary(), std::ios::binary | std::ios::trunc);
    if (!stream) throw cannot_write(path, std::strerror(errno));
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.flush();
    if (!stream) throw cannot_write(path, std::strerror(errno));
  }
  pending.commit();
}

void require_writable_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  const fs::path probe = directory / fmt::format(".probe.{}", ::getpid());
  const bool writable = !error && std::ofstream(probe).good();
  if (!writable) {
    throw Error::input("TW-FILE-003", fmt::format("cannot write to the output folder: {}",
                                                  error ? error.message() : std::strerror(errno)))
        .at(directory.string())
        .expected("a folder that can be created and written");
  }
  fs::remove(probe, error);
}

PendingFile::PendingFile(fs::path final_path)
    : final_(std::move(final_path)), temporary_(temporary_beside(final_)) {}

PendingFile::~PendingFile() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void PendingFile::commit() {
  rename_over(temporary_, final_);
  committed_ = true;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "togglewise-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Error::run("TW-FILE-004",
                     fmt::format("cannot create a temporary folder: {}", std::strerror(errno)))
        .at(pattern);
  }
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace togglewise
