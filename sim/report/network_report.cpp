#include "sim/report/network_report.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/layer_cells.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using energy::EnergyBreakdown;
using energy::LayerEnergy;
using energy::NetworkEnergy;

constexpr double fj_per_nj = 1e6;
constexpr double fj_per_uj = 1e9;
constexpr double ps_per_s = 1e12;
constexpr const char* model_error_key = "mac_dynamic_model_relative_error";
constexpr const char* agnostic_key = "layer_agnostic_mac_dynamic_fj_per_image";

// What the printers need besides a layer's numbers.
struct Context {
  double clock_period_ps = 0;
  int batch_size = 1;

  double power_mw(const LayerEnergy& layer) const {
    if (layer.cycles.cycles == 0) return 0;
    return energy::average_power_mw(layer.energy_per_image.total_fj() * batch_size,
                                    layer.cycles.cycles, clock_period_ps);
  }
  std::string cycles_unit() const {
    return batch_size == 1 ? "/image" : fmt::format("/{} images", batch_size);
  }
};

double stall_fraction(const array::LayerCycles& cycles) {
  if (cycles.cycles == 0) return 0;
  return static_cast<double>(cycles.stall) / static_cast<double>(cycles.cycles);
}

double zero_fraction(const LayerEnergy& layer) {
  if (layer.weights == 0) return 0;
  return static_cast<double>(layer.zero_weights) / static_cast<double>(layer.weights);
}

// The layers as one: sums, and for the utilization the mean weighted by cycles.
LayerEnergy sum_of_layers(const NetworkEnergy& network) {
  LayerEnergy sum;
  sum.name = "total";
  sum.half_widths = network.half_widths();
  double model_error_fj = 0;  // as if all layers erred alike
  for (const LayerEnergy& layer : network.layers) {
    sum.cycles += layer.cycles;
    sum.memory_fj_per_image += layer.memory_fj_per_image;
    sum.toggles += layer.toggles;
    sum.energy_per_image += layer.energy_per_image;
    if (layer.gated_clock) {
      if (!sum.gated_clock) sum.gated_clock.emplace();
      *sum.gated_clock += *layer.gated_clock;
    }
    sum.weights += layer.weights;
    sum.zero_weights += layer.zero_weights;
    if (layer.layer_agnostic_fj_per_image) {
      sum.layer_agnostic_fj_per_image =
          sum.layer_agnostic_fj_per_image.value_or(0) + *layer.layer_agnostic_fj_per_image;
    }
    if (layer.model_error) {
      model_error_fj += *layer.model_error * layer.energy_per_image.mac_dynamic_fj();
      sum.model_error = model_error_fj / sum.energy_per_image.mac_dynamic_fj();
    }
  }
  return sum;
}

const char* kind_of(const LayerEnergy& layer) {
  return layer.fully_connected ? "fully_connected" : "conv";
}

Json energy_json(const EnergyBreakdown& energy) {
  Json lines = Json::object();
  for (const auto& [name, energy_fj] : energy.lines()) lines[name] = energy_fj;
  return lines;
}

// The clock line by domain, where the hardware has gating.
void add_clock(const std::optional<energy::GatedClock>& clock, Json& json) {
  if (!clock) return;
  Json lines = Json::object();
  for (const auto& [name, energy_fj] : clock->lines()) lines[name] = energy_fj;
  json["clock_fj_per_image"] = lines;
}

void add_half_widths(const std::optional<energy::HalfWidths>& half_widths, Json& json) {
  if (!half_widths) return;
  json["mac_dynamic_half_width_fj_per_image"] = half_widths->mac_dynamic_fj;
  json["dynamic_half_width_fj_per_image"] = half_widths->dynamic_fj;
  json["total_half_width_fj_per_image"] = half_widths->total_fj();
}

Json weight_sums_json(const std::vector<energy::WeightSum>& sums) {
  Json json = {
      {"weight", Json::array()}, {"transitions", Json::array()}, {"energy_fj", Json::array()}};
  for (const energy::WeightSum& sum : sums) {
    json["weight"].push_back(sum.weight);
    json["transitions"].push_back(sum.transitions);
    json["energy_fj"].push_back(sum.energy_fj);
  }
  return json;
}

