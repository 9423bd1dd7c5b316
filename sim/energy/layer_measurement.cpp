#include "sim/energy/layer_measurement.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sim/array/toggle_engine.h"
#include "sim/energy/accumulator_glitches.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/layer_error.h"
#include "sim/energy/table_measurement.h"

namespace togglewise::energy {
namespace {

// Without fidelity gate the accumulators' partial sums have to be computed for them: theirs is the
// mean over this many images.
constexpr int kAccumulatorImages = 4;

// The part of the breakdown that happens in PEs, sum over all images.
EnergyBreakdown pe_energy(const MacHardware& hardware, const network::TracedLayer& traced,
                          Fidelity fidelity, const EnergyTables* tables,
                          const LayerMeasurement& measurement, double transitions_per_pe) {
  if (fidelity == Fidelity::gate) return gate_energy(hardware, measurement.gate);
  EnergyBreakdown breakdown = table_energy(*tables, measurement.table);
  if (fidelity == Fidelity::layer) {
    breakdown += layer_average_energy(
        *tables, layer_cost(hardware.shape(), traced, measurement.statistics, transitions_per_pe),
        traced.layer, transitions_per_pe);
  }
  return breakdown;
}

std::vector<WeightSum> weight_sums(const TableTally& tally) {
  std::vector<WeightSum> sums;
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    if (tally.active_transitions[w] == 0) continue;
    sums.push_back({static_cast<int>(w) - 128, tally.active_transitions[w],
                    static_cast<double>(tally.active[w]) / kUnitsPerFj});
  }
  return sums;
}

EnergyBreakdown divided(EnergyBreakdown sum, int images) {
  for (double* value : {&sum.multiplier_fj, &sum.adder_fj, &sum.partial_sum_register_fj,
                        &sum.activation_register_fj, &sum.pin_loads_fj, &sum.idle_columns_fj,
                        &sum.idle_rows_fj, &sum.accumulator_fj}) {
    *value /= images;
  }
  return sum;
}

}  // namespace

LayerMeasurement::LayerMeasurement(const MacHardware& hardware, Fidelity fidelity,
                                   const network::GemmShape& gemm, const GatingSets& sets)
    : gate(hardware),
      statistics(fidelity != Fidelity::layer ? 0
                                             : static_cast<std::size_t>(gemm.groups) *
                                                   static_cast<std::size_t>(gemm.reduction)),
      gating(sets) {}

LayerMeasurement& LayerMeasurement::operator+=(const LayerMeasurement& other) {
  toggles += other.toggles;
  gate += other.gate;
  table += other.table;
  statistics += other.statistics;
  image_sample += other.image_sample;
  gating += other.gating;
  return *this;
}

TileMeasurement::TileMeasurement(const MacHardware& hardware, Fidelity fidelity,
                                 const TableLookup* lookup, ArrayWeights weights_before,
                                 bool first_batch, bool for_gating)
    : hardware_(hardware),
      fidelity_(fidelity),
      lookup_(lookup),
      sequence_(hardware.shape(), hardware.config().array.double_buffered_weights) {
  if (fidelity == Fidelity::gate) {
    gate_.emplace(hardware, std::move(weights_before), first_batch, for_gating);
  }
}

void TileMeasurement::add(const network::MappedTile& tile, int reduction,
                          const array::TileStreams& streams, int threads,
                          LayerMeasurement& measurement) {
  measurement.toggles += array::count_toggles(hardware_.shape(), streams);
  sequence_.add(streams, measurement.toggles);
  switch (fidelity_) {
    case Fidelity::gate:
      gate_->add(tile, streams, threads, measurement.gate);
      break;
    case Fidelity::table:
      lookup_->add(hardware_.shape(), streams, measurement.table, threads);
      break;
    case Fidelity::layer:
      lookup_->add_idle(hardware_.shape(), streams, measurement.table, threads);
      add_statistics(*lookup_, tile, reduction, streams, measurement.statistics);
      break;
  }
}

ArrayWeights weights_before_layer(const MacHardware& hardware, const network::Traces& traces,
                                  std::size_t l) {
  const array::ArrayShape shape = hardware.shape();
  const network::TracedLayer& traced = traces.layers.at((l > 0 ? l : traces.layers.size()) - 1);
  const network::MappedTile last =
      network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns).back();
  array::TileStreams tile;
  tile.used_rows = last.range.rows();
  tile.used_columns = last.range.columns();
  tile.first_row = last.first_row;
  tile.weights = array::tile_weights(traced.layer, last);
  return array_weights(shape, tile);
}

array::ClockCounter::Place place_before_layer(const MacHardware& hardware,
                                              const network::Traces& traces, std::size_t l) {
  const array::ArrayShape shape = hardware.shape();
  const network::TracedLayer& traced = traces.layers.at((l > 0 ? l : traces.layers.size()) - 1);
  const network::MappedTile last =
      network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns).back();
  return {last.first_row, last.range.rows(), last.range.columns()};
}

