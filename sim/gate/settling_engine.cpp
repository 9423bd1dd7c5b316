#include "sim/gate/settling_engine.h"

#include <algorithm>
#include <limits>

#include "sim/gate/prime_implicants.h"

namespace togglewise::gate {

using tech::kFall;
using tech::kRise;
using tech::NetIndex;

namespace {

constexpr std::uint32_t kNoSlot = std::numeric_limits<std::uint32_t>::max();
constexpr float kSettled = -std::numeric_limits<float>::infinity();  // from the start
constexpr float kUndecided = std::numeric_limits<float>::infinity();

std::size_t at(NetIndex net) { return static_cast<std::size_t>(net); }
std::size_t edge_to(bool value) { return value ? kRise : kFall; }

}  // namespace

SettlingEngine::SettlingEngine(const tech::Netlist& mac, const tech::TimingArcs& arcs, int weight) {
  const tech::CaseAnalysis analysis(mac, {{"weight", static_cast<std::uint64_t>(weight)}});
  std::vector<std::uint32_t> slots(mac.nets().size(), kNoSlot);
  add_inputs(mac, arcs, slots);
  for (const tech::CellIndex index : mac.combinational_order()) {
    const tech::Cell& cell = mac.cell(index);
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net == tech::kNone || analysis.is_constant(net)) continue;
      const std::vector<Implicant> found = implicants(analysis, arcs, net, slots);
      // Behind the registers nothing moves but their own edges: nobody waits for these.
      if (found.empty()) continue;
      slots[at(net)] = static_cast<std::uint32_t>(slots_++);
      operations_.push_back({slots[at(net)], found});
    }
  }
  for (const tech::TimingArcs::Endpoint& endpoint : arcs.endpoints) {
    if (slots[at(endpoint.net)] == kNoSlot) continue;
    endpoints_.push_back({slots[at(endpoint.net)],
                          {static_cast<float>(endpoint.setup_ps[kRise]),
                           static_cast<float>(endpoint.setup_ps[kFall])}});
  }
}

void SettlingEngine::add_inputs(const tech::Netlist& mac, const tech::TimingArcs& arcs,
                                std::vector<std::uint32_t>& slots) {
  for (const bool of_activation : {true, false}) {
    const tech::Port* port = mac.port(of_activation ? "activation_in" : "partial_sum_in");
    for (std::size_t bit = 0; bit < port->bits.size(); ++bit) {
      const NetIndex net = port->bits[bit];
      slots[at(net)] = static_cast<std::uint32_t>(slots_++);
      inputs_.push_back({slots[at(net)],
                         of_activation,
                         static_cast<unsigned>(bit),
                         {static_cast<float>(arcs.launch_ps[at(net)][kRise]),
                          static_cast<float>(arcs.launch_ps[at(net)][kFall])}});
    }
  }
}

// None for a net that hangs on a register's output.
std::vector<SettlingEngine::Implicant> SettlingEngine::implicants(
    const tech::CaseAnalysis& analysis, const tech::TimingArcs& arcs, NetIndex net,
    const std::vector<std::uint32_t>& slots) {
  const tech::Netlist& mac = analysis.netlist();
  const tech::Cell& cell = mac.cell(mac.net(net).driver.cell);
  const tech::LiveFunction live = analysis.live_function(net);
  const auto source = [&](std::size_t variable) {
    return slots[at(cell.nets[static_cast<std::size_t>(cell.type->inputs[live.inputs[variable]])])];
  };
  for (std::size_t v = 0; v < live.inputs.size(); ++v) {
    if (source(v) == kNoSlot) return {};
  }
  std::vector<Implicant> result;
  for (const bool output : {true, false}) {
    for (const Cube& cube : prime_implicants(live.function, output)) {
      Implicant implicant{output, {}};
      for (std::size_t v = 0; v < live.inputs.size(); ++v) {
        if (((cube.care >> v) & 1U) == 0) continue;
        const bool value = ((cube.values >> v) & 1U) != 0;
        const tech::TimingArcs::Arc& arc = arcs.arcs[at(net)][live.inputs[v]];
        implicant.literals.push_back(
            {source(v), value, static_cast<float>(arc.delay_ps[edge_to(value)][edge_to(output)])});
      }
      result.push_back(std::move(implicant));
    }
  }
  return result;
}

void SettlingEngine::launch(const MacTransition* transitions, std::size_t count,
                            std::vector<Lanes>& nets) const {
  for (const InputBit& input : inputs_) {
    Lanes& lanes = nets[input.slot];
    for (std::size_t i = 0; i < kLanes; ++i) {
      const MacTransition& moves = transitions[std::min(i, count - 1)];
      const auto before = static_cast<std::uint32_t>(
          input.of_activation ? moves.activation_before : moves.partial_sum_before);
      const auto after = static_cast<std::uint32_t>(input.of_activation ? moves.activation_after
                                                                        : moves.partial_sum_after);
      const bool value = ((after >> input.bit) & 1U) != 0;
      const bool changes = (((before ^ after) >> input.bit) & 1U) != 0;
      lanes.value[i] = value ? -1 : 0;
      lanes.settled_ps[i] = changes ? input.launch_ps[edge_to(value)] : kSettled;
    }
  }
}

// Compiled for several instruction sets; minima, maxima and sums are the same on each.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void SettlingEngine::evaluate(const std::vector<Operation>& operations, Lanes* nets) {
  for (const Operation& operation : operations) {
    Lanes result;
    result.value.fill(0);
    result.settled_ps.fill(kUndecided);
    for (const Implicant& implicant : operation.implicants) {
      std::array<std::int32_t, kLanes> holds;
      std::array<float, kLanes> latest;
      holds.fill(-1);
      latest.fill(kSettled);
      for (const Literal& literal : implicant.literals) {
        const Lanes& input = nets[literal.slot];
        const std::int32_t inverted = literal.value ? 0 : -1;
        for (std::size_t i = 0; i < kLanes; ++i) {
          const float seen_ps = input.settled_ps[i] + literal.delay_ps;
          holds[i] &= input.value[i] ^ inverted;
          latest[i] = latest[i] < seen_ps ? seen_ps : latest[i];
        }
      }
      const std::int32_t output = implicant.output ? -1 : 0;
      for (std::size_t i = 0; i < kLanes; ++i) {
        const float decided = holds[i] != 0 ? latest[i] : kUndecided;
        result.settled_ps[i] = decided < result.settled_ps[i] ? decided : result.settled_ps[i];
        result.value[i] |= holds[i] & output;
      }
    }
    nets[operation.slot] = result;
  }
}

void SettlingEngine::settle(const MacTransition* transitions, std::size_t count,
                            float* settled_ps) const {
  std::vector<Lanes> nets(slots_);
  for (std::size_t first = 0; first < count; first += kLanes) {
    const std::size_t here = std::min(kLanes, count - first);
    launch(transitions + first, here, nets);
    evaluate(operations_, nets.data());
    for (std::size_t i = 0; i < here; ++i) {
      float latest = 0;
      for (const Endpoint& endpoint : endpoints_) {
        const Lanes& net = nets[endpoint.slot];
        latest =
            std::max(latest, net.settled_ps[i] + endpoint.setup_ps[edge_to(net.value[i] != 0)]);
      }
      settled_ps[first + i] = latest;
    }
  }
}

}  // namespace togglewise::gate