Json accesses_json(const array::LayerAccesses& accesses) {
  Json json = Json::object();
  for (const auto& [name, bytes] : accesses.lines()) {
    json[name] = {{"read", bytes.read_bytes}, {"write", bytes.write_bytes}};
  }
  return json;
}

CsvCells csv_cells(const LayerEnergy& layer, bool is_total, const Context& context) {
  const auto count = [](auto value) { return fmt::format("{}", value); };
  const EnergyBreakdown& energy = layer.energy_per_image;
  CsvCells cells = {{"layer_name", csv_quoted(layer.name)},
                    {"layer_kind", is_total ? "" : kind_of(layer)},
                    {"batch_size_images", count(context.batch_size)}};
  append_gemm(layer.gemm, is_total, cells);
  append_cycles(layer.cycles, cells);
  cells.emplace_back("weights_count", count(layer.weights));
  cells.emplace_back("zero_weights_count", count(layer.zero_weights));
  cells.emplace_back("weight_values_count", is_total ? "" : count(layer.weight_values));
  for (const auto& [name, energy_fj] : energy.lines()) {
    cells.emplace_back(name + "_fj_per_image", count(energy_fj));
  }
  cells.emplace_back("mac_dynamic_fj_per_image", count(energy.mac_dynamic_fj()));
  cells.emplace_back(agnostic_key, layer.layer_agnostic_fj_per_image
                                       ? count(*layer.layer_agnostic_fj_per_image)
                                       : std::string());
  cells.emplace_back("dynamic_fj_per_image", count(energy.dynamic_fj()));
  cells.emplace_back("total_fj_per_image", count(energy.total_fj()));
  const auto& half = layer.half_widths;
  cells.emplace_back("mac_dynamic_half_width_fj_per_image",
                     half ? count(half->mac_dynamic_fj) : "");
  cells.emplace_back("dynamic_half_width_fj_per_image", half ? count(half->dynamic_fj) : "");
  cells.emplace_back("total_half_width_fj_per_image", half ? count(half->total_fj()) : "");
  cells.emplace_back(model_error_key, layer.model_error ? count(*layer.model_error) : "");
  cells.emplace_back("power_mw", count(context.power_mw(layer)));
  append_accesses(layer.cycles.accesses, cells);
  cells.emplace_back("memory_fj_per_image", count(layer.memory_fj_per_image));
  append_toggles(layer.toggles, cells);
  return cells;
}

// The stall and memory columns appear where there is something to tell.
ConsoleTable layer_table(const NetworkEnergy& network, const Context& context) {
  using Align = ConsoleTable::Align;
  const LayerEnergy sum = sum_of_layers(network);
  const bool stalls = sum.cycles.stall > 0;
  const bool memories = sum.memory_fj_per_image > 0;
  std::vector<ConsoleTable::Column> columns = {{"Layer", "", Align::left},
                                               {"K×N×M", "", Align::left},
                                               {"Tiles", ""},
                                               {"Cycles", context.cycles_unit()}};
  if (stalls) columns.push_back({"Stalls", "%"});
  const bool intervals = sum.half_widths.has_value();
  columns.push_back({"Utilization", "%"});
  columns.push_back({"MAC dynamic", "nJ/image"});
  if (intervals) columns.push_back({"±", ""});
  const bool model = sum.model_error.has_value();
  if (model) columns.push_back({"Model", "± %"});
  columns.push_back({"Dynamic", "nJ/image"});
  columns.push_back({"Total", "nJ/image"});
  if (intervals) columns.push_back({"±", ""});
  if (memories) columns.push_back({"Memories", "nJ/image"});
  columns.push_back({"Power", "mW"});
  columns.push_back({"Zero weights", "%"});
  ConsoleTable table(columns);
  const auto add = [&](const LayerEnergy& layer, const std::string& shape) {
    const EnergyBreakdown& energy = layer.energy_per_image;
    std::vector<std::string> cells = {layer.name, shape, format_count(layer.cycles.tiles),
                                      format_count(layer.cycles.cycles)};
    if (stalls) cells.push_back(format_fixed(100 * stall_fraction(layer.cycles), 1));
    cells.push_back(format_fixed(100 * layer.cycles.utilization, 1));
    const auto add_energy = [&](double fj) { cells.push_back(format_fixed(fj / fj_per_nj, 2)); };
    add_energy(energy.mac_dynamic_fj());
    if (intervals) add_energy(layer.half_widths.value_or(energy::HalfWidths{}).mac_dynamic_fj);
    if (model) cells.push_back(format_fixed(100 * layer.model_error.value_or(0), 2));
    add_energy(energy.dynamic_fj());
    add_energy(energy.total_fj());
    if (intervals) add_energy(layer.half_widths.value_or(energy::HalfWidths{}).total_fj());
    if (memories) cells.push_back(format_fixed(layer.memory_fj_per_image / fj_per_nj, 2));
    cells.push_back(format_fixed(context.power_mw(layer), 2));
    cells.push_back(format_fixed(100 * zero_fraction(layer), 1));
    table.add_row(cells);
  };
  for (const LayerEnergy& layer : network.layers) add(layer, gemm_text(layer.gemm));
  table.add_rule();
  add(sum, "");
  return table;
}

