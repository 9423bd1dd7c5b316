#include "sim/gate/register_energies.h"

#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/gate/scalar_engine.h"

namespace togglewise::gate {
namespace {

constexpr int kLoads = 200;
constexpr int kMostShifts = 32;

struct Load {
  double shadow_toggles = 0.0;
  double weight_toggles = 0.0;
  double energy_fj = 0.0;
};

int population(std::uint64_t x) { return __builtin_popcountll(x); }

// Solves the 3×3 normal equations of energy = x0·shadow + x1·weight + x2 by elimination.
std::array<double, 3> fit(const std::vector<Load>& loads) {
  double m[3][4] = {};
  for (const Load& load : loads) {
    const double row[3] = {load.shadow_toggles, load.weight_toggles, 1.0};
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) m[i][j] += row[i] * row[j];
      m[i][3] += row[i] * load.energy_fj;
    }
  }
  for (int pivot = 0; pivot < 3; ++pivot) {
    for (int i = 0; i < 3; ++i) {
      if (i == pivot) continue;
      const double factor = m[i][pivot] / m[pivot][pivot];
      for (int j = pivot; j < 4; ++j) m[i][j] -= factor * m[pivot][j];
    }
  }
  return {m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]};
}

}  // namespace

std::vector<double> cycle_energies_fj(const tech::Netlist& netlist,
                                      const tech::NetlistEnergy& energy,
                                      const PortStreams& inputs) {
  std::size_t cycles = 0;
  for (const auto& [port, values] : inputs) cycles = values.size();
  std::vector<double> result(cycles, 0.0);
  ScalarEngine engine(netlist);
  std::vector<std::uint8_t> previous;
  for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
    for (const auto& [port, values] : inputs) engine.set_input(port, values[cycle]);
    engine.settle();
    for (std::size_t net = 0; net < previous.size(); ++net) {
      if (engine.values()[net] != previous[net]) result[cycle] += energy.nets[net].total_fj();
    }
    previous = engine.values();
    engine.clock_edge();
  }
  return result;
}

RegisterEnergies weight_register_energies(const tech::Netlist& netlist, const tech::Netlist& mac,
                                          const tech::EnergyParameters& parameters) {
  for (const char* port : {"clk", "shift_enable", "update", "weight_in", "shadow_out", "weight"}) {
    if (netlist.port(port) != nullptr) continue;
    throw Error::input("TW-GATE-003",
                       fmt::format("weight register '{}' has no port {}", netlist.top(), port))
        .expected("the ports of rtl/weight_register.sv");
  }
  const tech::ExternalLoads loads{
      {"shadow_out", tech::port_capacitance_ff(netlist, "weight_in", parameters)},
      {"weight", tech::port_capacitance_ff(mac, "weight", parameters)}};
  const tech::NetlistEnergy energy = tech::compute_netlist_energy(netlist, parameters, loads);

  const std::uint64_t mask = (1ULL << netlist.port("weight_in")->width()) - 1;
  Random random(1);
  PortStreams streams;
  std::vector<std::size_t> load_begin;
  const auto cycle = [&](std::uint64_t shift, std::uint64_t update, std::uint64_t weight) {
    streams["shift_enable"].push_back(shift);
    streams["update"].push_back(update);
    streams["weight_in"].push_back(weight);
  };
  cycle(0, 0, 0);
  std::uint64_t above = 0;  // the shadow register of the PE above: it stays after the last shift
  for (int load = 0; load < kLoads; ++load) {
    load_begin.push_back(streams["update"].size());
    const int shifts = random.between(1, kMostShifts);
    for (int shift = 0; shift < shifts; ++shift) {
      cycle(1, shift + 1 == shifts ? 1 : 0, above);
      above = random.bits() & mask;
    }
    for (int rest = 0; rest < 3; ++rest) cycle(0, 0, above);
  }
  load_begin.push_back(streams["update"].size());

  const std::vector<double> energies = cycle_energies_fj(netlist, energy, streams);
  std::vector<Load> observed;
  std::uint64_t shadow = 0;
  std::uint64_t weight = 0;
  for (std::size_t load = 0; load + 1 < load_begin.size(); ++load) {
    Load sum;
    for (std::size_t t = load_begin[load]; t < load_begin[load + 1]; ++t) {
      sum.energy_fj += energies[t];
      const std::uint64_t next = streams["shift_enable"][t] != 0 ? streams["weight_in"][t] : shadow;
      sum.shadow_toggles += population(next ^ shadow);
      if (streams["update"][t] != 0) {
        sum.weight_toggles += population(next ^ weight);
        weight = next;
      }
      shadow = next;
    }
    observed.push_back(sum);
  }
  const std::array<double, 3> solution = fit(observed);
  double squares = 0.0;
  double total = 0.0;
  for (const Load& load : observed) {
    const double residual = load.energy_fj - solution[0] * load.shadow_toggles -
                            solution[1] * load.weight_toggles - solution[2];
    squares += residual * residual;
    total += load.energy_fj;
  }
  RegisterEnergies result;
  result.shadow_toggle_fj = solution[0];
  result.weight_toggle_fj = solution[1];
  result.control_fj_per_load = solution[2];
  result.clock_fj_per_cycle = energy.clock_fj_per_cycle;
  result.leakage_nw = energy.leakage_nw;
  result.leakage_fj_per_cycle = energy.leakage_fj_per_cycle();
  result.area = energy.area;
  result.relative_error = std::sqrt(squares / kLoads) / (total / kLoads);
  return result;
}

}  // namespace togglewise::gate
