// QuantizedNetwork → ONNX (QDQ int8). sim/graph/onnx_import.h reads it back, as it reads anybody's.
#pragma once

#include <filesystem>
#include <string>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

// Serialized ModelProto (opset 13, passes onnx.checker): the same network gives the same bytes, and
// reading them gives the same network.
// Graph: image (float, pixels 0..1) → Sub mean → Div deviation where the network normalizes →
// QuantizeLinear/DequantizeLinear(input_scale) → operations on real values, Conv and Gemm with
// DequantizeLinear'd int8 weights (per-channel axis 0) and int32 bias → Relu or Clip →
// QuantizeLinear/DequantizeLinear with the result's scale → … → logits (float). MaxPool, Slice,
// Pad, Clip (a Clamp) and Flatten keep the scale and are not quantized again.
//
// metadata_props: network.metadata as it is, togglewise.permitted_values.<layer> = "-16,0,16" where
// a layer has a permitted set, togglewise.content_hash (of the file without this entry: a damaged
// file is refused) and, last, togglewise.format = "1". The reader takes these out of
// network.metadata.
//
// Throws TW-ONNX-004 when network.metadata has one of these keys, or for an average over a dilated
// window, which opset 13 has no operator for.
std::string to_onnx(const QuantizedNetwork& network);
void write_onnx(const QuantizedNetwork& network, const std::filesystem::path& file);

}  // namespace togglewise::network