namespace {

PartsOfMacs parts_of_macs(const MacHardware& hardware, Fidelity fidelity,
                          const EnergyTables* tables, const LayerMeasurement& measurement) {
  PartsOfMacs parts;
  if (fidelity == Fidelity::gate) {
    const gate::MacEngine& engine = hardware.engine();
    parts.zero_weight = engine.energy_of_weight(measurement.gate.active, 0);
    parts.zero_weight_quiet = engine.energy(measurement.gate.zero_weight_quiet);
    parts.first_idle_column_fj = engine.energy(measurement.gate.first_idle_column).total_fj();
    return parts;
  }
  const TableTally& table = measurement.table;
  parts.zero_weight = zero_weight_energy(*tables, table.zero_weight);
  parts.zero_weight_quiet = zero_weight_energy(*tables, table.zero_weight_quiet);
  parts.first_idle_column_fj = static_cast<double>(table.first_idle_column) / kUnitsPerFj;
  return parts;
}

}  // namespace

LayerEnergy finish_gated_layer(const MacHardware& hardware, Fidelity fidelity,
                               const EnergyTables* tables, const LayerMeasurement& measurement,
                               const WeightLoading& loading, const GatingSets& sets,
                               std::size_t set, int images, int batch_size,
                               const LayerEnergy& ungated) {
  const array::ArrayShape shape = hardware.shape();
  LayerEnergy result = ungated;
  const GatedRun run{measurement.gating,
                     set,
                     parts_of_macs(hardware, fidelity, tables, measurement),
                     loading.stage_fj.empty() ? 0 : loading.stage_fj[set],
                     images,
                     static_cast<double>(result.cycles.cycles) / batch_size};
  result.gated_clock = apply_gating(*sets.sets[set], sets.stage_of[set], run,
                                    shape.rows * shape.columns, result.energy_per_image);
  result.weight_sums.clear();  // they are of MACs without gating
  if (!measurement.image_sample.batches.empty()) {
    result.image_energies = image_energies(measurement.image_sample, result.energy_per_image);
  }
  result.half_widths = half_widths(result.image_energies, images / batch_size);
  return result;
}

LayerEnergy finish_layer(const MacHardware& hardware, const network::TracedLayer& traced,
                         Fidelity fidelity, const EnergyTables* tables,
                         const LayerMeasurement& measurement, const WeightLoading& loading,
                         int images, int batch_size) {
  const network::GemmLayer& layer = traced.layer;
  LayerEnergy result;
  result.name = layer.name;
  result.fully_connected = layer.fully_connected;
  result.gemm = layer.gemm();
  result.cycles =
      array::layer_cycles(hardware.config(), array::shape_of(layer, batch_size, traced.mapping));
  result.weights = layer.weights.size();
  result.zero_weights =
      static_cast<std::uint64_t>(std::count(layer.weights.begin(), layer.weights.end(), 0));
  result.weight_values = std::set<std::int8_t>(layer.weights.begin(), layer.weights.end()).size();

  const double transitions_per_pe =
      static_cast<double>(images) / batch_size * (batch_size * result.gemm.output_pixels + 1.0);
  result.energy_per_image = divided(
      pe_energy(hardware, traced, fidelity, tables, measurement, transitions_per_pe), images);
  if (fidelity != Fidelity::gate) {
    result.layer_agnostic_fj_per_image =
        layer_agnostic_energy_fj(*tables, layer, transitions_per_pe) / images;
  }
  if (fidelity == Fidelity::table) {
    result.weight_sums = weight_sums(measurement.table);
    result.model_error = held_out_error(*tables);
  } else if (fidelity == Fidelity::layer) {
    result.model_error = layer_errors(*tables, layer, measurement.statistics).layer.total();
  }
  result.toggles = measurement.toggles;
  result.toggles += loading.toggles;
  result.energy_per_image.weight_load_fj = loading.register_fj / images;
  const bool gate = fidelity == Fidelity::gate;
  // There double-buffered weights change within the transitions that the PEs' energy is made of.
  if (!gate || !hardware.config().array.double_buffered_weights) {
    result.energy_per_image.weight_load_fj += loading.mac_fj / images;
  }
  if (!gate) {
    result.energy_per_image.accumulator_fj =
        accumulator_energy_per_image_fj(hardware, traced, kAccumulatorImages, batch_size);
  }
  result.energy_per_image.accumulator_fj *= accumulator_glitch_factor(hardware, traced, batch_size);
  add_registers_and_clock(hardware, result.toggles, images, batch_size, result.cycles.cycles,
                          result.energy_per_image);
  if (!measurement.image_sample.batches.empty()) {
    result.image_energies = image_energies(measurement.image_sample, result.energy_per_image);
  }
  result.half_widths = half_widths(result.image_energies, images / batch_size);
  result.memory_fj_per_image =
      result.cycles.accesses.energy_pj(hardware.config().memories) * 1000 / batch_size;
  return result;
}

}  // namespace togglewise::energy
