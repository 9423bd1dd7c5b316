#include "compress/run/onnx_model.h"

#include "sim/graph/onnx_import.h"

namespace togglewise::compress {

FloatModel read_float_model(const std::filesystem::path& file, Precision precision) {
  const graph::ImportedNetwork imported = graph::import_onnx(file);
  FloatModel model =
      std::visit([&](const auto& network) { return float_model(network, precision); }, imported);
  model.name = file.filename().string();
  return model;
}

}  // namespace togglewise::compress
