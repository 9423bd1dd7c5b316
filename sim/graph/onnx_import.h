// ONNX networks from anywhere: float networks, and int8 networks in QDQ form, ours among them.
#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "sim/graph/float_network.h"

namespace togglewise::graph {

// Real weights and activations, to be quantized; or int8 as the graph's QuantizeLinear and
// DequantizeLinear nodes say.
using ImportedNetwork = std::variant<FloatNetwork, network::QuantizedNetwork>;

// Reads an ONNX model, folds what is constant and builds a network of the rest. Throws
//   TW-ONNX-001 not an ONNX file, cut off, or a file of ours that is damaged or was edited
//   TW-ONNX-002 nodes, shapes or quantization that are not supported: all of them, each by node,
//               operator and reason, in one message
//   TW-ONNX-003 an initializer or metadata entry is missing or of the wrong type, shape or value
//   TW-ONNX-005 nodes that are not in order (or a cycle), or an output that is not computed
//   TW-ONNX-006 external data that is not beside the model or too short
// and what check_network() throws for 8 bits. Where the graph begins with Sub, Div, Mul or Add by
// constants, these are the normalization; its deviations say whether pixels are 0..1 or 0..255.
ImportedNetwork import_onnx(const std::filesystem::path& file);
// The same from memory, where there is no external data; `source` names it in messages.
ImportedNetwork import_onnx(const std::string& bytes, const std::string& source);

// For callers that need int8: throws TW-ONNX-007 for a float network.
network::QuantizedNetwork read_onnx(const std::filesystem::path& file);
network::QuantizedNetwork from_onnx(const std::string& bytes, const std::string& source);

}  // namespace togglewise::graph
