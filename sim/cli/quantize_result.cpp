#include "sim/cli/quantize_result.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/quantize/normalization.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using report::Json;

const char* rule_name(quantize::ScaleRule rule) {
  return rule == quantize::ScaleRule::mean_squared_error ? "mean_squared_error" : "largest_value";
}

Json decibels(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json layer_json(const network::GemmLayer& layer, const quantize::LayerNoise& noise) {
  const auto ends = std::minmax_element(layer.weight_scale.begin(), layer.weight_scale.end());
  return {{"name", layer.name},
          {"input_scale", layer.input_scale},
          {"smallest_weight_scale", *ends.first},
          {"largest_weight_scale", *ends.second},
          {"output_scale", layer.output_scale},
          {"weights_snr_db", decibels(noise.weights_db)},
          {"input_snr_db", decibels(noise.input_db)},
          {"output_snr_db", decibels(noise.output_db)}};
}

Json tensor_json(const quantize::TensorScale& tensor) {
  return {{"name", tensor.name},
          {"scale", tensor.scale},
          {"smallest", tensor.smallest},
          {"largest", tensor.largest},
          {"clipped_at", tensor.clipped_at},
          {"snr_db", decibels(tensor.noise_db)}};
}

}  // namespace

Json quantize_json(const QuantizeResult& result, const network::QuantizedNetwork& network) {
  Json json = report::result_header("quantize", result.seed);
  json["source"] = report::model_json(result.source);
  json["model"] = report::model_json(result.model);
  json["dataset"] = {{"name", result.dataset},
                     {"normalization", quantize::normalization_text(network.normalization)},
                     {"calibration_images", result.stats.calibration_images},
                     {"calibration_hash", result.calibration_hash},
                     {"traced_images", result.traced_images}};
  json["quantization"] = {
      {"weight_bits", result.params.weight_bits},
      {"activation_bits", result.params.activation_bits},
      {"weight_scales", result.params.per_channel ? "per_channel" : "per_tensor"},
      {"scale_rule", rule_name(result.params.scale_rule)},
      {"bias_correction", result.params.bias_correction}};
  json["accuracy"] = {{"test_images", result.test_images},
                      {"float_correct", result.float_correct},
                      {"float", result.accuracy(result.float_correct)},
                      {"integer_correct", result.integer_correct},
                      {"integer", result.accuracy(result.integer_correct)}};
  json["snr_images"] = result.noise_images;
  json["layers"] = Json::array();
  const std::vector<const network::GemmLayer*> layers = network.gemm_layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    json["layers"].push_back(layer_json(*layers[i], result.noise[i]));
  }
  json["tensors"] = Json::array();
  for (const quantize::TensorScale& tensor : result.stats.tensors) {
    json["tensors"].push_back(tensor_json(tensor));
  }
  json["timing"] = {{"quantize_s", result.quantize_seconds},
                    {"float_inference_s", result.float_seconds},
                    {"integer_inference_s", result.integer_seconds}};
  return json;
}

std::string quantize_text(const QuantizeResult& result, const network::QuantizedNetwork& network) {
  using report::format_digits;
  using report::format_fixed;
  report::ConsoleTable table({{"Layer", "", report::ConsoleTable::Align::left},
                              {"Input", "scale"},
                              {"Weights", "scale, mean"},
                              {"Output", "scale"},
                              {"Weights", "SNR dB"},
                              {"Input", "SNR dB"},
                              {"Output", "SNR dB"}});
  const std::vector<const network::GemmLayer*> layers = network.gemm_layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const network::GemmLayer& layer = *layers[i];
    double scales = 0;
    for (const float scale : layer.weight_scale) scales += double{scale};
    table.add_row({layer.name, format_digits(double{layer.input_scale}, 4),
                   format_digits(scales / static_cast<double>(layer.weight_scale.size()), 4),
                   layer.output_scale > 0 ? format_digits(double{layer.output_scale}, 4) : "–",
                   format_fixed(result.noise[i].weights_db, 1),
                   format_fixed(result.noise[i].input_db, 1),
                   format_fixed(result.noise[i].output_db, 1)});
  }
  const auto accuracy = [&](const char* name, std::size_t correct) {
    return fmt::format("{:<8} {} ({} of {} test images)\n", name,
                       report::format_percent(result.accuracy(correct), 2),
                       report::format_count(correct), report::format_count(result.test_images));
  };
  return fmt::format("{}\n{}{}", table.text(), accuracy("float", result.float_correct),
                     accuracy("integer", result.integer_correct));
}

}  // namespace togglewise::cli
