#include "sim/network/onnx_file.h"

#include "sim/base/files.h"

namespace togglewise::network {

void write_onnx(const QuantizedNetwork& network, const std::filesystem::path& file) {
  write_file_atomically(file, to_onnx(network));
}

}  // namespace togglewise::network
