// Names and versions that the ONNX writer and reader share.
#pragma once

namespace togglewise::network::onnx_names {

constexpr int opset = 13;
constexpr int ir_version = 7;  // the one that belongs to opset 13

constexpr const char* image = "image";
constexpr const char* logits = "logits";

constexpr const char* producer = "togglewise";
constexpr const char* key_prefix = "togglewise.";

constexpr const char* format_key = "togglewise.format";
constexpr const char* format_version = "1";
constexpr const char* content_hash_key = "togglewise.content_hash";
constexpr const char* permitted_values_prefix = "togglewise.permitted_values.";

}  // namespace togglewise::network::onnx_names
