// Finished points of a sweep, kept so that a run that was killed goes on where it stopped. One line
// a point: a checksum, the point's key and its result. Lines are only ever appended; one that is
// cut off or damaged counts as not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "sim/sweep/point_result.h"

namespace togglewise::sweep {

// The journal of a sweep that wrote to this folder; hidden, because it is no result.
std::filesystem::path journal_file(const std::filesystem::path& out);

class Journal {
 public:
  enum class Mode { read_only, append };

  // Finds what is finished. Mode::append makes the file when it is missing, cuts off a last line
  // that was not written to its end, and keeps other runs out (TW-SWEEP-010) while it lives.
  // Throws TW-SWEEP-011 when the file is no journal, TW-FILE-002 when it cannot be written.
  Journal(const std::filesystem::path& out, Mode mode);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  bool has(const std::string& key) const { return records_.count(key) > 0; }
  // Of a point that is there.
  PointResult result(const std::string& key) const;
  // Wall-clock seconds that the point took when it was computed.
  double seconds(const std::string& key) const;

  // May be called from several threads. The line is in the file when the call returns.
  // `key` has the form of hash_bytes().
  void append(const std::string& key, const PointResult& result, double seconds);

 private:
  struct Record {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  void scan(std::uint64_t& end_of_whole_lines);
  report::Json payload(const std::string& key) const;

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::map<std::string, Record> records_;
  std::uint64_t end_ = 0;
  mutable std::mutex mutex_;
};

}  // namespace togglewise::sweep
