#include "sim/report/layer_cells.h"

#include <fmt/format.h>

namespace togglewise::report {
namespace {

template <typename Value>
void append(const std::string& column, Value value, CsvCells& cells) {
  cells.emplace_back(column, fmt::format("{}", value));
}

}  // namespace

std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string csv_text(const std::vector<CsvCells>& lines) {
  std::string text;
  if (lines.empty()) return text;
  const auto add = [&](const CsvCells& cells, bool names) {
    const char* separator = "";
    for (const auto& [column, value] : cells) {
      text += separator + (names ? column : value);
      separator = ",";
    }
    text += "\n";
  };
  add(lines.front(), true);
  for (const CsvCells& cells : lines) add(cells, false);
  return text;
}

void append_gemm(const network::GemmShape& gemm, bool is_total, CsvCells& cells) {
  for (const auto& [column, value] : {std::pair{"reduction_k_rows", gemm.reduction},
                                      std::pair{"output_channels_n_columns", gemm.output_channels},
                                      std::pair{"output_pixels_m_count", gemm.output_pixels},
                                      std::pair{"groups_count", gemm.groups}}) {
    cells.emplace_back(column, is_total ? std::string() : fmt::format("{}", value));
  }
}

void append_cycles(const array::LayerCycles& cycles, CsvCells& cells) {
  append("tiles_count", cycles.tiles, cells);
  append("cycles_per_batch", cycles.cycles, cells);
  append("compute_cycles_per_batch", cycles.compute, cells);
  append("weight_load_cycles_per_batch", cycles.weight_load, cells);
  append("fill_drain_cycles_per_batch", cycles.fill_drain, cells);
  append("stall_cycles_per_batch", cycles.stall, cells);
  append("macs_per_batch", cycles.macs, cells);
  append("utilization_fraction", cycles.utilization, cells);
  append("mapping_efficiency_fraction", cycles.mapping_efficiency, cells);
}

void append_accesses(const array::LayerAccesses& accesses, CsvCells& cells) {
  for (const auto& [name, bytes] : accesses.lines()) {
    append(name + "_read_bytes_per_batch", bytes.read_bytes, cells);
    append(name + "_write_bytes_per_batch", bytes.write_bytes, cells);
  }
}

void append_toggles(const array::ToggleCounts& toggles, CsvCells& cells) {
  const auto add_pes = [&](const std::string& name, const array::PeToggles& pes) {
    append(name + "_active_toggles", pes.active, cells);
    append(name + "_idle_rows_toggles", pes.idle_rows, cells);
    append(name + "_idle_columns_toggles", pes.idle_columns, cells);
  };
  add_pes("partial_sum", toggles.partial_sum);
  add_pes("activation", toggles.activation);
  append("weight_toggles", toggles.weight, cells);
  append("shadow_weight_toggles", toggles.shadow_weight, cells);
  append("skew_toggles", toggles.skew, cells);
  append("deskew_toggles", toggles.deskew, cells);
  append("weight_update_toggles", toggles.weight_update, cells);
}

std::string gemm_text(const network::GemmShape& gemm) {
  const std::string text =
      fmt::format("{}×{}×{}", gemm.reduction, gemm.output_channels, gemm.output_pixels);
  return gemm.groups == 1 ? text : fmt::format("{} groups of {}", gemm.groups, text);
}

}  // namespace togglewise::report
