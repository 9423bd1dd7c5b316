// ONNX models, float and QDQ.
#include <string>

#include "sim/base/error.h"
#include "sim/graph/onnx_import.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    togglewise::graph::import_onnx(std::string(reinterpret_cast<const char*>(data), size),
                                   "fuzz.onnx");
  } catch (const togglewise::Error&) {
  }
  return 0;
}
