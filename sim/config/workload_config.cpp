#include "sim/config/workload_config.h"

#include <utility>

#include <fmt/format.h>

#include "sim/config/yaml_reader.h"

namespace togglewise::config {
namespace {

constexpr RealRange learning_rates = {0, 10, false, true};

// What the keys of `model` and `dataset` must be for each other.
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

void check_dataset(const WorkloadConfig::Dataset& dataset, const YamlDocument& document) {
  const bool idx = dataset.format == "idx";
  const std::pair<const char*, const std::filesystem::path*> paths[] = {
      {"train_images", &dataset.train_images}, {"train_labels", &dataset.train_labels},
      {"test_images", &dataset.test_images},   {"test_labels", &dataset.test_labels},
      {"directory", &dataset.directory},
  };
  for (const auto& [name, path] : paths) {
    const bool wanted = (path != &dataset.directory) == idx;
    const std::string key = fmt::format("dataset.{}", name);
    if (wanted && path->empty()) {
      throw document
          .error_at(
              "dataset.format", "TW-CFG-003",
              fmt::format("key '{}' is missing, which the format {} needs", key, dataset.format))
          .expected(idx ? "the four files of images and labels" : "the folder of the binary files");
    }
    if (!wanted && !path->empty()) {
      throw document
          .error_at(key, "TW-CFG-009",
                    fmt::format("the format {} has no '{}'", dataset.format, name))
          .expected(idx ? "the four files of images and labels" : "'directory' alone");
    }
  }
  if (idx && dataset.classes.empty()) {
    throw document.error_at("dataset.format", "TW-CFG-003", "key 'dataset.classes' is missing")
        .expected("the names of the classes, in the order of their labels");
  }
  const std::size_t classes =
      idx ? dataset.classes.size() : cifar_class_names(dataset.format).size();
  if (!dataset.classes.empty() && dataset.classes.size() != classes) {
    throw document
        .error_at("dataset.classes", "TW-CFG-009",
                  fmt::format("'dataset.classes' has {} names", dataset.classes.size()))
        .expected(fmt::format("{}, as {} has", classes, dataset.format));
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
  model.choice("architecture", config.model.architecture, {"lenet5"}, Presence::optional)
      .path("file", config.model.file, Presence::optional);
  YamlSection dataset;
  dataset
      .choice("format", config.dataset.format, {"idx", "cifar10", "cifar100"}, Presence::required)
      .path("train_images", config.dataset.train_images, Presence::optional)
      .path("train_labels", config.dataset.train_labels, Presence::optional)
      .path("test_images", config.dataset.test_images, Presence::optional)
      .path("test_labels", config.dataset.test_labels, Presence::optional)
      .path("directory", config.dataset.directory, Presence::optional)
      .text("package", config.dataset.package, Presence::optional)
      .texts("classes", config.dataset.classes, {2, 256}, Presence::optional)
      .integer("holdout_images", config.dataset.holdout_images, {1, 1000000}, Presence::optional);
  YamlSection training;
  training.integer("epochs", config.training.epochs, {1, 1000}, Presence::optional)
      .integer("quantization_epochs", config.training.quantization_epochs, {1, 1000},
               Presence::optional)
      .integer("batch_size", config.training.batch_size, {1, 65536}, Presence::optional)
      .integer("gradient_shards", config.training.gradient_shards, {1, 64}, Presence::optional)
      .real("learning_rate", config.training.learning_rate, learning_rates, Presence::optional)
      .real("momentum", config.training.momentum, {0, 1, true, false}, Presence::optional)
      .real("weight_decay", config.training.weight_decay, {0, 1}, Presence::optional);
  YamlSection compression;
  compression.integer("epochs", config.compression.epochs, {1, 1000}, Presence::optional)
      .integer("trials", config.compression.trials, {1, 100}, Presence::optional)
      .real("learning_rate", config.compression.learning_rate, learning_rates, Presence::optional)
      .real("distillation_temperature", config.compression.distillation_temperature,
            {0, 100, false, true}, Presence::optional)
      .integer("largest_set", config.compression.largest_set, {0, 256}, Presence::optional);
  YamlSection calibration;
  calibration.integer("images", config.calibration.images, {1, 100000}, Presence::optional);
  YamlSection root;
  root.text("name", config.name, Presence::required)
      .integer("batch_size", config.batch_size, {1, 65536}, Presence::optional)
      .section("model", model, Presence::required)
      .section("dataset", dataset, Presence::required)
      .section("training", training, Presence::optional)
      .section("compression", compression, Presence::optional)
      .section("calibration", calibration, Presence::optional);

  const YamlDocument document(file, root);
  config.text_hash = document.text_hash();
  check_model(config.model, document);
  check_dataset(config.dataset, document);
  check_combinations(config, document);
  if (config.dataset.classes.empty()) {
    config.dataset.classes = cifar_class_names(config.dataset.format);
  }
  return config;
}

}  // namespace togglewise::config
