#include "sim/gate/settling_engine.h"

#include <algorithm>
#include <cmath>

#include "sim/gate/event_engine.h"
#include "sim/gate/prime_implicants.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {
namespace {

std::vector<Cube> primes(const std::string& function, const std::vector<std::string>& names,
                         bool value) {
  return prime_implicants(tech::parse_boolean_function(function, names), value);
}

TEST(PrimeImplicants, AreTheSmallestSetsThatDecide) {
  EXPECT_EQ(primes("A & B", {"A", "B"}, true), (std::vector<Cube>{{3, 3}}));
  EXPECT_EQ(primes("A & B", {"A", "B"}, false), (std::vector<Cube>{{1, 0}, {2, 0}}));
  EXPECT_EQ(primes("A ^ B", {"A", "B"}, true), (std::vector<Cube>{{3, 1}, {3, 2}}));
  // A multiplexer's third one: both data inputs agree, whatever selects.
  EXPECT_EQ(primes("(A & S) | (B & !S)", {"A", "B", "S"}, true),
            (std::vector<Cube>{{3, 3}, {5, 5}, {6, 2}}));
  // A majority's: any two.
  EXPECT_EQ(primes("(A & B) | (A & C) | (B & C)", {"A", "B", "C"}, false),
            (std::vector<Cube>{{3, 0}, {5, 0}, {6, 0}}));
}

// Every cell's delay from an input is one whole number of ps for all edges: then the rule of
// inertial_model.h, at a quantum of 1 ps, has exactly these delays.
struct EvenDelays {
  tech::TimingArcs arcs;
  tech::NetlistDelays delays;
};

EvenDelays even_delays(const tech::Netlist& netlist) {
  EvenDelays even{tech::timing_arcs(netlist, {}), tech::compute_delays(netlist, {})};
  const auto rounded = [](const tech::EdgeDelays& edges) { return std::round(edges.mean_ps()); };
  for (std::size_t net = 0; net < even.delays.arcs.size(); ++net) {
    const double launch_ps = rounded(even.delays.launch[net]);
    even.delays.launch[net] = {launch_ps, launch_ps};
    for (double& launch : even.arcs.launch_ps[net]) {
      if (launch != tech::kNeverPs) launch = launch_ps;
    }
    for (std::size_t i = 0; i < even.delays.arcs[net].size(); ++i) {
      const double delay_ps = rounded(even.delays.arcs[net][i]);
      even.delays.arcs[net][i] = {delay_ps, delay_ps};
      for (auto& causes : even.arcs.arcs[net][i].delay_ps) causes = {delay_ps, delay_ps};
    }
  }
  for (tech::TimingArcs::Endpoint& endpoint : even.arcs.endpoints) endpoint.setup_ps = {0, 0};
  return even;
}

std::vector<MacTransition> random_transitions(std::size_t count, std::uint64_t seed) {
  const Streams streams = random_streams(2 * count, 20, seed);
  std::vector<MacTransition> transitions;
  for (std::size_t t = 0; t < count; ++t) {
    transitions.push_back({streams.activation[2 * t], streams.activation[2 * t + 1],
                           streams.partial_sum[2 * t], streams.partial_sum[2 * t + 1]});
  }
  return transitions;
}

// The last change of any register's input, by events.
int last_change(EventEngine& engine, const tech::TimingArcs& arcs, int weight,
                const MacTransition& moves) {
  const auto apply = [&](int activation, int partial_sum) {
    engine.set_input("weight", static_cast<std::uint64_t>(weight));
    engine.set_input("activation_in", static_cast<std::uint64_t>(activation));
    engine.set_input("partial_sum_in", static_cast<std::uint64_t>(partial_sum));
    engine.settle();
  };
  apply(moves.activation_before, moves.partial_sum_before);
  apply(moves.activation_after, moves.partial_sum_after);
  int last = 0;
  for (const tech::TimingArcs::Endpoint& endpoint : arcs.endpoints) {
    const Waveform& waveform = engine.waveform(endpoint.net);
    if (!waveform.empty()) last = std::max(last, waveform.back().at);
  }
  return last;
}

TEST(SettlingEngine, NoEventComesLater_AndStaticTimingIsLaterStill) {
  const tech::Netlist& mac = mac22().netlist;
  const EvenDelays even = even_delays(mac);
  const InertialModel model = make_inertial_model(mac, even.delays, 1.0);
  EventEngine events(mac, model);
  constexpr std::size_t kTransitions = 40;
  int at_the_bound = 0;
  for (const int weight : {-128, -93, -1, 0, 1, 3, 16, 64, 93, 127}) {
    const tech::CaseAnalysis analysis(mac, {{"weight", static_cast<std::uint64_t>(weight)}});
    const double sta_ps = tech::longest_path_ps(analysis, even.arcs);
    const std::vector<MacTransition> transitions = random_transitions(kTransitions, 5);
    std::vector<float> settled_ps(kTransitions);
    SettlingEngine(mac, even.arcs, weight)
        .settle(transitions.data(), kTransitions, settled_ps.data());
    for (std::size_t t = 0; t < kTransitions; ++t) {
      const int last_ps = last_change(events, even.arcs, weight, transitions[t]);
      EXPECT_LE(last_ps, static_cast<double>(settled_ps[t]) + 1) << weight << " " << t;
      EXPECT_LE(static_cast<double>(settled_ps[t]), sta_ps) << weight << " " << t;
      if (last_ps > 0.98 * static_cast<double>(settled_ps[t])) ++at_the_bound;
    }
  }
  EXPECT_GT(at_the_bound, 100);  // of 400: it is no loose bound
}

TEST(SettlingEngine, StaysBelowStaticTiming_OfEveryWeight) {
  const tech::Netlist& mac = mac22().netlist;
  const tech::TimingArcs arcs = tech::timing_arcs(mac, {});
  const std::vector<MacTransition> transitions = random_transitions(256, 3);
  std::vector<float> settled_ps(transitions.size());
  double closest = 0;
  for (int weight = -128; weight < 128; ++weight) {
    const tech::CaseAnalysis analysis(mac, {{"weight", static_cast<std::uint64_t>(weight)}});
    const double sta_ps = tech::longest_path_ps(analysis, arcs);
    SettlingEngine(mac, arcs, weight)
        .settle(transitions.data(), transitions.size(), settled_ps.data());
    const float longest_ps = *std::max_element(settled_ps.begin(), settled_ps.end());
    EXPECT_LE(static_cast<double>(longest_ps), sta_ps + 0.01) << weight;  // single precision
    EXPECT_GT(static_cast<double>(longest_ps), 0.4 * sta_ps) << weight;
    closest = std::max(closest, static_cast<double>(longest_ps) / sta_ps);
  }
  EXPECT_GT(closest, 0.9);
}

TEST(SettlingEngine, GivesTheSame_HoweverManyTransitionsAreAskedAtOnce) {
  const tech::Netlist& mac = mac22().netlist;
  const SettlingEngine engine(mac, tech::timing_arcs(mac, {}), 93);
  const std::vector<MacTransition> transitions = random_transitions(70, 9);
  std::vector<float> together(transitions.size());
  engine.settle(transitions.data(), transitions.size(), together.data());
  for (std::size_t t = 0; t < transitions.size(); ++t) {
    float alone = 0;
    engine.settle(&transitions[t], 1, &alone);
    EXPECT_EQ(alone, together[t]) << t;
  }
  for (const std::size_t count : {std::size_t{31}, std::size_t{32}, std::size_t{33}}) {
    std::vector<float> some(count);
    engine.settle(transitions.data(), count, some.data());
    EXPECT_TRUE(std::equal(some.begin(), some.end(), together.begin()));
  }
}

TEST(SettlingEngine, NothingMoves_WhereNothingChanges) {
  const tech::Netlist& mac = mac22().netlist;
  const SettlingEngine engine(mac, tech::timing_arcs(mac, {}), -77);
  const MacTransition still{17, 17, -4000, -4000};
  float settled_ps = 1;
  engine.settle(&still, 1, &settled_ps);
  EXPECT_EQ(settled_ps, 0.0F);
}

}  // namespace
}  // namespace togglewise::gate
