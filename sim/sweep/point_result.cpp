#include "sim/sweep/point_result.h"

#include <cstddef>

namespace togglewise::sweep {
namespace {

using report::Json;

// Calls visit(name, member) for every number of a layer, in the order of the columns.
template <typename Layer, typename Visit>
void visit_cycles(Layer& layer, Visit visit) {
  auto& cycles = layer.cycles;
  visit("tiles_count", cycles.tiles);
  visit("cycles_per_batch", cycles.cycles);
  visit("compute_cycles_per_batch", cycles.compute);
  visit("weight_load_cycles_per_batch", cycles.weight_load);
  visit("fill_drain_cycles_per_batch", cycles.fill_drain);
  visit("stall_cycles_per_batch", cycles.stall);
  visit("macs_per_batch", cycles.macs);
  visit("utilization_fraction", cycles.utilization);
  visit("mapping_efficiency_fraction", cycles.mapping_efficiency);
  auto& accesses = cycles.accesses;
  visit("dram_ifmap_read_bytes_per_batch", accesses.dram_ifmap.read_bytes);
  visit("dram_filter_read_bytes_per_batch", accesses.dram_filter.read_bytes);
  visit("dram_ofmap_write_bytes_per_batch", accesses.dram_ofmap.write_bytes);
  visit("ifmap_sram_read_bytes_per_batch", accesses.ifmap_sram.read_bytes);
  visit("ifmap_sram_write_bytes_per_batch", accesses.ifmap_sram.write_bytes);
  visit("filter_sram_read_bytes_per_batch", accesses.filter_sram.read_bytes);
  visit("filter_sram_write_bytes_per_batch", accesses.filter_sram.write_bytes);
  visit("ofmap_sram_read_bytes_per_batch", accesses.ofmap_sram.read_bytes);
  visit("ofmap_sram_write_bytes_per_batch", accesses.ofmap_sram.write_bytes);
  visit("memory_pj_per_batch", layer.memory_pj_per_batch);
}

template <typename Breakdown, typename Visit>
void visit_energy_lines(Breakdown& energy, Visit visit) {
  visit("multiplier_fj_per_image", energy.multiplier_fj);
  visit("adder_fj_per_image", energy.adder_fj);
  visit("partial_sum_register_fj_per_image", energy.partial_sum_register_fj);
  visit("activation_register_fj_per_image", energy.activation_register_fj);
  visit("pin_loads_fj_per_image", energy.pin_loads_fj);
  visit("idle_columns_fj_per_image", energy.idle_columns_fj);
  visit("idle_rows_fj_per_image", energy.idle_rows_fj);
  visit("weight_load_fj_per_image", energy.weight_load_fj);
  visit("skew_fj_per_image", energy.skew_fj);
  visit("deskew_fj_per_image", energy.deskew_fj);
  visit("accumulator_fj_per_image", energy.accumulator_fj);
  visit("gating_fj_per_image", energy.gating_fj);
  visit("clock_fj_per_image", energy.clock_fj);
  visit("leakage_fj_per_image", energy.leakage_fj);
}

template <typename Toggles, typename Visit>
void visit_toggles(Toggles& toggles, Visit visit) {
  visit("partial_sum_active_toggles", toggles.partial_sum.active);
  visit("partial_sum_idle_rows_toggles", toggles.partial_sum.idle_rows);
  visit("partial_sum_idle_columns_toggles", toggles.partial_sum.idle_columns);
  visit("activation_active_toggles", toggles.activation.active);
  visit("activation_idle_rows_toggles", toggles.activation.idle_rows);
  visit("activation_idle_columns_toggles", toggles.activation.idle_columns);
  visit("weight_toggles", toggles.weight);
  visit("shadow_weight_toggles", toggles.shadow_weight);
  visit("skew_toggles", toggles.skew);
  visit("deskew_toggles", toggles.deskew);
  visit("weight_update_toggles", toggles.weight_update);
}

template <typename Energy, typename Visit>
void visit_energy(Energy& energy, Visit visit) {
  visit_energy_lines(energy.per_image, visit);
  visit("memory_fj_per_image", energy.memory_fj_per_image);
  visit_toggles(energy.toggles, visit);
}

Json numbers_of(const LayerResult& layer) {
  Json numbers = Json::array();
  const auto append = [&](const char*, const auto& value) { numbers.push_back(value); };
  visit_cycles(layer, append);
  if (layer.energy) visit_energy(*layer.energy, append);
  return numbers;
}

LayerResult layer_of(const Json& numbers) {
  LayerResult layer;
  std::size_t next = 0;
  const auto take = [&](const char*, auto& value) { numbers.at(next++).get_to(value); };
  visit_cycles(layer, take);
  if (next < numbers.size()) visit_energy(layer.energy.emplace(), take);
  return layer;
}

}  // namespace

LayerResult total_of(const PointResult& point) {
  LayerResult total;
  for (const LayerResult& layer : point.layers) {
    total.cycles += layer.cycles;
    total.memory_pj_per_batch += layer.memory_pj_per_batch;
    if (!layer.energy) continue;
    if (!total.energy) total.energy.emplace();
    total.energy->per_image += layer.energy->per_image;
    total.energy->memory_fj_per_image += layer.energy->memory_fj_per_image;
    total.energy->toggles += layer.energy->toggles;
  }
  return total;
}

std::vector<Cell> cells_of(const LayerResult& layer) {
  std::vector<Cell> cells;
  const auto append = [&](const char* name, const auto& value) { cells.emplace_back(name, value); };
  visit_cycles(layer, append);
  // Without operands there are no energies: the cells are there, and empty.
  const EnergyResult energy = layer.energy.value_or(EnergyResult{});
  visit_energy_lines(energy.per_image, append);
  cells.emplace_back("mac_dynamic_fj_per_image", energy.per_image.mac_dynamic_fj());
  cells.emplace_back("dynamic_fj_per_image", energy.per_image.dynamic_fj());
  cells.emplace_back("total_fj_per_image", energy.per_image.total_fj());
  cells.emplace_back("memory_fj_per_image", energy.memory_fj_per_image);
  visit_toggles(energy.toggles, append);
  if (!layer.energy) {
    for (Cell& cell : cells) {
      const bool of_energy = cell.first.find("_fj_") != std::string::npos ||
                             cell.first.find("_toggles") != std::string::npos;
      if (of_energy) cell.second = nullptr;
    }
  }
  return cells;
}

Json to_json(const PointResult& point) {
  if (!point.not_possible.empty()) return {{"not_possible", point.not_possible}};
  Json layers = Json::array();
  for (const LayerResult& layer : point.layers) layers.push_back(numbers_of(layer));
  return {{"layers", std::move(layers)}};
}

PointResult point_from_json(const Json& json) {
  PointResult point;
  if (json.contains("not_possible")) {
    point.not_possible = json.at("not_possible").get<std::string>();
    return point;
  }
  for (const Json& layer : json.at("layers")) point.layers.push_back(layer_of(layer));
  return point;
}

}  // namespace togglewise::sweep
