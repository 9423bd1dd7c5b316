#include "compress/cli/compress_command.h"

#include <memory>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/core.h>

#include "compress/cli/common_options.h"
#include "compress/cli/console.h"
#include "compress/run/compress_run.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
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
  std::string mapping;
  double max_accuracy_drop = CompressOptions().max_accuracy_drop;
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
    fmt::print("top-1, {} images: {:.2f} % before, {:.2f} % after ({:.2f} points lost)\n",
               std::string(set) == "test" ? "test" : "held-out training",
               accuracy.at("before").at("top1_percent").get<double>(),
               accuracy.at("after").at("top1_percent").get<double>(),
               accuracy.at("drop_points").get<double>());
  }
  fmt::print("energy: dynamic, MACs that hold a weight, fidelity layer; time {:.1f} s\n",
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
  const config::HardwareConfig config = config::read_hardware_config(arguments.hardware);
  const std::optional<mapping::ChosenMapping> mapping = choose_mapping(arguments, config);
  const energy::EnergyTables tables = energy::read_tables(arguments.tables);
  const energy::MacHardware hardware(config);
  energy::require_tables_of_mac(tables, hardware, arguments.tables.string());
  CompressOptions options;
  options.workload = arguments.common.workload;
  options.model = arguments.model;
  options.out = arguments.common.out;
  options.max_accuracy_drop = arguments.max_accuracy_drop;
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
  const CostModel costs = [&](const network::Traces& traces) {
    energy::require_activations(tables, traces, arguments.tables.string());
    return mapped_costs(tables, hardware, mapping, traces, options.threads);
  };
  Console console;
  print_summary(run_compress(options, costs, console.reporter()), options.out);
}

}  // namespace

void add_compress_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("compress", "weight selection per layer under one global accuracy limit");
  auto arguments = std::make_shared<CompressArguments>();
  command->add_option("--hw", arguments->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", arguments->model, "dense int8 network (ONNX) that train wrote")
      ->required();
  command->add_option("--tables", arguments->tables, "energy tables that calibrate wrote")
      ->required();
  command->add_option("--mapping", arguments->mapping,
                      "how the layers lie on the array, as `map` wrote it: energies are those of "
                      "mapped layers, and the result carries the mapping; default: the one in the "
                      "model's metadata, if any; none: the natural one");
  command
      ->add_option("--max-accuracy-drop", arguments->max_accuracy_drop,
                   "points of top-1 that may be lost, on training images held out of training")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  add_common_options(*command, arguments->common);
  command->footer("An interrupted run goes on after its last finished trial.");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace togglewise::compress
