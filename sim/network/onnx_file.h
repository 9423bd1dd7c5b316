// QuantizedNetwork ↔ ONNX (QDQ int8). Weights are stored as int8 initializers behind
// DequantizeLinear, permitted sets and provenance in metadata_props.
#pragma once

#include <filesystem>
#include <string>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

// Serialized ModelProto (opset 13, passes onnx.checker): the same network gives the same bytes.
// Graph: image (float, real values 0..1) → QuantizeLinear/DequantizeLinear(input_scale) → Conv/Gemm
// with DequantizeLinear'd int8 weights (per-channel axis 0) and int32 bias → Relu → QuantizeLinear
// → … → logits (float).
std::string to_onnx(const QuantizedNetwork& network);
void write_onnx(const QuantizedNetwork& network, const std::filesystem::path& file);

// Reads what write_onnx wrote. Throws TW-ONNX-001 (not an ONNX file / cut off), TW-ONNX-002 (a node
// that is not supported, by name), TW-ONNX-003 (an initializer missing or of the wrong type or
// shape).
QuantizedNetwork read_onnx(const std::filesystem::path& file);

}  // namespace togglewise::network
