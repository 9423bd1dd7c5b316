#include "sim/systemc/system_memory.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::systemc {

void CountedBytes::require(std::size_t address, std::size_t count) const {
  if (address <= bytes_.size() && count <= bytes_.size() - address) return;
  throw Error::run("TW-SYS-002",
                   fmt::format("the system model accessed bytes {} to {} of a memory of {}",
                               address, address + count, bytes_.size()))
      .expected("an address inside the memory")
      .hint("this is a bug in the model: please report the hardware configuration and the layer");
}

const std::int8_t* CountedBytes::read(std::size_t address, std::size_t count) {
  require(address, count);
  accesses_.read_bytes += count;
  return bytes_.data() + address;
}

std::int8_t* CountedBytes::write(std::size_t address, std::size_t count) {
  require(address, count);
  accesses_.write_bytes += count;
  return bytes_.data() + address;
}

Dram::Dram(const sc_core::sc_module_name& name) : sc_module(name) {
  SC_HAS_PROCESS(Dram);
  SC_METHOD(serve_cycle);
  sensitive << clock.neg();
  dont_initialize();
}

void Dram::reset(const config::HardwareConfig::Memories& memories) {
  timed_ = memories.given;
  millibytes_per_cycle_ = std::llround(memories.dram.bytes_per_cycle * 1000);
  latency_ = static_cast<std::uint64_t>(memories.dram.latency_cycles);
  cycle_ = 0;
  queue_.clear();
  arrivals_.clear();
  serving_ = false;
}

void Dram::issue(DramRequest request) {
  if (timed_)
    queue_.push_back(std::move(request));
  else
    request.deliver();
}

// The second half of a cycle: what was issued in its first half is served in it already.
void Dram::serve_cycle() {
  ++cycle_;
  if (!queue_.empty()) {
    DramRequest& request = queue_.front();
    if (!serving_) millibytes_left_ = static_cast<std::int64_t>(request.bytes) * 1000;
    serving_ = true;
    millibytes_left_ -= millibytes_per_cycle_;
    if (millibytes_left_ <= 0) {
      const std::uint64_t wait = request.is_read ? latency_ : 0;
      if (wait == 0)
        request.deliver();
      else
        arrivals_.push_back({cycle_ + wait, std::move(request.deliver)});
      queue_.pop_front();
      serving_ = false;
    }
  }
  while (!arrivals_.empty() && arrivals_.front().cycle == cycle_) {
    arrivals_.front().deliver();
    arrivals_.pop_front();
  }
}

}  // namespace togglewise::systemc
