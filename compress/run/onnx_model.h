// ONNX networks as something to train.
#pragma once

#include <filesystem>

#include "compress/model/float_model.h"

namespace togglewise::compress {

// A float network as it is; an int8 one (QDQ) in real numbers, value · scale. Throws what
// graph::import_onnx() throws.
FloatModel read_float_model(const std::filesystem::path& file, Precision precision);

}  // namespace togglewise::compress
