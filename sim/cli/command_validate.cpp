#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/cli/validation.h"
#include "sim/cli/validation_json.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path baseline;
  std::filesystem::path workload;
  std::string style = "loop";
  int images = 200;
};

// The network before compression: given, or named in the model; a dense model has none.
std::optional<LoadedModel> load_baseline(const Options& options, const LoadedModel& model,
                                         const config::HardwareConfig& config) {
  if (options.baseline.empty() && model.network.metadata.count("togglewise.baseline") == 0) {
    return std::nullopt;
  }
  return load_model(path_from_model(options.baseline, model, "togglewise.baseline", "--baseline"),
                    config);
}

void run(const Options& options) {
  const Stopwatch watch;
  require_writable_directory(options.out);
  const config::HardwareConfig config = config::read_hardware_config(options.hardware);
  const LoadedModel model = load_model(options.model, config);
  const std::optional<LoadedModel> baseline = load_baseline(options, model, config);
  const config::WorkloadConfig workload = config::read_workload_config(
      path_from_model(options.workload, model, "togglewise.workload", "--workload"));
  const TestImages images = first_test_images(workload, options.images);
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);
  announce(fmt::format("{} through the {}x{} RTL ({})", images.source, config.array.rows,
                       config.array.columns, options.style));
  std::vector<const network::QuantizedNetwork*> networks;
  if (baseline) networks.push_back(&baseline->network);
  networks.push_back(&model.network);
  ValidationParams params;
  params.style = options.style == "loop" ? systemc::RtlStyle::loop : systemc::RtlStyle::structural;
  params.threads = options.thread_count();
  const Validation validation =
      validate(hardware, networks, images.dataset, images.indices, params, make_progress_printer());

  ValidationRun description;
  description.seed = options.seed;
  description.hardware = &config;
  description.model = model.identity;
  if (baseline) description.baseline = baseline->identity;
  description.workload = images.workload;
  description.image_source = images.source;
  description.style = options.style;
  description.seconds = watch.seconds();
  report::write_result(options.out / "validate.json", validation_json(description, validation));
  fmt::print("{} on {}, {}\n\n{}\nResults: {}\n", model.identity.name, config.name, images.source,
             validation_text(description, validation), options.out.string());
  if (!validation.passed()) {
    throw Error::run("TW-VALIDATE-001", "the models of the array do not agree")
        .at((options.out / "validate.json").string())
        .expected("no mismatch");
  }
}

}  // namespace

void add_validate_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "validate", "the network cycle by cycle through the RTL, compared and measured gate by gate");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)")->required();
  command->add_option("--baseline", options->baseline,
                      "network before compression (default: the one named in the model, if any)");
  command->add_option("--workload", options->workload,
                      "workload with the test images (default: the one named in the model)");
  command->add_option("--images", options->images, "the first N test images")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--rtl", options->style, "RTL style")
      ->check(CLI::IsMember({"loop", "structural"}))
      ->capture_default_str();
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
