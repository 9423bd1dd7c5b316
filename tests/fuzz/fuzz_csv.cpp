// SCALE-Sim topologies, and what is made of them: geometry and cycles.
#include "sim/array/cycle_model.h"
#include "sim/base/error.h"
#include "sim/topology/topology.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static togglewise::fuzz::MemoryFile file("fuzz.csv");
  file.write(data, size);
  try {
    const togglewise::config::HardwareConfig hardware;
    for (const auto& layer : togglewise::topology::read_topology(file.path()).layers) {
      togglewise::array::layer_cycles(hardware, togglewise::array::shape_of(layer.geometry(), 1));
    }
  } catch (const togglewise::Error&) {
  }
  return 0;
}