ConsoleTable breakdown_table(const EnergyBreakdown& energy) {
  ConsoleTable table({{"Component", "", ConsoleTable::Align::left},
                      {"Energy", "nJ/image"},
                      {"of dynamic", "%"},
                      {"of total", "%"}});
  const auto add = [&](std::string name, double energy_fj, bool dynamic) {
    for (char& c : name) c = c == '_' ? ' ' : c;
    const auto share = [&](double whole_fj) {
      return whole_fj > 0 ? format_fixed(100 * energy_fj / whole_fj, 1) : format_fixed(0, 1);
    };
    table.add_row({name, format_fixed(energy_fj / fj_per_nj, 2),
                   dynamic ? share(energy.dynamic_fj()) : "", share(energy.total_fj())});
  };
  for (const auto& [name, energy_fj] : energy.lines()) {
    add(name, energy_fj, name != "clock" && name != "leakage");
  }
  table.add_rule();
  add("MAC dynamic", energy.mac_dynamic_fj(), true);
  add("dynamic", energy.dynamic_fj(), true);
  add("total", energy.total_fj(), false);
  return table;
}

}  // namespace

std::string no_interval_text(const NetworkEnergy& network) {
  return network.images == 1 ? "one image: no interval" : "one batch of images: no interval";
}

Json interval_json(const NetworkEnergy& network) {
  if (network.batches() < 2) return {{"absent", no_interval_text(network)}};
  return {{"confidence", energy::kConfidence},
          {"over", network.batch_size == 1 ? "images" : "batches of images"},
          {"observations", network.batches()},
          {"sampled_observations", network.image_energies().mac_dynamic_fj.size()},
          {"total_half_width", "that of dynamic: clock, leakage and weight loads do not vary"}};
}

Json sources_json(const std::vector<energy::EnergySource>& sources) {
  Json json = Json::array();
  for (const energy::EnergySource& source : sources) {
    json.push_back({{"line", source.line}, {"kind", source.kind}, {"source", source.text}});
  }
  return json;
}

std::string network_text(const NetworkEnergy& network, double clock_period_ps) {
  const LayerEnergy sum = sum_of_layers(network);
  const EnergyBreakdown& energy = sum.energy_per_image;
  const Context context{clock_period_ps, network.batch_size};
  std::string text = layer_table(network, context).text();
  text += fmt::format(
      "\n{} µJ/image in total, of which {} µJ dynamic and {} µJ dynamic in MACs that hold a "
      "weight;\n{} mW at a clock period of {} ps, {} cycles{} (fidelity {}, {}, mean of "
      "{} images)\n\n",
      format_digits(energy.total_fj() / fj_per_uj, 4),
      format_digits(energy.dynamic_fj() / fj_per_uj, 4),
      format_digits(energy.mac_dynamic_fj() / fj_per_uj, 4),
      format_digits(context.power_mw(sum), 4), format_digits(clock_period_ps, 6),
      format_count(sum.cycles.cycles), context.cycles_unit(), energy::to_string(network.fidelity),
      network.timing, network.images);
  text += sum.half_widths ? fmt::format(
                                "± is the half-width of the {:.0f} % confidence interval over the "
                                "images; that of dynamic is that of the total\n\n",
                                100 * energy::kConfidence)
                          : no_interval_text(network) + "\n\n";
  if (sum.model_error) {
    text +=
        "Model: one standard deviation of MAC dynamic from fidelity gate; of the total as if all "
        "layers erred alike\n\n";
  }
  return text + breakdown_table(energy).text();
}

