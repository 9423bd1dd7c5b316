#include "compress/run/teacher.h"

#include "compress/run/accuracy.h"
#include "compress/run/gradient_shards.h"
#include "compress/run/tensor_file.h"
#include "compress/run/train_run.h"
#include "sim/base/hash.h"
#include "sim/network/onnx_file.h"

namespace togglewise::compress {

Teacher load_teacher(const network::QuantizedNetwork& model,
                     const std::filesystem::path& model_path, const network::Dataset& dataset,
                     int threads, const Reporter& reporter) {
  Teacher teacher{"int8 network", dequantized_parameters(model), {}};
  std::vector<float> scales = activation_scales_of(model);
  const std::filesystem::path file = model_path.parent_path() / float_file;
  if (std::filesystem::exists(file)) {
    const TensorFile content = read_tensor_file(file, float_kind);
    if (content.record.at("model_hash") == hash_bytes(network::to_onnx(model))) {
      const std::vector<torch::Tensor> parameters = teacher.parameters.all();
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        parameters[i].copy_(content.tensors.at("parameter" + std::to_string(i)));
      }
      scales.clear();
      teacher.name = "float network";
    } else {
      reporter.note(file.string() + " belongs to another model and is not used");
    }
  }
  teacher.logits =
      compute_logits(model, teacher.parameters, scales, dataset, all_images(dataset), threads);
  return teacher;
}

std::vector<float> activation_scales_of(const network::QuantizedNetwork& network) {
  std::vector<float> scales;
  for (const network::GemmLayer* layer : network.gemm_layers()) {
    scales.push_back(layer->output_scale);
  }
  return scales;
}

}  // namespace togglewise::compress
