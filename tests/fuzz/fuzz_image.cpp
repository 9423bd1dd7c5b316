// Images of every format.
#include "sim/base/error.h"
#include "sim/network/image_file.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static togglewise::fuzz::MemoryFile file("fuzz.png");
  file.write(data, size);
  try {
    togglewise::network::read_image(file.path());
  } catch (const togglewise::Error&) {
  }
  return 0;
}
