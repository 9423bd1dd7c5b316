#include "compress/cli/compress_arguments.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>

#include "compress/cli/duration.h"
#include "sim/base/error.h"
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

// As --mapping says, or as the model's metadata does.
std::optional<mapping::ChosenMapping> choose_mapping(const CompressArguments& arguments,
                                                     const config::HardwareConfig& config) {
  const graph::ImportedNetwork imported = graph::import_onnx(arguments.model);
  const auto* quantized = std::get_if<network::QuantizedNetwork>(&imported);
  if (quantized == nullptr && arguments.mapping.empty()) return std::nullopt;
  if (quantized == nullptr && arguments.mapping != "none") {
    throw Error::input("TW-COMPRESS-014", "a mapping is of an int8 network, and the model is float")
        .at(arguments.model.string())
        .expected("the model that `map` read, which `quantize` writes");
  }
  if (quantized == nullptr) return std::nullopt;
  const network::QuantizedNetwork& network = *quantized;
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

nlohmann::json provenance_of(const CompressArguments& arguments,
                             const config::HardwareConfig& config,
                             const energy::EnergyTables& tables) {
  return {
      {"hardware",
       {{"file", arguments.hardware.string()}, {"name", config.name}, {"hash", config.text_hash}}},
      {"tables",
       {{"file", arguments.tables.string()},
        {"hash", hash_bytes(read_file(arguments.tables))},
        {"grouping", tables.grouping->name()},
        {"timing_model", tables.timing}}}};
}

DelayLimit delay_limit_of(const CompressArguments& arguments, const energy::MacHardware& hardware) {
  DelayLimit limit;
  limit.delays = energy::read_weight_delays(arguments.delays);
  energy::require_delays_match(limit.delays, hardware, arguments.delays.string());
  limit.source = arguments.delays.string();
  limit.hash = hash_bytes(read_file(arguments.delays));
  limit.limit_ps = arguments.delay_limit_ps;
  limit.kind =
      arguments.delay_kind == "sta" ? energy::DelayKind::sta : energy::DelayKind::sensitized;
  limit.hardware = hardware.config();
  return limit;
}

// The gates at the end judge what the tables promised: "inertial, 50 ps" is timing inertial.
config::HardwareConfig with_timing_of(config::HardwareConfig config,
                                      const energy::EnergyTables& tables) {
  config.energy.timing = tables.timing.rfind("inertial", 0) == 0 ? "inertial" : "zero";
  return config;
}

}  // namespace

struct CompressInputs::Loaded {
  explicit Loaded(const CompressArguments& arguments)
      : config(config::read_hardware_config(arguments.hardware)),
        mapping(choose_mapping(arguments, config)),
        tables(energy::read_tables(arguments.tables)),
        tables_file(arguments.tables.string()),
        hardware(with_timing_of(config, tables)),
        threads(arguments.common.thread_count()) {
    energy::require_tables_of_mac(tables, hardware, tables_file);
  }

  config::HardwareConfig config;
  std::optional<mapping::ChosenMapping> mapping;
  energy::EnergyTables tables;
  std::string tables_file;
  energy::MacHardware hardware;
  int threads;
};

CompressInputs::CompressInputs(const CompressArguments& arguments)
    : loaded_(std::make_unique<const Loaded>(arguments)) {
  options_.workload = arguments.common.workload;
  options_.files = {arguments.model, arguments.init, arguments.teacher};
  options_.max_accuracy_drops = arguments.max_accuracy_drops;
  std::sort(options_.max_accuracy_drops.begin(), options_.max_accuracy_drops.end());
  options_.margin_standard_errors = arguments.margin;
  options_.pareto = arguments.pareto;
  options_.budget_seconds = seconds_of(arguments.budget);
  options_.energy_images = arguments.energy_images;
  options_.activation_bits = arguments.activation_bits;
  options_.trials = arguments.trials;
  options_.epochs = arguments.epochs;
  options_.continued_epochs = arguments.continued_epochs;
  options_.largest_set = arguments.largest_set;
  options_.out = arguments.common.out;
  options_.seed = arguments.common.seed;
  options_.threads = arguments.common.thread_count();
  options_.fresh = arguments.common.fresh;
  options_.weight_bits = loaded_->config.array.weight_bits;
  options_.provenance = provenance_of(arguments, loaded_->config, loaded_->tables);
  if (loaded_->mapping) {
    options_.mapping_text = loaded_->mapping->text;
    options_.provenance["mapping"] = {{"source", loaded_->mapping->source},
                                      {"hash", loaded_->mapping->hash}};
  }
  if (!arguments.sets.empty()) options_.sets = read_hand_sets(arguments.sets);
  if (!arguments.delays.empty()) {
    options_.delay_limit = delay_limit_of(arguments, loaded_->hardware);
  }
}

