#include "sim/energy/gate_measurement.h"

#include <utility>

namespace togglewise::energy {

GateTally::GateTally(const MacHardware& hardware)
    : active(hardware.engine().make_tally()),
      idle_columns(hardware.engine().make_tally()),
      idle_rows(hardware.engine().make_tally()) {}

GateTally& GateTally::operator+=(const GateTally& other) {
  active += other.active;
  idle_columns += other.idle_columns;
  idle_rows += other.idle_rows;
  return *this;
}

void measure_tile(const MacHardware& hardware, const array::TileStreams& streams,
                  GateTally& tally) {
  const gate::MacEngine& engine = hardware.engine();
  const array::ArrayShape shape = hardware.shape();
  std::vector<gate::BitPlanes> activation;
  activation.reserve(static_cast<std::size_t>(streams.used_rows));
  for (int r = 0; r < streams.used_rows; ++r) {
    activation.push_back(
        gate::BitPlanes::from_int8(streams.row(r), streams.cycles, shape.activation_bits));
  }
  const gate::BitPlanes no_activation(shape.activation_bits, streams.cycles);
  const gate::BitPlanes no_partial_sum(shape.partial_sum_bits, streams.cycles);
  gate::BitPlanes in;
  gate::BitPlanes out;

  // All idle PEs of one row, and all idle PEs of one column, see the same: one stands for all.
  if (const int columns = shape.columns - streams.used_columns; columns > 0) {
    gate::ToggleTally one = engine.make_tally();
    for (const gate::BitPlanes& row : activation) engine.run(0, row, no_partial_sum, out, one);
    tally.idle_columns.add(one, static_cast<std::uint64_t>(columns));
  }
  gate::ToggleTally below = engine.make_tally();
  for (int c = 0; c < streams.used_columns; ++c) {
    in = no_partial_sum;
    for (int r = 0; r < streams.used_rows; ++r) {
      engine.run(streams.weight(r, c), activation[static_cast<std::size_t>(r)], in, out,
                 tally.active);
      std::swap(in, out);
    }
    if (streams.used_rows < shape.rows) engine.run(0, no_activation, in, out, below);
  }
  tally.idle_rows.add(below, static_cast<std::uint64_t>(shape.rows - streams.used_rows));
}

EnergyBreakdown gate_energy(const MacHardware& hardware, const GateTally& tally) {
  const gate::MacEngine& engine = hardware.engine();
  const gate::ComponentEnergies active = engine.energy(tally.active);
  EnergyBreakdown breakdown;
  breakdown.multiplier_fj = active.multiplier_fj;
  breakdown.adder_fj = active.adder_fj;
  breakdown.partial_sum_register_fj = active.partial_sum_register_fj;
  breakdown.activation_register_fj = active.activation_register_fj;
  breakdown.pin_loads_fj = active.pin_loads_fj;
  breakdown.idle_columns_fj = engine.energy(tally.idle_columns).total_fj();
  breakdown.idle_rows_fj = engine.energy(tally.idle_rows).total_fj();
  return breakdown;
}

}  // namespace togglewise::energy
