// Values that an ONNX model keeps in a file beside it.
#pragma once

#include <cstddef>
#include <string>

#include <onnx/onnx_pb.h>

#include "sim/graph/tensor.h"

namespace togglewise::graph {

// The `size` bytes of `proto`. The file must lie in the model's folder or below. Throws
// TW-ONNX-006.
std::string read_external_data(const onnx::TensorProto& proto, std::size_t size,
                               const ModelSource& source);

}  // namespace togglewise::graph
