#include "sim/config/workload_config.h"

#include <fmt/format.h>

#include "sim/config/dataset_section.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::config {
namespace {

constexpr RealRange learning_rates = {0, 10, false, true};

// A network comes from one of two places.
void check_model(const WorkloadConfig::Model& model, const YamlDocument& document) {
  if (!model.architecture.empty() && !model.file.empty()) {
    throw document
        .error_at("model.file", "TW-CFG-009", "'model' has an 'architecture' and a 'file'")
        .expected("an architecture to train, or the file of a finished network");
  }
  if (model.architecture.empty() && model.file.empty()) {
    throw document.error_at("model", "TW-CFG-003", "'model' has no 'architecture' and no 'file'")
        .expected("one of them");
  }
}

// What no single key can tell: combinations of values that contradict each other.
void check_combinations(const WorkloadConfig& config, const YamlDocument& document) {
  const WorkloadConfig::Training& training = config.training;
  if (training.quantization_epochs > training.epochs) {
    throw document
        .error_at("training.quantization_epochs", "TW-CFG-009",
                  fmt::format("'training.quantization_epochs' is {}, but there are only {} epochs",
                              training.quantization_epochs, training.epochs))
        .expected(fmt::format("at most {} ('training.epochs')", training.epochs));
  }
  if (training.gradient_shards > training.batch_size) {
    throw document
        .error_at("training.gradient_shards", "TW-CFG-009",
                  fmt::format("'training.gradient_shards' is {}, but a batch has only {} images",
                              training.gradient_shards, training.batch_size))
        .expected(fmt::format("at most {} ('training.batch_size')", training.batch_size));
  }
  if (config.compression.largest_set == 1) {
    throw document
        .error_at("compression.largest_set", "TW-CFG-009",
                  "'compression.largest_set' is 1: a layer with one weight value computes nothing")
        .expected("0 (no limit) or at least 2");
  }
}

}  // namespace

WorkloadConfig read_workload_config(const std::filesystem::path& file) {
  WorkloadConfig config;
  config.file = file;

  config.model.architecture.clear();
  YamlSection model;
  model.text("architecture", config.model.architecture, Presence::optional)
      .path("file", config.model.file, Presence::optional);
  DatasetSection dataset(config.dataset);
  std::string flip = "false";
  YamlSection augmentation;
  augmentation.choice("flip", flip, {"true", "false"}, Presence::optional)
      .integer("crop_padding", config.training.augmentation.crop_padding, {0, 8},
               Presence::optional);
  YamlSection training;
  training.integer("epochs", config.training.epochs, {1, 1000}, Presence::optional)
      .integer("quantization_epochs", config.training.quantization_epochs, {1, 1000},
               Presence::optional)
      .integer("batch_size", config.training.batch_size, {1, 65536}, Presence::optional)
      .integer("gradient_shards", config.training.gradient_shards, {1, 64}, Presence::optional)
      .real("learning_rate", config.training.learning_rate, learning_rates, Presence::optional)
      .real("momentum", config.training.momentum, {0, 1, true, false}, Presence::optional)
      .real("weight_decay", config.training.weight_decay, {0, 1}, Presence::optional)
      .section("augmentation", augmentation, Presence::optional)
      .choice("precision", config.training.precision, {"auto", "float32", "bfloat16"},
              Presence::optional)
      .choice("device", config.training.device, {"cpu", "cuda"}, Presence::optional);
  YamlSection compression;
  compression.integer("epochs", config.compression.epochs, {1, 1000}, Presence::optional)
      .integer("continued_epochs", config.compression.continued_epochs, {0, 1000},
               Presence::optional)
      .integer("trials", config.compression.trials, {1, 100}, Presence::optional)
      .real("learning_rate", config.compression.learning_rate, learning_rates, Presence::optional)
      .real("distillation_temperature", config.compression.distillation_temperature,
            {0, 100, false, true}, Presence::optional)
      .integer("activation_bits", config.compression.activation_bits, {4, 8}, Presence::optional)
      .integer("largest_set", config.compression.largest_set, {0, 256}, Presence::optional);
  YamlSection calibration;
  calibration.integer("images", config.calibration.images, {1, 100000}, Presence::optional);
  YamlSection root;
  root.text("name", config.name, Presence::required)
      .integer("batch_size", config.batch_size, {1, 65536}, Presence::optional)
      .section("model", model, Presence::required)
      .section("dataset", dataset.section, Presence::required)
      .section("training", training, Presence::optional)
      .section("compression", compression, Presence::optional)
      .section("calibration", calibration, Presence::optional);

  const YamlDocument document(file, root);
  config.text_hash = document.text_hash();
  check_model(config.model, document);
  dataset.finish(document);
  check_combinations(config, document);
  config.training.augmentation.flip = flip == "true";
  return config;
}

}  // namespace togglewise::config
