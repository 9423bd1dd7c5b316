#include "sim/tech/liberty_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "sim/base/error.h"

namespace togglewise::tech {
namespace {

constexpr unsigned kInflateBufferBytes = 1U << 17;

gzFile handle(void* file) { return static_cast<gzFile>(file); }

Error unreadable(const std::string& name, int error_number) {
  return Error::input("TW-FILE-001",
                      fmt::format("cannot read the file: {}", std::strerror(error_number)))
      .at(name)
      .expected("a readable file");
}

}  // namespace

void LibertySource::Close::operator()(void* file) const { gzclose(handle(file)); }

LibertySource::LibertySource(const std::filesystem::path& path) : name_(path.string()) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw Error::input("TW-FILE-001", "this is a folder").at(name_).expected("a file");
  }
  errno = 0;
  file_.reset(gzopen(path.c_str(), "rb"));
  if (file_ == nullptr) throw unreadable(name_, errno);
  gzbuffer(handle(file_.get()), kInflateBufferBytes);
}

LibertySource::LibertySource(std::string_view text, std::string name)
    : name_(std::move(name)), text_(text) {}

std::size_t LibertySource::read(char* target, std::size_t size) {
  if (file_ == nullptr) {
    const std::size_t count = std::min(size, text_.size() - position_);
    std::memcpy(target, text_.data() + position_, count);
    position_ += count;
    return count;
  }
  const auto wanted = static_cast<unsigned>(
      std::min<std::size_t>(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
  const int count = gzread(handle(file_.get()), target, wanted);
  int problem = Z_OK;
  const char* const message = gzerror(handle(file_.get()), &problem);
  if (problem == Z_ERRNO) throw unreadable(name_, errno);
  // Z_BUF_ERROR comes with the last bytes of a file whose compressed data ends too early.
  if (count < 0 || (problem != Z_OK && problem != Z_STREAM_END)) {
    throw Error::input("TW-LIB-007", fmt::format("the gzip'd file is damaged: {}", message))
        .at(name_)
        .expected("a whole gzip file, or plain text")
        .hint("test it with gzip -t");
  }
  return static_cast<std::size_t>(count);
}

void LibertySource::rewind() {
  position_ = 0;
  if (file_ != nullptr) gzrewind(handle(file_.get()));
}

}  // namespace togglewise::tech
