// Gate-level energies kept in a file while calibration runs, so that one that was interrupted goes
// on where it was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace togglewise::energy {

// Energies of consecutive transitions under one weight value.
struct MeasuredBlock {
  int weight = 0;
  int stream = 0;           // 0: the pool's, 1: the covering one
  std::uint64_t begin = 0;  // first cycle
  std::uint64_t cycles = 0;

  bool operator<(const MeasuredBlock& o) const {
    return std::tie(weight, stream, begin, cycles) <
           std::tie(o.weight, o.stream, o.begin, o.cycles);
  }
};

// Blocks are appended one by one, each with a checksum: a process that is killed leaves whole
// blocks and perhaps a broken last one, which is dropped. Blocks written under another key (other
// operands, hardware or timing) are dropped, too. Safe from several threads.
class MeasurementCheckpoint {
 public:
  // "" keeps nothing. `key` names all inputs of the measurement. Where another process is writing
  // the same file, nothing is kept either. Throws TW-TABLE-008 when the file cannot be written.
  MeasurementCheckpoint(const std::filesystem::path& file, const std::string& key);
  ~MeasurementCheckpoint();
  MeasurementCheckpoint(const MeasurementCheckpoint&) = delete;
  MeasurementCheckpoint& operator=(const MeasurementCheckpoint&) = delete;

  // The block's energies; empty when they are not there.
  std::vector<float> find(const MeasuredBlock& block) const;
  void add(const MeasuredBlock& block, const std::vector<float>& energy_fj);

  std::uint64_t blocks_found() const { return found_.size(); }

  // Deletes the file: the work that it saved is done.
  void remove();

 private:
  // Reads the whole blocks of this key; the file's length up to their end.
  std::uint64_t take_over(const std::string& header);
  void write(const void* data, std::size_t size);

  std::filesystem::path path_;
  int file_ = -1;  // descriptor, locked
  std::mutex mutex_;
  std::map<MeasuredBlock, std::vector<float>> found_;
};

}  // namespace togglewise::energy
