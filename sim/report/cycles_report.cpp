#include "sim/report/cycles_report.h"

#include <utility>

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

constexpr double ps_per_s = 1e12;
constexpr double pj_per_nj = 1e3;

// The layers as one; fractions are the means over the cycles and over the tiles.
CyclesLayer sum_of_layers(const CyclesRun& run) {
  CyclesLayer sum;
  sum.shape.name = "total";
  array::LayerCycles& total = sum.cycles;
  double used_cycles = 0;
  double used_tiles = 0;
  for (const CyclesLayer& layer : run.layers) {
    const array::LayerCycles& cycles = layer.cycles;
    total.tiles += cycles.tiles;
    total.cycles += cycles.cycles;
    total.compute += cycles.compute;
    total.weight_load += cycles.weight_load;
    total.fill_drain += cycles.fill_drain;
    total.stall += cycles.stall;
    total.macs += cycles.macs;
    used_cycles += cycles.utilization * static_cast<double>(cycles.cycles);
    used_tiles += cycles.mapping_efficiency * static_cast<double>(cycles.tiles);
    total.accesses += cycles.accesses;
    sum.memory_pj_per_batch += layer.memory_pj_per_batch;
    if (!layer.toggles) continue;
    if (!sum.toggles) sum.toggles.emplace();
    *sum.toggles += *layer.toggles;
  }
  if (total.cycles > 0) total.utilization = used_cycles / static_cast<double>(total.cycles);
  if (total.tiles > 0) total.mapping_efficiency = used_tiles / static_cast<double>(total.tiles);
  return sum;
}

double batch_seconds(const CyclesRun& run, const CyclesLayer& layer) {
  return static_cast<double>(layer.cycles.cycles) * run.hardware->clock_period_ps / ps_per_s;
}

std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

using Cells = std::vector<std::pair<std::string, std::string>>;  // (column, value)

void append_toggles(const array::ToggleCounts& toggles, Cells& cells) {
  const auto add = [&](const std::string& name, std::uint64_t count) {
    cells.emplace_back(name + "_toggles", fmt::format("{}", count));
  };
  const auto add_pes = [&](const std::string& name, const array::PeToggles& pes) {
    add(name + "_active", pes.active);
    add(name + "_idle_rows", pes.idle_rows);
    add(name + "_idle_columns", pes.idle_columns);
  };
  add_pes("partial_sum", toggles.partial_sum);
  add_pes("activation", toggles.activation);
  add("weight", toggles.weight);
  add("shadow_weight", toggles.shadow_weight);
  add("skew", toggles.skew);
  add("deskew", toggles.deskew);
  add("weight_update", toggles.weight_update);
}

Cells csv_cells(const CyclesRun& run, const CyclesLayer& layer, bool is_total) {
  const auto count = [](auto value) { return fmt::format("{}", value); };
  const auto of_layer = [&](auto value) { return is_total ? std::string() : count(value); };
  const array::LayerCycles& cycles = layer.cycles;
  const network::GemmShape& gemm = layer.shape.gemm;
  Cells cells = {{"layer_name", csv_quoted(layer.shape.name)},
                 {"reduction_k_rows", of_layer(gemm.reduction)},
                 {"output_channels_n_columns", of_layer(gemm.output_channels)},
                 {"output_pixels_m_count", of_layer(gemm.output_pixels)},
                 {"groups_count", of_layer(gemm.groups)},
                 {"batch_size_images", count(run.batch_size)},
                 {"tiles_count", count(cycles.tiles)},
                 {"cycles_per_batch", count(cycles.cycles)},
                 {"compute_cycles_per_batch", count(cycles.compute)},
                 {"weight_load_cycles_per_batch", count(cycles.weight_load)},
                 {"fill_drain_cycles_per_batch", count(cycles.fill_drain)},
                 {"stall_cycles_per_batch", count(cycles.stall)},
                 {"macs_per_batch", count(cycles.macs)},
                 {"utilization_fraction", count(cycles.utilization)},
                 {"mapping_efficiency_fraction", count(cycles.mapping_efficiency)},
                 {"time_us_per_batch", count(batch_seconds(run, layer) * 1e6)}};
  for (const auto& [name, accesses] : cycles.accesses.lines()) {
    cells.emplace_back(name + "_read_bytes_per_batch", count(accesses.read_bytes));
    cells.emplace_back(name + "_write_bytes_per_batch", count(accesses.write_bytes));
  }
  cells.emplace_back("memory_pj_per_batch", count(layer.memory_pj_per_batch));
  if (layer.toggles) append_toggles(*layer.toggles, cells);
  cells.emplace_back("operands_synthetic", run.synthetic ? "1" : "0");
  return cells;
}

std::string gemm_text(const network::GemmShape& gemm) {
  const std::string text =
      fmt::format("{}×{}×{}", gemm.reduction, gemm.output_channels, gemm.output_pixels);
  return gemm.groups == 1 ? text : fmt::format("{} groups of {}", gemm.groups, text);
}

Json layer_json(const CyclesRun& run, const CyclesLayer& layer) {
  const array::LayerCycles& cycles = layer.cycles;
  Json accesses = Json::object();
  for (const auto& [name, bytes] : cycles.accesses.lines()) {
    accesses[name] = {{"read", bytes.read_bytes}, {"write", bytes.write_bytes}};
  }
  Json json = {{"tiles", cycles.tiles},
               {"cycles_per_batch", cycles.cycles},
               {"compute_cycles", cycles.compute},
               {"weight_load_cycles", cycles.weight_load},
               {"fill_drain_cycles", cycles.fill_drain},
               {"stall_cycles", cycles.stall},
               {"macs_per_batch", cycles.macs},
               {"utilization", cycles.utilization},
               {"mapping_efficiency", cycles.mapping_efficiency},
               {"time_us_per_batch", batch_seconds(run, layer) * 1e6},
               {"memory_bytes_per_batch", accesses},
               {"memory_pj_per_batch", layer.memory_pj_per_batch}};
  if (layer.toggles) json["toggles"] = toggles_json(*layer.toggles);
  return json;
}

}  // namespace

