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

// metadata_props: network.metadata as it is, togglewise.permitted_values.<layer> = "-16,0,16" where
// a layer has a permitted set, togglewise.content_hash (of the file without this entry: a damaged
// file is refused) and, last, togglewise.format = "1". The reader takes these out of
// network.metadata. Throws TW-ONNX-004 when network.metadata has one of these keys.

// Reads what write_onnx wrote. Throws TW-ONNX-001 (not an ONNX file / cut off), TW-ONNX-002 (a node
// that is not supported, by name), TW-ONNX-003 (an initializer missing or of the wrong type or
// shape).
// TW-ONNX-001 also stands for a content hash that differs. check_network(…, 8, …) is called.
QuantizedNetwork read_onnx(const std::filesystem::path& file);
// The same from memory; `source` names it in messages.
QuantizedNetwork from_onnx(const std::string& bytes, const std::string& source);

}  // namespace togglewise::network
