// Energy, toggles and cycles of every layer of a network on the array, at a chosen fidelity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/array/tile.h"
#include "sim/base/progress.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/gating_energy.h"
#include "sim/energy/image_spread.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

class MacHardware;
struct EnergyTables;

// From fast to certain; the fourth, `rtl`, is the `validate` command.
enum class Fidelity {
  layer,  // E_l(w) of the layer's own statistics times weight counts
  table,  // every transition looked up in the grouped table
  gate    // every transition through the synthesized netlist
};
std::vector<std::string> fidelity_names();
std::string to_string(Fidelity fidelity);
Fidelity parse_fidelity(const std::string& name);  // throws TW-ENERGY-001

// What a layer's PEs with one weight value spent, all images together.
struct WeightSum {
  int weight = 0;
  std::uint64_t transitions = 0;
  double energy_fj = 0;
};

struct LayerEnergy {
  std::string name;
  bool fully_connected = false;
  network::GemmShape gemm;
  array::LayerCycles cycles;              // per batch
  array::ToggleCounts toggles;            // of all images, weight loading included
  EnergyBreakdown energy_per_image;       // mean over the images
  std::optional<GatedClock> gated_clock;  // with gating: the clock line by domain, per image
  // Over the images; absent where the run has one batch only.
  std::optional<HalfWidths> half_widths;
  ImageEnergies image_energies;
  double memory_fj_per_image = 0;  // SRAMs and DRAM, where the configuration gives their energies
  // MAC dynamic energy per image as a layer-agnostic E(w) has it, the model that others use; for
  // comparison. Absent at fidelity gate, which needs no tables.
  std::optional<double> layer_agnostic_fj_per_image;
  // At fidelities layer and table: how far MAC dynamic may be from fidelity gate, relative, one
  // standard deviation (layer_error.h; at fidelity table the error of layers held out alone).
  std::optional<double> model_error;
  // At fidelity table: what MAC dynamic is made of, for values that occur.
  std::vector<WeightSum> weight_sums;
  std::uint64_t weights = 0;
  std::uint64_t zero_weights = 0;
  std::uint64_t weight_values = 0;  // distinct values that occur
};

struct NetworkEnergy {
  Fidelity fidelity = Fidelity::gate;
  std::string timing;  // of the gate engine, or of the tables
  int images = 0;
  int batch_size = 1;
  std::vector<LayerEnergy> layers;

  EnergyBreakdown energy_per_image() const;  // sum over the layers
  int batches() const { return images / batch_size; }
  ImageEnergies image_energies() const;  // sums over the layers
  // From the images' sums over the layers: layers of one image are not independent.
  std::optional<HalfWidths> half_widths() const;
  std::uint64_t cycles_per_batch() const;
};

// `tables` may be null at fidelity gate. The layers of `traces` run in order, image after image,
// `traces.batch_size` images per weight load, from an array whose weight registers are zero. Same
// traces: same result to the last bit for any number of threads. Throws TW-ENERGY-003 when the
// images are not whole batches, TW-ARRAY-001 when a tile does not fit the memories.
NetworkEnergy network_energy(const MacHardware& hardware, const network::Traces& traces,
                             Fidelity fidelity, const EnergyTables* tables, int threads,
                             const ProgressFunction& progress = no_progress);

// Without gating, and with each of the sets: all of them from one run. `hardware` is without.
std::vector<NetworkEnergy> gated_network_energies(const MacHardware& hardware,
                                                  const network::Traces& traces, Fidelity fidelity,
                                                  const EnergyTables* tables, int threads,
                                                  const GatingSets& sets,
                                                  const ProgressFunction& progress = no_progress);

// Average power in milliwatts of energy spent in so many cycles: 1 fJ / 1 ps = 1 mW.
inline double average_power_mw(double energy_fj, std::uint64_t cycles, double clock_period_ps) {
  return energy_fj / (static_cast<double>(cycles) * clock_period_ps);
}

}  // namespace togglewise::energy