std::string to_string(CyclesRun::Kind kind) {
  switch (kind) {
    case CyclesRun::Kind::cycles:
      return "cycles";
    case CyclesRun::Kind::system:
      return "system";
    case CyclesRun::Kind::toggles:
      return "toggles";
  }
  return {};
}

std::string CyclesRun::fidelity() const { return to_string(kind); }

std::string cycles_text(const CyclesRun& run) {
  const CyclesLayer sum = sum_of_layers(run);
  const bool memories = sum.memory_pj_per_batch > 0;
  std::vector<ConsoleTable::Column> columns = {
      {"Layer", "", ConsoleTable::Align::left},
      {"K×N×M", "", ConsoleTable::Align::left},
      {"Tiles", ""},
      {"Cycles", run.batch_size == 1 ? "/image" : "/batch"},
      {"Compute", "%"},
      {"Weight load", "%"},
      {"Fill, drain", "%"},
      {"Stalls", "%"},
      {"Utilization", "%"},
      {"DRAM", "KiB"}};
  if (memories) columns.push_back({"Memories", "nJ"});
  if (sum.toggles) columns.push_back({"Partial sums", "toggles"});
  if (sum.toggles) columns.push_back({"Activations", "toggles"});
  ConsoleTable table(columns);
  const auto add = [&](const CyclesLayer& layer, const std::string& shape) {
    const array::LayerCycles& cycles = layer.cycles;
    const array::LayerAccesses& accesses = cycles.accesses;
    const auto share = [&](std::uint64_t part) {
      return format_fixed(100 * static_cast<double>(part) / static_cast<double>(cycles.cycles), 1);
    };
    const std::uint64_t dram_bytes = accesses.dram_ifmap.read_bytes +
                                     accesses.dram_filter.read_bytes +
                                     accesses.dram_ofmap.write_bytes;
    std::vector<std::string> cells = {layer.shape.name,
                                      shape,
                                      format_count(cycles.tiles),
                                      format_count(cycles.cycles),
                                      share(cycles.compute),
                                      share(cycles.weight_load),
                                      share(cycles.fill_drain),
                                      share(cycles.stall),
                                      format_fixed(100 * cycles.utilization, 1),
                                      format_fixed(static_cast<double>(dram_bytes) / 1024, 1)};
    if (memories) cells.push_back(format_fixed(layer.memory_pj_per_batch / pj_per_nj, 2));
    if (sum.toggles) cells.push_back(format_count(layer.toggles->partial_sum.total()));
    if (sum.toggles) cells.push_back(format_count(layer.toggles->activation.total()));
    table.add_row(cells);
  };
  for (const CyclesLayer& layer : run.layers) add(layer, gemm_text(layer.shape.gemm));
  table.add_rule();
  add(sum, "");
  std::string text = table.text();
  text += fmt::format("\n{} cycles per {}, {} ms at a clock period of {} ps (fidelity {})\n",
                      format_count(sum.cycles.cycles),
                      run.batch_size == 1 ? "image" : fmt::format("batch of {}", run.batch_size),
                      format_digits(batch_seconds(run, sum) * 1e3, 4),
                      format_digits(run.hardware->clock_period_ps, 6), run.fidelity());
  if (run.kind == CyclesRun::Kind::system) {
    text += fmt::format(
        "SystemC system model, cycle by cycle: {} OFMAP values equal integer arithmetic; cycles "
        "and "
        "accesses equal the cycle model's.\n",
        format_count(run.outputs_compared));
  }
  if (run.synthetic) text += fmt::format("Operands: {}.\n", run.operand_source);
  return text;
}

std::string cycles_csv(const CyclesRun& run) {
  std::string header;
  std::string lines;
  const auto add = [&](const CyclesLayer& layer, bool is_total) {
    std::string columns;
    std::string line;
    for (const auto& [column, value] : csv_cells(run, layer, is_total)) {
      const char* separator = columns.empty() ? "" : ",";
      columns += separator + column;
      line += separator + value;
    }
    header = columns + "\n";
    lines += line + "\n";
  };
  for (const CyclesLayer& layer : run.layers) add(layer, false);
  add(sum_of_layers(run), true);
  return header + lines;
}

Json cycles_json(const CyclesRun& run) {
  Json result = result_header("simulate", run.seed);
  result["fidelity"] = run.fidelity();
  result["hardware"] = hardware_json(*run.hardware);
  result["model"] = model_json(run.model);
  result["workload"] = run.workload;
  result["batch_size"] = run.batch_size;
  result["images"] = run.images;
  result["image_source"] = run.operand_source;
  result["synthetic_operands"] = run.synthetic;
  if (run.kind == CyclesRun::Kind::system) result["outputs_compared"] = run.outputs_compared;
  result["layers"] = Json::array();
  for (const CyclesLayer& layer : run.layers) {
    const network::GemmShape& gemm = layer.shape.gemm;
    Json json = {{"name", layer.shape.name},
                 {"reduction_k", gemm.reduction},
                 {"output_channels_n", gemm.output_channels},
                 {"output_pixels_m", gemm.output_pixels},
                 {"groups", gemm.groups}};
    json.update(layer_json(run, layer));
    result["layers"].push_back(json);
  }
  result["total"] = layer_json(run, sum_of_layers(run));
  result["timing"] = {{"seconds", run.seconds}};
  return result;
}

}  // namespace togglewise::report
