// Hardware, workload and sweep configurations.
#include "sim/base/error.h"
#include "sim/config/hardware_config.h"
#include "sim/config/workload_config.h"
#include "sim/sweep/sweep_file.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static togglewise::fuzz::MemoryFile file("fuzz.yaml");
  file.write(data, size);
  try {
    togglewise::config::read_hardware_config(file.path());
  } catch (const togglewise::Error&) {
  }
  try {
    togglewise::config::read_workload_config(file.path());
  } catch (const togglewise::Error&) {
  }
  try {
    togglewise::sweep::read_sweep_file(file.path());
  } catch (const togglewise::Error&) {
  }
  return 0;
}