std::string network_csv(const NetworkEnergy& network, double clock_period_ps) {
  const Context context{clock_period_ps, network.batch_size};
  std::vector<CsvCells> lines;
  for (const LayerEnergy& layer : network.layers) {
    lines.push_back(csv_cells(layer, false, context));
  }
  lines.push_back(csv_cells(sum_of_layers(network), true, context));
  return csv_text(lines);
}

Json layers_json(const NetworkEnergy& network, double clock_period_ps) {
  const Context context{clock_period_ps, network.batch_size};
  Json layers = Json::array();
  for (const LayerEnergy& layer : network.layers) {
    const array::LayerCycles& cycles = layer.cycles;
    const EnergyBreakdown& energy = layer.energy_per_image;
    layers.push_back({{"name", layer.name},
                      {"kind", kind_of(layer)},
                      {"reduction_k", layer.gemm.reduction},
                      {"output_channels_n", layer.gemm.output_channels},
                      {"output_pixels_m", layer.gemm.output_pixels},
                      {"groups", layer.gemm.groups},
                      {"tiles", cycles.tiles},
                      {"cycles_per_batch", cycles.cycles},
                      {"compute_cycles", cycles.compute},
                      {"weight_load_cycles", cycles.weight_load},
                      {"fill_drain_cycles", cycles.fill_drain},
                      {"stall_cycles", cycles.stall},
                      {"macs_per_batch", cycles.macs},
                      {"utilization", cycles.utilization},
                      {"weights", layer.weights},
                      {"zero_weights", layer.zero_weights},
                      {"weight_values", layer.weight_values},
                      {"energy_fj_per_image", energy_json(energy)},
                      {"mac_dynamic_fj_per_image", energy.mac_dynamic_fj()},
                      {"dynamic_fj_per_image", energy.dynamic_fj()},
                      {"total_fj_per_image", energy.total_fj()},
                      {"memory_fj_per_image", layer.memory_fj_per_image},
                      {"power_mw", context.power_mw(layer)},
                      {"memory_bytes_per_batch", accesses_json(cycles.accesses)},
                      {"toggles", toggles_json(layer.toggles)}});
    add_half_widths(layer.half_widths, layers.back());
    add_clock(layer.gated_clock, layers.back());
    if (layer.model_error) layers.back()[model_error_key] = *layer.model_error;
    if (!layer.weight_sums.empty()) {
      layers.back()["weight_energies"] = weight_sums_json(layer.weight_sums);
    }
    if (layer.layer_agnostic_fj_per_image) {
      layers.back()[agnostic_key] = *layer.layer_agnostic_fj_per_image;
    }
  }
  return layers;
}

Json total_json(const NetworkEnergy& network, double clock_period_ps) {
  const LayerEnergy sum = sum_of_layers(network);
  const EnergyBreakdown& energy = sum.energy_per_image;
  const Context context{clock_period_ps, network.batch_size};
  const double image_time_ps =
      static_cast<double>(sum.cycles.cycles) * clock_period_ps / network.batch_size;
  Json total = {{"batch_size", network.batch_size},
                {"cycles_per_batch", sum.cycles.cycles},
                {"stall_cycles", sum.cycles.stall},
                {"energy_fj_per_image", energy_json(energy)},
                {"mac_dynamic_fj_per_image", energy.mac_dynamic_fj()},
                {"dynamic_fj_per_image", energy.dynamic_fj()},
                {"total_fj_per_image", energy.total_fj()},
                {"energy_uj_per_image", energy.total_fj() / fj_per_uj},
                {"memory_fj_per_image", sum.memory_fj_per_image},
                {"power_mw", context.power_mw(sum)},
                {"images_per_s", image_time_ps > 0 ? ps_per_s / image_time_ps : 0}};
  add_half_widths(sum.half_widths, total);
  add_clock(sum.gated_clock, total);
  if (sum.model_error) total[model_error_key] = *sum.model_error;
  if (sum.layer_agnostic_fj_per_image) total[agnostic_key] = *sum.layer_agnostic_fj_per_image;
  return total;
}

}  // namespace togglewise::report
