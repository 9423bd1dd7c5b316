#include "sim/gate/mac_engine.h"

#include <stdexcept>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/gate/mac_function.h"

namespace togglewise::gate {

using tech::Component;

namespace {

constexpr int kMaxPartialSumBits = 32;

void add_net(const tech::NetEnergy& net, ComponentEnergies& sum) {
  switch (net.component) {
    case Component::multiplier:
      sum.multiplier_fj += net.total_fj();
      break;
    case Component::adder:
      sum.adder_fj += net.total_fj();
      break;
    case Component::partial_sum_register:
      sum.partial_sum_register_fj += net.total_fj();
      break;
    case Component::activation_register:
      sum.activation_register_fj += net.total_fj();
      break;
    case Component::pin_loads:
      sum.pin_loads_fj += net.total_fj();
      break;
    case Component::other:
      throw std::logic_error("net energies are not those of a MAC");
  }
}

}  // namespace

MacEngine::~MacEngine() = default;

MacEngine::MacEngine(const tech::Netlist& mac) : widths_(tech::mac_widths(mac)) {
  tech::require_mac_contract(mac, widths_);
  if (widths_.weight_bits > 8 || widths_.activation_bits > 8 ||
      widths_.partial_sum_bits > kMaxPartialSumBits) {
    throw Error::input(
        "TW-GATE-001",
        fmt::format("the MAC has {} weight, {} activation and {} partial-sum bits",
                    widths_.weight_bits, widths_.activation_bits, widths_.partial_sum_bits))
        .expected("at most 8, 8 and 32");
  }
  require_mac_function(mac);
}

std::vector<ComponentEnergies> MacEngine::energies_of_counters(
    const std::vector<std::int16_t>& counter_of_net, int counters,
    const tech::NetlistEnergy& energy) {
  std::vector<ComponentEnergies> result(static_cast<std::size_t>(counters));
  for (std::size_t net = 0; net < counter_of_net.size(); ++net) {
    const int counter = counter_of_net[net];
    if (counter >= 0) add_net(energy.nets[net], result[static_cast<std::size_t>(counter)]);
  }
  return result;
}

void MacEngine::add_weight(const std::vector<std::int16_t>& counter_of_net, int counters,
                           const tech::NetlistEnergy& energy) {
  WeightCounters weight;
  weight.counter_of_net = counter_of_net;
  weight.component_fj = energies_of_counters(counter_of_net, counters, energy);
  for (const ComponentEnergies& component : weight.component_fj) {
    weight.counter_fj.push_back(component.total_fj());
  }
  weights_.push_back(std::move(weight));
}

ComponentEnergies MacEngine::sum_of_changes(const PeOperands* before, const PeOperands* after,
                                            std::size_t count) const {
  std::vector<double> energy_fj(count);
  change_energies_fj(before, after, count, energy_fj.data());
  ComponentEnergies sum;
  for (const double energy : energy_fj) sum.multiplier_fj += energy;
  return sum;
}

void MacEngine::compute_weight_changes() {
  const std::size_t count = weights_.size();
  std::vector<PeOperands> before(count);
  std::vector<PeOperands> after(count);
  for (std::size_t to = 0; to < count; ++to) {
    after[to].weight = static_cast<std::int8_t>(lowest_weight() + static_cast<int>(to));
  }
  weight_change_fj_.assign(count * count, 0.0);
  for (std::size_t from = 0; from < count; ++from) {
    before.assign(count, after[from]);
    change_energies_fj(before.data(), after.data(), count, weight_change_fj_.data() + from * count);
  }
}

std::size_t MacEngine::index_of(int weight) const {
  if (weight < lowest_weight() || weight > highest_weight()) {
    throw std::out_of_range(fmt::format("weight {} is outside the MAC's range", weight));
  }
  return static_cast<std::size_t>(weight - lowest_weight());
}

std::uint64_t* MacEngine::counters(ToggleTally& tally, std::size_t weight_index,
                                   std::uint64_t transitions) const {
  if (tally.empty()) tally = make_tally();
  std::vector<std::uint64_t>& counters = tally.counters_[weight_index];
  counters.resize(weights_[weight_index].counter_fj.size());
  tally.transitions_[weight_index] += transitions;
  return counters.data();
}

void MacEngine::require_streams(const BitPlanes& activation, const BitPlanes& partial_sum_in,
                                const BitPlanes& partial_sum_out) const {
  if (activation.bits() != widths_.activation_bits ||
      partial_sum_in.bits() != widths_.partial_sum_bits ||
      activation.cycles() != partial_sum_in.cycles() || &partial_sum_out == &partial_sum_in) {
    throw std::invalid_argument("streams do not fit the MAC or each other");
  }
}

ComponentEnergies MacEngine::energy_of_weight(const ToggleTally& tally, int weight) const {
  ComponentEnergies sum;
  const std::size_t index = index_of(weight);
  if (tally.empty()) return sum;
  const std::vector<std::uint64_t>& counters = tally.counters_[index];
  for (std::size_t i = 0; i < counters.size(); ++i) {
    sum += weights_[index].component_fj[i] * static_cast<double>(counters[i]);
  }
  return sum;
}

ComponentEnergies MacEngine::energy(const ToggleTally& tally) const {
  ComponentEnergies sum;
  for (int weight = lowest_weight(); weight <= highest_weight(); ++weight) {
    sum += energy_of_weight(tally, weight);
  }
  return sum;
}

std::uint64_t MacEngine::net_toggles(const ToggleTally& tally, tech::NetIndex net) const {
  std::uint64_t toggles = 0;
  for (std::size_t w = 0; w < tally.counters_.size(); ++w) {
    const int counter = weights_[w].counter_of_net[static_cast<std::size_t>(net)];
    if (counter >= 0 && !tally.counters_[w].empty()) {
      toggles += tally.counters_[w][static_cast<std::size_t>(counter)];
    }
  }
  return toggles;
}

double MacEngine::weight_change_energy_fj(int from, int to) const {
  return weight_change_fj_[index_of(from) * weights_.size() + index_of(to)];
}

}  // namespace togglewise::gate
