#include <algorithm>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/delays_report.h"
#include "sim/cli/mapping_option.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/run_inputs.h"
#include "sim/energy/mac_hardware.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path traces;
  std::filesystem::path model;
  std::string mapping;
  std::uint64_t transitions = energy::WeightDelayParams{}.traced_transitions;
  std::optional<double> limit_ps;
  std::optional<double> limit_percent;
  std::string delay = "sta";
  bool either_sign = false;
  bool nonnegative = false;
};

std::optional<DelayLimit> limit_of(const Options& options, const energy::WeightDelays& delays) {
  if (!options.limit_ps && !options.limit_percent) return std::nullopt;
  DelayLimit limit;
  limit.choice.kind =
      options.delay == "sta" ? energy::DelayKind::sta : energy::DelayKind::sensitized;
  const double longest_ps = energy::longest_delay_ps(
      delays, {limit.choice.kind, energy::Signs::as_given, energy::Activations::any});
  if (options.either_sign) limit.choice.signs = energy::Signs::either;
  if (options.nonnegative) limit.choice.activations = energy::Activations::nonnegative;
  limit.percent = options.limit_percent;
  limit.limit_ps = options.limit_ps.value_or(0.01 * options.limit_percent.value_or(0) * longest_ps);
  limit.values = energy::values_within(delays, limit.limit_ps, limit.choice);
  if (limit.values.empty()) {
    double shortest_ps = longest_ps;
    for (int weight = delays.lowest_weight(); weight <= delays.highest_weight(); ++weight) {
      shortest_ps = std::min(shortest_ps, energy::delay_ps(delays, weight, limit.choice));
    }
    throw Error::input("TW-DELAY-006",
                       fmt::format("no weight value settles within {:.0f} ps", limit.limit_ps))
        .expected(fmt::format("a limit from {:.0f} to {:.0f} ps", shortest_ps, longest_ps));
  }
  return limit;
}

// Per layer: whether the mapping negates columns of it.
std::vector<bool> negated_layers(const std::optional<ChosenMapping>& chosen,
                                 const network::QuantizedNetwork& network, bool either_sign) {
  std::vector<bool> negated(network.gemm_layers().size(), either_sign);
  if (!chosen) return negated;
  for (const mapping::MappedLayer& layer : chosen->mapping.layers) {
    for (std::size_t l = 0; l < negated.size(); ++l) {
      if (network.gemm_layers()[l]->name != layer.name) continue;
      for (const network::TileMapping& tile : layer.mapping.tiles) {
        if (std::count(tile.negated.begin(), tile.negated.end(), 1) > 0) negated[l] = true;
      }
    }
  }
  return negated;
}

std::vector<energy::DelayScope> scopes(const DelaysRun& run) {
  using energy::DelayKind;
  const auto longest = [&](const std::vector<int>& values, energy::DelayChoice choice,
                           DelayKind kind) {
    choice.kind = kind;
    return energy::longest_delay_ps(run.delays, values, choice);
  };
  std::vector<energy::DelayScope> scopes;
  const energy::DelayScope all{
      "all values", energy::longest_delay_ps(run.delays, {DelayKind::sta, {}, {}}),
      energy::longest_delay_ps(run.delays, {DelayKind::sensitized, {}, {}})};
  scopes.push_back(all);
  if (run.limit) {
    scopes.push_back({"values within the limit",
                      longest(run.limit->values, run.limit->choice, DelayKind::sta),
                      longest(run.limit->values, run.limit->choice, DelayKind::sensitized)});
  }
  if (run.model) {
    scopes.push_back({"network", run.network.longest_ps(DelayKind::sta),
                      run.network.longest_ps(DelayKind::sensitized)});
  }
  return scopes;
}

void run(const Options& options) {
  const Stopwatch watch;
  config::HardwareConfig config = config::read_hardware_config(options.hardware);
  config.energy.timing = "zero";  // energies are not asked for
  DelaysRun result;
  std::optional<LoadedModel> model;
  std::optional<ChosenMapping> mapping;
  if (!options.model.empty()) {
    model = load_model(options.model, config);
    mapping = load_mapping(options.mapping, model->network.metadata, options.model.string());
  }
  std::optional<network::Traces> traces;
  if (!options.traces.empty()) traces = network::read_traces(options.traces);
  require_writable_directory(options.out);
  announce(
      fmt::format("synthesizing the MAC onto {}", config.technology.liberty.filename().string()));
  const energy::MacHardware hardware(config);

  energy::WeightDelayParams params;
  params.traced_transitions = options.transitions;
  params.seed = options.seed;
  params.threads = options.thread_count();
  result.delays = energy::measure_weight_delays(hardware, traces ? &*traces : nullptr, params,
                                                make_progress_printer());
  result.seed = options.seed;
  result.hardware = &config;
  result.traces_file = options.traces.string();
  result.limit = limit_of(options, result.delays);
  if (model) {
    result.model = model->identity;
    result.network =
        energy::network_delays(result.delays, model->network,
                               negated_layers(mapping, model->network, options.either_sign));
  }
  if (config.voltage.given) {
    result.supply = energy::voltage_choices(result.delays, scopes(result), config);
  }
  result.seconds = watch.seconds();
  write_file_atomically(options.out / "delays.csv", delays_csv(result.delays));
  report::write_result(options.out / "delays.json", delays_json(result));
  fmt::print("{}\n\n{}\nResults: {}\n", config.name, delays_text(result), options.out.string());
}

}  // namespace

void add_delays_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "delays", "how long the MAC takes with each weight value, and what a limit permits");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--traces", options->traces,
                      "real operands to try beside all pairs of activations (HDF5)");
  command
      ->add_option("--transitions", options->transitions,
                   "transitions of the traces to try with each weight value")
      ->check(CLI::Range(1, 1 << 24))
      ->capture_default_str();
  command->add_option("--model", options->model,
                      "int8 network (ONNX, QDQ) whose weights are looked up");
  command->add_option("--mapping", options->mapping,
                      "mapping of the model, which may negate columns (default: the one in its "
                      "metadata; none: as if it had none)");
  CLI::Option* limit_ps =
      command->add_option("--limit-ps", options->limit_ps, "longest delay permitted, picoseconds")
          ->check(CLI::PositiveNumber);
  command
      ->add_option("--limit-percent", options->limit_percent,
                   "the same in percent of the longest delay of all values")
      ->check(CLI::Range(1.0, 100.0))
      ->excludes(limit_ps);
  command
      ->add_option("--delay", options->delay,
                   "what the limit is about: sta, which holds for every transition, or "
                   "sensitized, the longest seen")
      ->check(CLI::IsMember({"sta", "sensitized"}))
      ->capture_default_str();
  command->add_flag("--either-sign", options->either_sign,
                    "a value is permitted if its negative is, too: for mappings that negate");
  command->add_flag("--nonnegative", options->nonnegative,
                    "the limit is about layers behind a ReLU: activations of zero and above");
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
