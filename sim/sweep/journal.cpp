#include "sim/sweep/journal.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hash.h"

namespace togglewise::sweep {
namespace {

namespace fs = std::filesystem;
using report::Json;

constexpr std::string_view kFirstLine = "togglewise sweep journal 1\n";
constexpr std::size_t kHashSize = 32;
constexpr std::size_t kPrefixSize = 2 * (kHashSize + 1);

Error not_writable(const fs::path& file) {
  return Error::input("TW-FILE-002",
                      fmt::format("cannot write the journal: {}", std::strerror(errno)))
      .at(file.string())
      .expected("a writable folder with free space");
}

void write_all(int descriptor, std::string_view bytes, const fs::path& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw not_writable(file);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_at(int descriptor, std::uint64_t offset, std::uint64_t size,
                    const fs::path& file) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(descriptor, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error::run("TW-FILE-001", "cannot read the journal: the file has become shorter")
          .at(file.string())
          .expected("a file that only this run writes to");
    }
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

// A line is "<checksum> <key> <result>"; the checksum is that of the rest. "" when it is damaged.
std::string key_of_line(std::string_view line) {
  if (line.size() < kPrefixSize || line[kHashSize] != ' ') return "";
  if (hash_bytes(line.substr(kHashSize + 1)) != line.substr(0, kHashSize)) return "";
  return std::string(line.substr(kHashSize + 1, kHashSize));
}

}  // namespace

fs::path journal_file(const fs::path& out) { return out / ".sweep-journal"; }

Journal::Journal(const fs::path& out, Mode mode) : file_(journal_file(out)) {
  const bool append = mode == Mode::append;
  descriptor_ =
      ::open(file_.c_str(), append ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    if (!append) return;  // nothing is finished
    throw not_writable(file_);
  }
  try {
    if (append && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      throw Error::input("TW-SWEEP-010", "another sweep is writing to this folder")
          .at(out.string())
          .expected("one run at a time, or another folder with --out");
    }
    scan(end_);
    if (append) {
      if (::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0 ||
          ::lseek(descriptor_, static_cast<off_t>(end_), SEEK_SET) < 0) {
        throw not_writable(file_);
      }
      if (end_ == 0) {
        write_all(descriptor_, kFirstLine, file_);
        end_ = kFirstLine.size();
      }
    }
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

Journal::~Journal() {
  if (descriptor_ >= 0) ::close(descriptor_);  // and the lock is gone
}

void Journal::scan(std::uint64_t& end_of_whole_lines) {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw not_writable(file_);
  const std::string text =
      read_at(descriptor_, 0, static_cast<std::uint64_t>(status.st_size), file_);
  end_of_whole_lines = 0;
  if (text.size() < kFirstLine.size() && kFirstLine.substr(0, text.size()) == text) return;
  if (text.compare(0, kFirstLine.size(), kFirstLine) != 0) {
    throw Error::input("TW-SWEEP-011", "this is no journal of a sweep, or one of another version")
        .at(file_.string())
        .expected("a file that a sweep has made")
        .hint("remove it, or choose another folder with --out");
  }
  std::size_t begin = kFirstLine.size();
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string key = key_of_line(std::string_view(text).substr(begin, end - begin));
    if (!key.empty()) records_[key] = {begin, end - begin};
  }
  end_of_whole_lines = begin;
}

Json Journal::payload(const std::string& key) const {
  Record record;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    record = records_.at(key);
  }
  const std::string line = read_at(descriptor_, record.offset, record.size, file_);
  return Json::parse(line.substr(kPrefixSize));
}

PointResult Journal::result(const std::string& key) const { return point_from_json(payload(key)); }

double Journal::seconds(const std::string& key) const { return payload(key).value("seconds", 0.0); }

void Journal::append(const std::string& key, const PointResult& result, double seconds) {
  Json json = to_json(result);
  json["seconds"] = seconds;
  const std::string rest = key + " " + json.dump(-1, ' ', false, Json::error_handler_t::replace);
  const std::string line = hash_bytes(rest) + " " + rest + "\n";
  const std::lock_guard<std::mutex> lock(mutex_);
  write_all(descriptor_, line, file_);
  records_[key] = {end_, line.size() - 1};
  end_ += line.size();
}

}  // namespace togglewise::sweep
