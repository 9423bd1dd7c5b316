// Where the energy of a layer goes (README.md of this folder). Every number is femtojoules.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace togglewise::energy {

struct EnergyBreakdown {
  // Dynamic, PEs that hold a weight of the layer: the headline figure.
  double multiplier_fj = 0;
  double adder_fj = 0;
  double partial_sum_register_fj = 0;
  double activation_register_fj = 0;
  double pin_loads_fj = 0;  // MAC input pins (activation, partial sum) and the wires to them
  // Dynamic, everything else of the array.
  double idle_columns_fj = 0;  // PEs right of the used columns pass activations on
  double idle_rows_fj = 0;     // PEs below the used rows pass partial sums on
  double weight_load_fj = 0;  // shadow and weight registers, and the MACs' nets when weights change
  double skew_fj = 0;
  double deskew_fj = 0;
  double accumulator_fj = 0;
  double gating_fj = 0;  // flags, isolation, enables and their logic; zero without gating
  // Per cycle, whatever the data.
  double clock_fj = 0;
  double leakage_fj = 0;

  double mac_dynamic_fj() const {
    return multiplier_fj + adder_fj + partial_sum_register_fj + activation_register_fj +
           pin_loads_fj;
  }
  double dynamic_fj() const {
    return mac_dynamic_fj() + idle_columns_fj + idle_rows_fj + weight_load_fj + skew_fj +
           deskew_fj + accumulator_fj + gating_fj;
  }
  double total_fj() const { return dynamic_fj() + clock_fj + leakage_fj; }

  // (name, femtojoules) of every line in the order of reports; the names are JSON keys.
  std::vector<std::pair<std::string, double>> lines() const {
    return {{"multiplier", multiplier_fj},
            {"adder", adder_fj},
            {"partial_sum_register", partial_sum_register_fj},
            {"activation_register", activation_register_fj},
            {"pin_loads", pin_loads_fj},
            {"idle_columns", idle_columns_fj},
            {"idle_rows", idle_rows_fj},
            {"weight_load", weight_load_fj},
            {"skew", skew_fj},
            {"deskew", deskew_fj},
            {"accumulator", accumulator_fj},
            {"gating", gating_fj},
            {"clock", clock_fj},
            {"leakage", leakage_fj}};
  }

  EnergyBreakdown& operator+=(const EnergyBreakdown& o) {
    multiplier_fj += o.multiplier_fj;
    adder_fj += o.adder_fj;
    partial_sum_register_fj += o.partial_sum_register_fj;
    activation_register_fj += o.activation_register_fj;
    pin_loads_fj += o.pin_loads_fj;
    idle_columns_fj += o.idle_columns_fj;
    idle_rows_fj += o.idle_rows_fj;
    weight_load_fj += o.weight_load_fj;
    skew_fj += o.skew_fj;
    deskew_fj += o.deskew_fj;
    accumulator_fj += o.accumulator_fj;
    gating_fj += o.gating_fj;
    clock_fj += o.clock_fj;
    leakage_fj += o.leakage_fj;
    return *this;
  }
  friend EnergyBreakdown operator*(EnergyBreakdown energy, double factor) {
    for (double* fj :
         {&energy.multiplier_fj, &energy.adder_fj, &energy.partial_sum_register_fj,
          &energy.activation_register_fj, &energy.pin_loads_fj, &energy.idle_columns_fj,
          &energy.idle_rows_fj, &energy.weight_load_fj, &energy.skew_fj, &energy.deskew_fj,
          &energy.accumulator_fj, &energy.gating_fj, &energy.clock_fj, &energy.leakage_fj}) {
      *fj *= factor;
    }
    return energy;
  }
};

}  // namespace togglewise::energy
