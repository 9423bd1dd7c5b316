#include "sim/energy/measurement_checkpoint.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"

namespace togglewise::energy {
namespace {

constexpr std::size_t kHashSize = 32;

// What stands before a block's energies. Never read on another machine: the file is scratch.
struct Record {
  MeasuredBlock block;
  std::uint64_t values = 0;
  char hash[kHashSize] = {};  // of the energies
};

std::string header_of(const std::string& key) {
  return fmt::format("togglewise calibration in progress 1 {}\n", key);
}

}  // namespace

MeasurementCheckpoint::MeasurementCheckpoint(const std::filesystem::path& file,
                                             const std::string& key)
    : path_(file) {
  if (path_.empty()) return;
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) {
    throw Error::run("TW-TABLE-008",
                     fmt::format("cannot keep what is measured: {}", std::strerror(errno)))
        .at(path_.string())
        .expected("a writable folder with free space");
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    file_ = -1;
    return;
  }
  const std::string header = header_of(key);
  const std::uint64_t end = take_over(header);
  if (::ftruncate(file_, static_cast<off_t>(end)) != 0 || ::lseek(file_, 0, SEEK_END) < 0) {
    throw Error::run("TW-TABLE-008", "cannot keep what is measured").at(path_.string());
  }
  if (end == 0) write(header.data(), header.size());
}

MeasurementCheckpoint::~MeasurementCheckpoint() {
  if (file_ >= 0) ::close(file_);
}

std::uint64_t MeasurementCheckpoint::take_over(const std::string& header) {
  const std::string bytes = read_file(path_);
  if (bytes.compare(0, header.size(), header) != 0) return 0;
  std::size_t end = header.size();
  while (bytes.size() - end >= sizeof(Record)) {
    Record record;
    std::memcpy(&record, bytes.data() + end, sizeof(Record));
    const std::size_t left = bytes.size() - end - sizeof(Record);
    if (record.values > left / sizeof(float)) break;
    const char* data = bytes.data() + end + sizeof(Record);
    const std::size_t size = record.values * sizeof(float);
    if (hash_bytes(data, size) != std::string(record.hash, kHashSize)) break;
    std::vector<float> energy_fj(record.values);
    std::memcpy(energy_fj.data(), data, size);
    found_[record.block] = std::move(energy_fj);
    end += sizeof(Record) + size;
  }
  return end;
}

void MeasurementCheckpoint::write(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(file_, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      throw Error::run("TW-TABLE-008",
                       fmt::format("cannot keep what is measured: {}", std::strerror(errno)))
          .at(path_.string())
          .expected("a writable folder with free space");
    }
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

std::vector<float> MeasurementCheckpoint::find(const MeasuredBlock& block) const {
  const auto found = found_.find(block);
  return found == found_.end() ? std::vector<float>() : found->second;
}

void MeasurementCheckpoint::add(const MeasuredBlock& block, const std::vector<float>& energy_fj) {
  if (file_ < 0) return;
  Record record;
  std::memset(static_cast<void*>(&record), 0, sizeof(Record));  // no stray bytes between members
  record.block = block;
  record.values = energy_fj.size();
  const std::string hash = hash_bytes(energy_fj.data(), energy_fj.size() * sizeof(float));
  std::memcpy(record.hash, hash.data(), kHashSize);
  const std::lock_guard<std::mutex> lock(mutex_);
  write(&record, sizeof(Record));
  write(energy_fj.data(), energy_fj.size() * sizeof(float));
}

void MeasurementCheckpoint::remove() {
  if (file_ < 0) return;
  ::unlink(path_.c_str());
  ::close(file_);
  file_ = -1;
}

}  // namespace togglewise::energy
