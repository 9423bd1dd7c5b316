#include "sim/energy/accumulator.h"

#include <numeric>
#include <utility>

#include "sim/gate/event_energies.h"
#include "sim/tech/delays.h"

namespace togglewise::energy {

Accumulator::Accumulator(std::shared_ptr<const tech::Netlist> netlist,
                         const tech::EnergyParameters& parameters, int partial_sum_bits,
                         double quantum_ps)
    : netlist_(std::move(netlist)),
      energy_(tech::compute_netlist_energy(*netlist_, parameters)),
      partial_sum_bits_(partial_sum_bits),
      engine_(*netlist_, energy_, {"partial_sum", "addend", "subtract"}, "sum") {
  if (quantum_ps <= 0) return;
  model_.emplace(gate::make_inertial_model(*netlist_, tech::compute_delays(*netlist_, parameters),
                                           quantum_ps));
}

void Accumulator::run(const gate::BitPlanes& partial_sum, const gate::BitPlanes& addend,
                      bool subtract, gate::BitPlanes& next,
                      gate::NetlistEngine::Tally& tally) const {
  const gate::BitPlanes sign = gate::BitPlanes::constant(subtract ? 1 : 0, partial_sum.cycles(), 1,
                                                         gate::TimeOrder::interleaved);
  engine_.run({&partial_sum, &addend, &sign}, next, tally);
}

AccumulatorEnergies Accumulator::energies(const std::vector<std::int32_t>& partial_sum,
                                          const std::vector<std::int32_t>& addend,
                                          bool subtract) const {
  gate::PortStreams inputs;
  const std::uint64_t mask = (std::uint64_t{1} << partial_sum_bits_) - 1;
  for (std::size_t t = 0; t < partial_sum.size(); ++t) {
    inputs["partial_sum"].push_back(static_cast<std::uint32_t>(partial_sum[t]) & mask);
    inputs["addend"].push_back(static_cast<std::uint32_t>(addend[t]));
    inputs["subtract"].push_back(subtract ? 1 : 0);
  }
  const auto total = [](const std::vector<double>& energy_fj) {
    return std::accumulate(energy_fj.begin(), energy_fj.end(), 0.0);
  };
  return {total(gate::cycle_energies_fj(*netlist_, energy_, inputs)),
          total(gate::cycle_energies_fj(*netlist_, energy_, *model_, inputs))};
}

}  // namespace togglewise::energy
