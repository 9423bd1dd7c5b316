#include "compress/cli/compress_command.h"

#include <algorithm>
#include <memory>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/core.h>

#include "compress/cli/common_options.h"
#include "compress/cli/console.h"
#include "compress/cli/duration.h"
#include "compress/run/compress_run.h"
#include "compress/select/make_method.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/nearest.h"
#include "sim/config/hardware_config.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_cost.h"
#include "sim/energy/mac_hardware.h"
#include "sim/graph/onnx_import.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/mapping/mapping_check.h"

namespace togglewise::compress {

namespace {

struct CompressArguments {
  CommonOptions common;
  std::filesystem::path model;
  std::filesystem::path hardware;
  std::filesystem::path tables;
  std::filesystem::path init;
  std::filesystem::path teacher;
  std::string mapping;
  std::string method = method_names().front();
  std::string budget;
  std::vector<double> max_accuracy_drops = CompressOptions().max_accuracy_drops;
  double margin = CompressOptions().margin_standard_errors;
  int energy_images = CompressOptions().energy_images;
  int trials = 0;
  int epochs = 0;
  bool pareto = false;
};

double nanojoules(const nlohmann::json& energy_fj) { return energy_fj.get<double>() * 1e-6; }

void print_summary(const nlohmann::json& result, const std::filesystem::path& out) {
  fmt::print("{:<10}{:>9}{:>12}{:>12}{:>9}{:>9}{:>9}\n", "layer", "weights", "before nJ",
             "after nJ", "saved %", "zeros %", "values");
  for (const nlohmann::json& layer : result.at("layers")) {
    const double before = nanojoules(layer.at("before").at("energy_fj_per_image"));
    const double after = nanojoules(layer.at("after").at("energy_fj_per_image"));
    const auto weights = layer.at("weights").get<double>();
    fmt::print("{:<10}{:>9}{:>12.3f}{:>12.3f}{:>9.1f}{:>9.1f}{:>9}\n",
               layer.at("name").get<std::string>(), weights, before, after,
               100.0 * (1.0 - after / before),
               100.0 * layer.at("after").at("zero_weights").get<double>() / weights,
               layer.at("after").at("distinct_values").get<std::size_t>());
  }
  const nlohmann::json& energy = result.at("energy");
  fmt::print("{:<19}{:>12.3f}{:>12.3f}{:>9.1f}\n", "per image",
             nanojoules(energy.at("before_fj_per_image")),
             nanojoules(energy.at("after_fj_per_image")),
             energy.at("reduction_percent").get<double>());
  for (const char* set : {"holdout", "test"}) {
    const nlohmann::json& accuracy = result.at("accuracy").at(set);
    const auto top1 = [&](const char* network) {
      return accuracy.at(network).at("top1_percent").get<double>();
    };
    fmt::print(
        "top-1, {} images {}: {:.2f} % float, {:.2f} % dense int8, {:.2f} % after ({:.2f} ± "
        "{:.2f} points below float)\n",
        accuracy.at("after").at("images").get<std::size_t>(),
        std::string(set) == "test" ? "of the final figure" : "of the limit", top1("float"),
        top1("before"), top1("after"), accuracy.at("drop_from_float_points").get<double>(),
        accuracy.at("drop_from_float_standard_error_points").get<double>());
  }
  if (energy.contains("gate")) {
    const nlohmann::json& gate = energy.at("gate");
    const nlohmann::json& mac = gate.at("mac_dynamic");
    fmt::print(
        "gates, {} timing, {} test images: MAC dynamic {:.3f} -> {:.3f} nJ (-{:.1f} ± {:.1f} "
        "%), total {:.3f} -> {:.3f} nJ (-{:.1f} %)\n",
        gate.at("timing").get<std::string>(), gate.at("images").get<int>(),
        nanojoules(mac.at("before_fj_per_image")), nanojoules(mac.at("after_fj_per_image")),
        mac.at("reduction_percent").get<double>(), mac.value("half_width_percent", 0.0),
        nanojoules(gate.at("total_before_fj_per_image")),
        nanojoules(gate.at("total_after_fj_per_image")),
        gate.at("total_reduction_percent").get<double>());
  }
  if (result.at("stopped_by_budget").get<bool>()) {
    fmt::print("the time budget ended the search early: another run may end elsewhere\n");
  }
  fmt::print("table above: dynamic, MACs that hold a weight, fidelity layer; time {:.1f} s\n",
             result.at("timing").at("total_seconds").get<double>());
  fmt::print("model, traces and compress.json are in {}\n", out.string());
}

// As --mapping says, or as the model's metadata does.
std::optional<mapping::ChosenMapping> choose_mapping(const CompressArguments& arguments,
                                                     const config::HardwareConfig& config) {
  const network::QuantizedNetwork network = graph::read_onnx(arguments.model);
  std::optional<mapping::ChosenMapping> chosen =
      mapping::load_mapping(arguments.mapping, network.metadata, arguments.model.string());
  if (!chosen) return chosen;
  mapping::check_hardware(chosen->mapping, config, chosen->source);
  mapping::check_layers(chosen->mapping, network.gemm_layers(), config.array.weight_bits,
                        chosen->source);
  return chosen;
}

// E_l(v) as the layers lie on the array, and as the hardware gates zero weights.
std::vector<energy::LayerCost> mapped_costs(const energy::EnergyTables& tables,
                                            const energy::MacHardware& hardware,
                                            const std::optional<mapping::ChosenMapping>& mapping,
                                            const network::Traces& traces, int threads) {
  const config::HardwareConfig::Gating& gating = hardware.config().gating;
  if (!mapping) return energy::layer_costs(tables, hardware.shape(), traces, threads, gating);
  network::Traces mapped = traces;
  mapping::apply_mapping(mapping->mapping, hardware.config(), mapping->source, mapped);
  return energy::layer_costs(tables, hardware.shape(), mapped, threads, gating);
}

void run(const CompressArguments& arguments) {
  config::HardwareConfig config = config::read_hardware_config(arguments.hardware);
  const std::optional<mapping::ChosenMapping> mapping = choose_mapping(arguments, config);
  const energy::EnergyTables tables = energy::read_tables(arguments.tables);
  // The gates at the end judge what the tables promised: "inertial, 50 ps" is timing inertial.
  config.energy.timing = tables.timing.substr(0, tables.timing.find(','));
  const energy::MacHardware hardware(config);
  energy::require_tables_of_mac(tables, hardware, arguments.tables.string());
  CompressOptions options;
  options.workload = arguments.common.workload;
  options.files = {arguments.model, arguments.init, arguments.teacher};
  options.method = make_method(arguments.method);
  options.max_accuracy_drops = arguments.max_accuracy_drops;
  std::sort(options.max_accuracy_drops.begin(), options.max_accuracy_drops.end());
  options.margin_standard_errors = arguments.margin;
  options.pareto = arguments.pareto;
  options.budget_seconds = seconds_of(arguments.budget);
  options.energy_images = arguments.energy_images;
  options.trials = arguments.trials;
  options.epochs = arguments.epochs;
  options.out = arguments.common.out;
  options.seed = arguments.common.seed;
  options.threads = arguments.common.thread_count();
  options.fresh = arguments.common.fresh;
  options.weight_bits = config.array.weight_bits;
  options.provenance = {
      {"hardware",
       {{"file", arguments.hardware.string()}, {"name", config.name}, {"hash", config.text_hash}}},
      {"tables",
       {{"file", arguments.tables.string()},
        {"hash", hash_bytes(read_file(arguments.tables))},
        {"grouping", tables.grouping->name()},
        {"timing_model", tables.timing}}}};
  if (mapping) {
    options.mapping_text = mapping->text;
    options.provenance["mapping"] = {{"source", mapping->source}, {"hash", mapping->hash}};
  }
  HardwareModel model;
  model.costs = [&](const network::Traces& traces) {
    energy::require_activations(tables, traces, arguments.tables.string());
    return mapped_costs(tables, hardware, mapping, traces, options.threads);
  };
  model.gates = [&](const network::Traces& traces, const ProgressFunction& progress) {
    network::Traces mapped = traces;
    if (mapping) mapping::apply_mapping(mapping->mapping, config, mapping->source, mapped);
    return energy::network_energy(hardware, mapped, energy::Fidelity::gate, nullptr,
                                  options.threads, progress);
  };
  Console console;
  print_summary(run_compress(options, model, console.reporter()), options.out);
}

}  // namespace

void add_compress_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("compress", "weight selection per layer under one global accuracy limit");
  auto arguments = std::make_shared<CompressArguments>();
  command->add_option("--hw", arguments->hardware, "hardware configuration (YAML)")->required();
  command
      ->add_option("--model", arguments->model,
                   "the network to compress (ONNX): dense int8 as train, quantize or others write "
                   "it, or float, which is quantized first")
      ->required();
  command->add_option("--init", arguments->init,
                      "the same network in real numbers (ONNX), to train on from; default: what "
                      "train left beside the model, else the model itself");
  command->add_option("--teacher", arguments->teacher,
                      "network (ONNX) to distil from; default: the one of --init");
  command->add_option("--tables", arguments->tables, "energy tables that calibrate wrote")
      ->required();
  command->add_option("--mapping", arguments->mapping,
                      "how the layers lie on the array, as `map` wrote it: energies are those of "
                      "mapped layers, and the result carries the mapping; default: the one in the "
                      "model's metadata, if any; none: the natural one");
  command
      ->add_option("--method", arguments->method,
                   "which values weights take: " + list_names(method_names()))
      ->capture_default_str();
  command
      ->add_option("--max-accuracy-drop", arguments->max_accuracy_drops,
                   "points of top-1 below the float network that may be lost, on images that "
                   "neither training nor the initial weights have seen; several, with commas: one "
                   "search for all, and model.onnx is that of the largest")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command
      ->add_option("--margin", arguments->margin,
                   "standard errors of the measured drop to stay away from the limit")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  command->add_flag("--pareto", arguments->pareto,
                    "keep every trial that no other beats as a model of its own, in pareto/");
  command->add_option("--budget", arguments->budget,
                      "time for the search, for example 45min; the one thing beside the seed that "
                      "may change the result");
  command
      ->add_option("--energy-images", arguments->energy_images,
                   "images of the final figure that go through the gates at the end; 0: none")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command->add_option("--trials", arguments->trials, "in place of the workload's")
      ->check(CLI::Range(1, 1000));
  command->add_option("--epochs", arguments->epochs, "of each trial, in place of the workload's")
      ->check(CLI::Range(1, 1000));
  add_common_options(*command, arguments->common);
  command->footer("An interrupted run goes on after its last finished epoch.");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace togglewise::compress
