// Checkpoints: named tensors and a JSON record in one libtorch archive, with a checksum of the
// content. Written under a temporary name first, so that no half-written one is ever found.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json.hpp>
#include <torch/types.h>

namespace togglewise::compress {

struct TensorFile {
  std::string kind;       // "togglewise training checkpoint", …: checked by the reader
  nlohmann::json record;  // everything that is not a tensor
  std::map<std::string, torch::Tensor> tensors;  // 32-bit floating point
};

void write_tensor_file(const TensorFile& content, const std::filesystem::path& file);

// Throws TW-FILE-001 when there is no such file, TW-CKPT-001 when it is damaged or of another kind.
TensorFile read_tensor_file(const std::filesystem::path& file, const std::string& kind);

}  // namespace togglewise::compress
