// Liberty libraries, plain and gzip'd, and what is computed from their tables.
#include <string>

#include "sim/base/error.h"
#include "sim/tech/cell_library.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

void use(const togglewise::tech::CellLibrary& library) {
  for (const auto& cell : library.cells()) {
    for (const auto& pin : cell.pins) {
      pin.internal_energy_fj(0.1, 20.0);
      for (const auto& arc : pin.timing) arc.cell_rise_ns.at(0.1, 20.0);
    }
  }
  for (const auto& note : library.notes().all()) togglewise::tech::describe(note);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static togglewise::fuzz::MemoryFile file("fuzz.lib");
  const bool is_gzip = size > 1 && data[0] == 0x1f && data[1] == 0x8b;
  try {
    if (is_gzip) {
      file.write(data, size);
      use(*togglewise::tech::CellLibrary::read(file.path()));
    } else {
      const std::string text(reinterpret_cast<const char*>(data), size);
      use(*togglewise::tech::CellLibrary::parse(text, "fuzz.lib"));
    }
  } catch (const togglewise::Error&) {
  }
  return 0;
}
