#include "sim/tech/cell_power.h"

#include <algorithm>
#include <utility>

namespace togglewise::tech {
namespace {

// Far more than any cell has; bounds the size of a sum of tables whose axes differ.
constexpr std::size_t kMaxRails = 16;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> conditions(const std::vector<StateLeakage>& groups) {
  std::vector<std::string> result;
  result.reserve(groups.size());
  for (const StateLeakage& group : groups) result.push_back(group.when);
  return result;
}

// Shares of one edge. `table` and `share` name its members.
void set_edge_shares(LibraryPin& pin, const CellStates& states, LookupTable InternalPower::*table,
                     double InternalPower::*share) {
  std::vector<std::string> related_pins;
  for (InternalPower& power : pin.internal_power) {
    power.*share = 0.0;
    if (!(power.*table).empty() && !contains(related_pins, power.related_pin)) {
      related_pins.push_back(power.related_pin);
    }
  }
  for (const std::string& related_pin : related_pins) {
    std::vector<InternalPower*> groups;
    std::vector<std::string> whens;
    for (InternalPower& power : pin.internal_power) {
      if ((power.*table).empty() || power.related_pin != related_pin) continue;
      groups.push_back(&power);
      whens.push_back(power.when);
    }
    std::vector<double> weights(groups.size(), 1.0);
    if (groups.size() > 1) weights = states.weights(whens, states.sensitised(pin, related_pin));
    double sum = 0.0;
    for (const double weight : weights) sum += weight;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      groups[i]->*share = weights[i] / sum / static_cast<double>(related_pins.size());
    }
  }
}

}  // namespace

double LibraryPin::internal_energy_fj(double slew_ns, double load_ff) const {
  double sum = 0.0;
  for (const InternalPower& power : internal_power) {
    sum += power.rise_share * power.rise_fj.at(slew_ns, load_ff) +
           power.fall_share * power.fall_fj.at(slew_ns, load_ff);
  }
  return sum;
}

std::vector<InternalPower> merge_rails(std::vector<RailPower> groups) {
  std::vector<InternalPower> result;
  std::vector<std::vector<std::string>> rails;  // of each result
  for (RailPower& group : groups) {
    bool merged = false;
    for (std::size_t i = 0; i < result.size() && !merged; ++i) {
      InternalPower& power = result[i];
      if (power.related_pin != group.power.related_pin || power.when != group.power.when) continue;
      const bool disjoint = (power.rise_fj.empty() || group.power.rise_fj.empty()) &&
                            (power.fall_fj.empty() || group.power.fall_fj.empty());
      const bool other_rail =
          !group.rail.empty() && !contains(rails[i], group.rail) && rails[i].size() < kMaxRails;
      if (!disjoint && !other_rail) continue;
      power.rise_fj = LookupTable::sum(power.rise_fj, group.power.rise_fj);
      power.fall_fj = LookupTable::sum(power.fall_fj, group.power.fall_fj);
      if (other_rail) rails[i].push_back(group.rail);
      merged = true;
    }
    if (merged) continue;
    rails.push_back(group.rail.empty() ? std::vector<std::string>{}
                                       : std::vector<std::string>{group.rail});
    result.push_back(std::move(group.power));
  }
  return result;
}

void set_shares(LibraryPin& pin, const CellStates& states) {
  set_edge_shares(pin, states, &InternalPower::rise_fj, &InternalPower::rise_share);
  set_edge_shares(pin, states, &InternalPower::fall_fj, &InternalPower::fall_share);
}

std::vector<StateLeakage> merge_rails(const std::vector<RailLeakage>& groups) {
  std::vector<StateLeakage> result;
  std::vector<std::vector<std::string>> rails;
  for (const RailLeakage& group : groups) {
    bool merged = false;
    for (std::size_t i = 0; i < result.size() && !merged; ++i) {
      if (result[i].when != group.leakage.when || group.rail.empty() ||
          contains(rails[i], group.rail)) {
        continue;
      }
      result[i].leakage_nw += group.leakage.leakage_nw;
      rails[i].push_back(group.rail);
      merged = true;
    }
    if (merged) continue;
    rails.push_back(group.rail.empty() ? std::vector<std::string>{}
                                       : std::vector<std::string>{group.rail});
    result.push_back(group.leakage);
  }
  return result;
}

double mean_leakage_nw(const std::vector<StateLeakage>& groups, double otherwise_nw,
                       const CellStates& states) {
  if (groups.empty()) return otherwise_nw;
  const std::vector<std::string> whens = conditions(groups);
  const std::vector<double> weights = states.weights(whens);
  double sum = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    sum += weights[i] * groups[i].leakage_nw;
    total += weights[i];
  }
  const double mean = sum / total;
  if (contains(whens, "")) return mean;
  const double rest = states.share_of_rest(whens);
  return (1.0 - rest) * mean + rest * otherwise_nw;
}

}  // namespace togglewise::tech
