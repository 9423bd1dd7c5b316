// yosys' JSON netlists, of the cells in tests/tech/data/cell_kinds.lib.
#include <string>

#include "sim/base/error.h"
#include "sim/tech/netlist.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto library =
      togglewise::tech::CellLibrary::read(TOGGLEWISE_SOURCE_DIR "/tests/tech/data/cell_kinds.lib");
  try {
    const auto netlist = togglewise::tech::Netlist::parse(
        std::string(reinterpret_cast<const char*>(data), size), "fuzz.json", library);
    netlist.area();
    netlist.leakage_nw();
  } catch (const togglewise::Error&) {
  }
  return 0;
}
