#include "sim/report/cycles_report.h"

#include <utility>

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/layer_cells.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

constexpr double ps_per_s = 1e12;
constexpr double pj_per_nj = 1e3;

// The layers as one; fractions are the means over the cycles and over the tiles.
CyclesLayer sum_of_layers(const CyclesRun& run) {
  CyclesLayer sum;
  sum.shape.name = "total";
  for (const CyclesLayer& layer : run.layers) {
    sum.cycles += layer.cycles;
    sum.memory_pj_per_batch += layer.memory_pj_per_batch;
    if (!layer.toggles) continue;
    if (!sum.toggles) sum.toggles.emplace();
    *sum.toggles += *layer.toggles;
  }
  return sum;
}

double batch_seconds(const CyclesRun& run, const CyclesLayer& layer) {
  return static_cast<double>(layer.cycles.cycles) * run.hardware->clock_period_ps / ps_per_s;
}

CsvCells csv_cells(const CyclesRun& run, const CyclesLayer& layer, bool is_total) {
  const auto count = [](auto value) { return fmt::format("{}", value); };
  CsvCells cells = {{"layer_name", csv_quoted(layer.shape.name)}};
  append_gemm(layer.shape.gemm, is_total, cells);
  cells.emplace_back("batch_size_images", count(run.batch_size));
  append_cycles(layer.cycles, cells);
  cells.emplace_back("time_us_per_batch", count(batch_seconds(run, layer) * 1e6));
  append_accesses(layer.cycles.accesses, cells);
  cells.emplace_back("memory_pj_per_batch", count(layer.memory_pj_per_batch));
  if (layer.toggles) append_toggles(*layer.toggles, cells);
  cells.emplace_back("operands_synthetic", run.synthetic ? "1" : "0");
  return cells;
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
  std::vector<CsvCells> lines;
  for (const CyclesLayer& layer : run.layers) lines.push_back(csv_cells(run, layer, false));
  lines.push_back(csv_cells(run, sum_of_layers(run), true));
  return csv_text(lines);
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