CompressInputs::~CompressInputs() = default;

HardwareModel CompressInputs::hardware() const {
  HardwareModel model;
  const Loaded& loaded = *loaded_;
  model.costs = [&loaded](const network::Traces& traces) {
    energy::require_activations(loaded.tables, traces, loaded.tables_file);
    return mapped_costs(loaded.tables, loaded.hardware, loaded.mapping, traces, loaded.threads);
  };
  model.gates = [&loaded](const network::Traces& traces, const ProgressFunction& progress) {
    network::Traces mapped = traces;
    if (loaded.mapping) {
      mapping::apply_mapping(loaded.mapping->mapping, loaded.hardware.config(),
                             loaded.mapping->source, mapped);
    }
    return energy::network_energy(loaded.hardware, mapped, energy::Fidelity::gate, nullptr,
                                  loaded.threads, progress);
  };
  return model;
}

void add_compress_options(CLI::App& command, CompressArguments& arguments) {
  command.add_option("--hw", arguments.hardware, "hardware configuration (YAML)")->required();
  command
      .add_option("--model", arguments.model,
                  "the network to compress (ONNX): dense int8 as train, quantize or others write "
                  "it, or float, which is quantized first")
      ->required();
  command.add_option("--init", arguments.init,
                     "the same network in real numbers (ONNX), to train on from; default: what "
                     "train left beside the model, else the model itself");
  command.add_option("--teacher", arguments.teacher,
                     "network (ONNX) to distil from; default: the one of --init");
  command.add_option("--tables", arguments.tables, "energy tables that calibrate wrote")
      ->required();
  command.add_option("--mapping", arguments.mapping,
                     "how the layers lie on the array, as `map` wrote it: energies are those of "
                     "mapped layers, and the result carries the mapping; default: the one in the "
                     "model's metadata, if any; none: the natural one");
  command
      .add_option("--max-accuracy-drop", arguments.max_accuracy_drops,
                  "points of top-1 below the float network that may be lost, on images that "
                  "neither training nor the initial weights have seen; several, with commas: one "
                  "search for all, and model.onnx is that of the largest")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command
      .add_option("--margin", arguments.margin,
                  "standard errors of the measured drop to stay away from the limit")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  command.add_flag("--pareto", arguments.pareto,
                   "keep every trial that no other beats as a model of its own, in pareto/");
  command.add_option("--budget", arguments.budget,
                     "time for the search, for example 45min; the one thing beside the seed that "
                     "may change the result");
  command
      .add_option("--energy-images", arguments.energy_images,
                  "images of the final figure that go through the gates at the end; 0: none")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command
      .add_option("--activation-bits", arguments.activation_bits,
                  "bits of what enters a layer's array, in place of the workload's; the dense "
                  "network keeps what it has")
      ->check(CLI::Range(4, 8));
  command.add_option("--trials", arguments.trials, "in place of the workload's")
      ->check(CLI::Range(1, 1000));
  command.add_option("--epochs", arguments.epochs, "of each trial, in place of the workload's")
      ->check(CLI::Range(1, 1000));
  command
      .add_option("--continued-epochs", arguments.continued_epochs,
                  "of trials that go on from the network of a milder one, in place of the "
                  "workload's; 0: every trial begins anew")
      ->check(CLI::Range(0, 1000));
  command.add_option(
      "--sets", arguments.sets,
      "weight values given by hand (YAML): one list for all layers, or one by layer");
  command.add_option("--largest-set", arguments.largest_set,
                     "most weight values a layer may have, 2 to 255, in place of the workload's");
  CLI::Option* limit =
      command
          .add_option("--delay-limit-ps", arguments.delay_limit_ps,
                      "only weight values whose MAC settles in so many picoseconds")
          ->check(CLI::PositiveNumber);
  command.add_option("--delays", arguments.delays, "delays.json that delays wrote")->needs(limit);
  limit->needs("--delays");
  command
      .add_option("--delay", arguments.delay_kind,
                  "which delay the limit holds for: sta (no transition takes longer), sensitized "
                  "(the longest seen)")
      ->check(CLI::IsMember({"sta", "sensitized"}))
      ->capture_default_str();
  add_common_options(command, arguments.common);
}

}  // namespace togglewise::compress
