#include "sim/report/scalesim_report.h"

#include <cstdint>

#include <fmt/format.h>

#include "sim/base/files.h"

namespace togglewise::report {
namespace {

using topology::ScaleSimDramAccesses;
using topology::ScaleSimLayer;

// As Python's str() has it: the shortest text that reads back, with a fraction or an exponent.
std::string python_float(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}
std::string python_float(std::int64_t value) { return fmt::format("{}.0", value); }

using Row = std::vector<std::string>;

std::string csv_of(const Row& header, const std::vector<ScaleSimLayer>& layers,
                   Row (*items)(const ScaleSimLayer&)) {
  std::string text = fmt::format("LayerID, {},\n", fmt::join(header, ", "));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    text += fmt::format("{}, {},\n", i, fmt::join(items(layers[i]), ", "));
  }
  return text;
}

Row compute_items(const ScaleSimLayer& layer) {
  return {fmt::format("{}", layer.cycles_with_prefetch),
          python_float(layer.total_cycles),
          fmt::format("{}", layer.stall_cycles),
          python_float(layer.overall_utilization_percent),
          python_float(layer.mapping_efficiency_percent),
          python_float(layer.compute_utilization_percent)};
}

Row bandwidth_items(const ScaleSimLayer& layer) {
  Row items;
  for (const auto& sram : {layer.ifmap_sram, layer.filter_sram, layer.ofmap_sram}) {
    items.push_back(
        python_float(static_cast<double>(sram.count) / static_cast<double>(layer.total_cycles)));
  }
  for (const auto& dram : {layer.ifmap_dram, layer.filter_dram, layer.ofmap_dram}) {
    items.push_back(python_float(static_cast<double>(dram.count) /
                                 static_cast<double>(dram.stop_cycle - dram.start_cycle + 1)));
  }
  return items;
}

template <typename Accesses>
void append_accesses(const Accesses& accesses, Row& items) {
  items.push_back(python_float(accesses.start_cycle));
  items.push_back(python_float(accesses.stop_cycle));
  items.push_back(fmt::format("{}", accesses.count));
}

Row access_items(const ScaleSimLayer& layer) {
  Row items;
  for (const auto& sram : {layer.ifmap_sram, layer.filter_sram, layer.ofmap_sram}) {
    append_accesses(sram, items);
  }
  for (const auto& dram : {layer.ifmap_dram, layer.filter_dram, layer.ofmap_dram}) {
    append_accesses(dram, items);
  }
  return items;
}

}  // namespace

std::string scalesim_compute_csv(const std::vector<ScaleSimLayer>& layers) {
  return csv_of({"Total Cycles (incl. prefetch)", "Total Cycles", "Stall Cycles", "Overall Util %",
                 "Mapping Efficiency %", "Compute Util %"},
                layers, compute_items);
}

std::string scalesim_bandwidth_csv(const std::vector<ScaleSimLayer>& layers) {
  return csv_of({"Avg IFMAP SRAM BW", "Avg FILTER SRAM BW", "Avg OFMAP SRAM BW",
                 "Avg IFMAP DRAM BW", "Avg FILTER DRAM BW", "Avg OFMAP DRAM BW"},
                layers, bandwidth_items);
}

std::string scalesim_access_csv(const std::vector<ScaleSimLayer>& layers) {
  Row header;
  for (const char* memory : {"SRAM", "DRAM"}) {
    for (const char* operand : {"IFMAP", "Filter", "OFMAP"}) {
      const char* access = std::string(operand) == "OFMAP" ? "Writes" : "Reads";
      for (const char* what : {"Start Cycle", "Stop Cycle", access}) {
        header.push_back(fmt::format("{} {} {}", memory, operand, what));
      }
    }
  }
  return csv_of(header, layers, access_items);
}

void write_scalesim_reports(const std::vector<ScaleSimLayer>& layers,
                            const std::filesystem::path& directory) {
  write_file_atomically(directory / "COMPUTE_REPORT.csv", scalesim_compute_csv(layers));
  write_file_atomically(directory / "BANDWIDTH_REPORT.csv", scalesim_bandwidth_csv(layers));
  write_file_atomically(directory / "DETAILED_ACCESS_REPORT.csv", scalesim_access_csv(layers));
}

}  // namespace togglewise::report
