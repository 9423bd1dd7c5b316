// The graph and metadata of a parsed ONNX model → QuantizedNetwork. onnx_file.h is for callers.
#pragma once

#include <string>

#include <onnx/onnx_pb.h>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

// Throws TW-ONNX-002, TW-ONNX-003 and what check_network() throws for 8 bits.
QuantizedNetwork read_onnx_graph(const onnx::ModelProto& model, const std::string& source);

}  // namespace togglewise::network
