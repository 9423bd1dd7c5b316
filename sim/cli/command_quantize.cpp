#include <memory>
#include <numeric>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/quantize_result.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "sim/network/traces.h"
#include "sim/quantize/float_check.h"
#include "sim/quantize/float_inference.h"
#include "sim/quantize/normalization.h"

namespace togglewise::cli {
namespace {

constexpr const char* model_file = "quantized.onnx";
constexpr const char* traces_file = "traces.h5";
constexpr const char* workload_file = "workload.yaml";
constexpr const char* result_file = "quantize.json";
constexpr std::size_t noise_images = 64;

struct Options : CommonOptions {
  std::filesystem::path model;
  std::filesystem::path data;
  int images = 512;
  int traced_images = 16;
  int test_images = 0;  // 0: all
  std::vector<float> mean;
  std::vector<float> deviation;
  bool per_tensor = false;
  bool largest_value = false;
  bool no_bias_correction = false;
  int weight_bits = 8;
  int activation_bits = 8;

  quantize::QuantizeParams params() const {
    quantize::QuantizeParams params;
    params.weight_bits = weight_bits;
    params.activation_bits = activation_bits;
    params.per_channel = !per_tensor;
    if (largest_value) params.scale_rule = quantize::ScaleRule::largest_value;
    params.bias_correction = !no_bias_correction;
    params.threads = thread_count();
    return params;
  }
};

// Where the images are, and how the workload of the integer network is known to other commands.
struct DataSource {
  config::WorkloadConfig::Dataset files;
  std::string name;
  std::filesystem::path workload;  // given as --data; "": a folder was, and a workload is written
};

DataSource open_data(const std::filesystem::path& data) {
  const std::string extension = data.extension().string();
  if (extension == ".yaml" || extension == ".yml") {
    const config::WorkloadConfig workload = config::read_workload_config(data);
    return {workload.dataset, workload.name, data};
  }
  config::WorkloadConfig::Dataset files = network::open_dataset(data);
  // idx files are MNIST's or one of its likes: they and users' images go by the name of their
  // folder.
  const std::filesystem::path folder = std::filesystem::absolute(data / "").parent_path();
  const std::string name =
      files.format == "idx" || files.format == "folder" ? folder.filename().string() : files.format;
  return {std::move(files), name, {}};
}

graph::FloatNetwork load_float_network(const Options& options) {
  graph::ImportedNetwork imported = graph::import_onnx(options.model);
  auto* network = std::get_if<graph::FloatNetwork>(&imported);
  if (network == nullptr) {
    throw Error::input("TW-PTQ-007", "the network is already quantized")
        .at(options.model.string())
        .expected("a network with float weights and without QuantizeLinear nodes");
  }
  network->geometry.name = options.model.stem().string();
  network->geometry.normalization = quantize::choose_normalization(
      network->geometry, options.mean, options.deviation, options.model.string());
  return std::move(*network);
}

std::vector<std::size_t> first_indices(int wanted, std::size_t size, const char* option,
                                       const char* set) {
  if (wanted < 0 || static_cast<std::size_t>(wanted) > size) {
    throw Error::input("TW-CLI-004", fmt::format("{} asks for {} images", option, wanted))
        .expected(fmt::format("up to {}, the size of the {} set", size, set));
  }
  std::vector<std::size_t> indices(static_cast<std::size_t>(wanted));
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

std::string hash_of_images(const network::Dataset& dataset,
                           const std::vector<std::size_t>& indices) {
  std::string pixels;
  for (const std::size_t index : indices) {
    pixels.append(reinterpret_cast<const char*>(dataset.image(index)), dataset.shape.size());
  }
  return hash_bytes(pixels);
}

std::string quoted(const std::string& text) {  // as a YAML scalar
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

// A workload with which the other commands find the network and its images again.
std::string workload_text(const DataSource& data, const network::QuantizedNetwork& network) {
  std::string text = fmt::format("name: {}\nmodel:\n  file: {}\ndataset:\n  format: {}\n",
                                 quoted(fmt::format("{}_{}", network.name, data.name)), model_file,
                                 data.files.format);
  const auto path = [&](const char* key, const std::filesystem::path& file) {
    text += fmt::format("  {}: {}\n", key, quoted(std::filesystem::absolute(file).string()));
  };
  if (data.files.format != "idx") {
    path("directory", data.files.directory);
    return text;
  }
  path("train_images", data.files.train_images);
  path("train_labels", data.files.train_labels);
  path("test_images", data.files.test_images);
  path("test_labels", data.files.test_labels);
  text += "  classes: [";
  for (int c = 0; c < network.classes; ++c) text += fmt::format("{}class_{}", c > 0 ? ", " : "", c);
  return text + "]\n";
}

void add_provenance(const Options& options, const DataSource& data, const QuantizeResult& result,
                    network::QuantizedNetwork& network) {
  std::map<std::string, std::string>& metadata = network.metadata;
  metadata["togglewise.version"] = kVersion;
  metadata["togglewise.seed"] = std::to_string(options.seed);
  metadata["togglewise.source"] = options.model.filename().string();
  metadata["togglewise.source_hash"] = result.source.hash;
  metadata["togglewise.dataset"] = data.name;
  metadata["togglewise.normalization"] = quantize::normalization_text(network.normalization);
  metadata["togglewise.calibration"] =
      fmt::format("{} training images", result.stats.calibration_images);
  metadata["togglewise.calibration_hash"] = result.calibration_hash;
  metadata["togglewise.workload"] = data.workload.empty() ? workload_file : data.workload.string();
}

void run(const Options& options) {
  require_writable_directory(options.out);
  const graph::FloatNetwork network = load_float_network(options);
  const DataSource data = open_data(options.data);
  const quantize::QuantizeParams params = options.params();
  const int threads = options.thread_count();

  QuantizeResult result;
  result.seed = options.seed;
  result.dataset = data.name;
  result.params = params;
  result.source = {network.geometry.name, options.model.string(),
                   hash_bytes(read_file(options.model))};

  const network::Dataset training = network::read_training_set(data.files);
  const network::Dataset test = network::read_test_set(data.files);
  quantize::check_dataset(network, test, options.model.string());
  const std::vector<std::size_t> calibration = quantize::draw_calibration_images(
      training.size(), static_cast<std::size_t>(options.images), options.seed);
  const std::vector<std::size_t> tested =
      first_indices(options.test_images > 0 ? options.test_images : static_cast<int>(test.size()),
                    test.size(), "--test-images", "test");
  const auto first = [&](std::size_t count) {
    const std::size_t limit = std::min(count, calibration.size());
    return std::vector<std::size_t>(calibration.begin(),
                                    calibration.begin() + static_cast<std::ptrdiff_t>(limit));
  };
  const std::vector<std::size_t> traced = first(static_cast<std::size_t>(options.traced_images));

  announce(fmt::format("calibrating on {} training images of {}", calibration.size(), data.name));
  result.calibration_hash = hash_of_images(training, calibration);
  Stopwatch watch;
  network::QuantizedNetwork quantized =
      quantize::quantize_network(network, training, calibration, params, options.model.string(),
                                 &result.stats, make_progress_printer());
  result.noise =
      quantize::measure_noise(network, quantized, training, first(noise_images), threads);
  result.noise_images = first(noise_images).size();
  result.quantize_seconds = watch.seconds();

  announce(fmt::format("float inference of {} test images", tested.size()));
  result.test_images = tested.size();
  watch = Stopwatch();
  result.float_correct = quantize::count_correct(network, test, tested, threads);
  result.float_seconds = watch.seconds();
  announce(fmt::format("integer inference of {} test images", tested.size()));
  watch = Stopwatch();
  result.integer_correct = network::count_correct(quantized, test, tested, threads);
  result.integer_seconds = watch.seconds();

  add_provenance(options, data, result, quantized);
  const std::string model = network::to_onnx(quantized);
  result.model = {quantized.name, model_file, hash_bytes(model)};
  result.traced_images = traced.size();
  const network::Traces traces = network::trace_network(
      quantized, training, traced,
      fmt::format("{} of the training images of {}", traced.size(), data.name), threads);
  write_file_atomically(options.out / model_file, model);
  network::write_traces(traces, options.out / traces_file);
  if (data.workload.empty()) {
    write_file_atomically(options.out / workload_file, workload_text(data, quantized));
  }
  report::write_result(options.out / result_file, quantize_json(result, quantized));

  fmt::print("{} on {}, {}-bit weights {}, {}-bit activations\n\n{}\nResults: {}\n", quantized.name,
             data.name, params.weight_bits,
             params.per_channel ? "per output channel" : "per tensor", params.activation_bits,
             quantize_text(result, quantized), options.out.string());
}

}  // namespace

void add_quantize_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("quantize", "int8 (or narrower) network from a float one, no training");
  const auto options = std::make_shared<Options>();
  command->add_option("model", options->model, "float network (ONNX)")->required();
  command
      ->add_option("--data", options->data,
                   "folder of a dataset (CIFAR-10, CIFAR-100, MNIST's files, images by class) or "
                   "workload YAML")
      ->required();
  command->add_option("--images", options->images, "training images that the scales come from")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--mean", options->mean, "of pixels 0..1, one or one a channel")
      ->delimiter(',');
  command->add_option("--std", options->deviation, "of pixels 0..1, one or one a channel")
      ->delimiter(',');
  command->add_flag("--per-tensor", options->per_tensor,
                    "one weight scale a layer instead of one an output channel");
  command->add_flag("--largest-value", options->largest_value,
                    "scales that clip nothing instead of those of least squared error");
  command->add_flag("--no-bias-correction", options->no_bias_correction,
                    "leave the mean error of rounded weights in");
  command->add_option("--weight-bits", options->weight_bits, "4 to 8")->capture_default_str();
  command->add_option("--activation-bits", options->activation_bits, "4 to 8")
      ->capture_default_str();
  command
      ->add_option("--test-images", options->test_images,
                   "measure the accuracies on the first K test images (default: all)")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--traces", options->traced_images, "calibration images in the operand traces")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
