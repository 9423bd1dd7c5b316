// SCALE-Sim configurations.
#include "sim/base/error.h"
#include "sim/topology/scalesim_config.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static togglewise::fuzz::MemoryFile file("fuzz.cfg");
  file.write(data, size);
  try {
    togglewise::topology::to_hardware_config(
        togglewise::topology::read_scalesim_config(file.path()));
  } catch (const togglewise::Error&) {
  }
  return 0;
}
