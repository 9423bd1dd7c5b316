// The memories of the system model: bytes that are really stored, and what moves in and out
// counted.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include <systemc>

#include "sim/array/cycle_model.h"
#include "sim/config/hardware_config.h"

namespace togglewise::systemc {

// Counted, bounds-checked storage.
class CountedBytes {
 public:
  // Not counted: what the host puts there before a run, and looks at after it.
  void assign(std::size_t size) { assign(std::vector<std::int8_t>(size, 0)); }
  void assign(std::vector<std::int8_t> content) {
    bytes_ = std::move(content);
    accesses_ = {};
  }
  const std::vector<std::int8_t>& content() const { return bytes_; }

  const std::int8_t* read(std::size_t address, std::size_t count);
  std::int8_t* write(std::size_t address, std::size_t count);
  const array::MemoryAccesses& accesses() const { return accesses_; }

 private:
  void require(std::size_t address, std::size_t count) const;

  std::vector<std::int8_t> bytes_;
  array::MemoryAccesses accesses_;
};

// A DRAM request. `deliver` moves the data; it is called when a read arrives, or when the last byte
// of a write is served.
struct DramRequest {
  std::uint64_t bytes = 0;
  bool is_read = true;
  std::function<void()> deliver;
};

class DramInterface : public virtual sc_core::sc_interface {
 public:
  virtual void issue(DramRequest request) = 0;
};

// One channel: requests in order, so many bytes a cycle, reads arrive `latency` cycles after their
// last byte was served. Without a time of its own (untimed) it delivers at once.
class Dram : public sc_core::sc_module, public DramInterface {
 public:
  sc_core::sc_in<bool> clock{"clock"};

  explicit Dram(const sc_core::sc_module_name& name);

  void reset(const config::HardwareConfig::Memories& memories);
  void issue(DramRequest request) override;

  CountedBytes ifmap;   // [image][channel][row][column]
  CountedBytes filter;  // [output channel][reduction]
  CountedBytes ofmap;   // [image][output channel][pixel][output byte]

 private:
  struct Arrival {
    std::uint64_t cycle;
    std::function<void()> deliver;
  };

  void serve_cycle();

  bool timed_ = false;
  std::int64_t millibytes_per_cycle_ = 0;
  std::uint64_t latency_ = 0;
  std::uint64_t cycle_ = 0;
  std::deque<DramRequest> queue_;
  std::int64_t millibytes_left_ = 0;  // of the queue's first
  bool serving_ = false;
  std::deque<Arrival> arrivals_;
};

}  // namespace togglewise::systemc
