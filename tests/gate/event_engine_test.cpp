#include "sim/gate/event_engine.h"

#include <cstdio>
#include <sstream>

#include <rapidcheck.h>

#include "sim/base/files.h"
#include "sim/gate/event_energies.h"
#include "tests/gate/gate_fixture.h"
#include "tests/gate/quantum_by_quantum.h"
#include "tests/gate/random_netlist.h"

namespace togglewise::gate {
namespace {

// Runs both over random inputs; false where any net's waveform differs in any cycle.
bool matches_quantum_by_quantum(const tech::Netlist& netlist, const InertialModel& model,
                                const std::vector<std::string>& ports, int cycles, Random& random) {
  EventEngine engine(netlist, model);
  QuantumByQuantum reference(netlist, model);
  engine.settle();
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const std::vector<std::uint8_t> before = engine.values();
    engine.clock_edge();
    for (const std::string& port : ports) engine.set_input(port, random.bits());
    engine.settle();
    const std::vector<Waveform> expected = reference.cycle(before, engine.values());
    for (std::size_t net = 0; net < expected.size(); ++net) {
      if (!(engine.waveform(static_cast<int>(net)) == expected[net])) return false;
    }
  }
  return true;
}

// No time passes anywhere: only settled values are seen.
InertialModel without_delays(const tech::Netlist& netlist) {
  InertialModel model;
  model.quantum_ps = 1.0;
  model.nets.resize(netlist.nets().size());
  return model;
}

InertialModel mac_model(double quantum_ps) {
  const tech::EnergyParameters parameters;
  const tech::Netlist& mac = mac22().netlist;
  return make_inertial_model(
      mac, tech::compute_delays(mac, parameters, tech::mac_external_loads(mac, parameters)),
      quantum_ps);
}

std::vector<PeOperands> operands(int weight, const Streams& streams) {
  std::vector<PeOperands> result;
  for (std::size_t i = 0; i < streams.activation.size(); ++i) {
    result.push_back(
        {static_cast<std::int8_t>(weight), streams.activation[i], streams.partial_sum[i]});
  }
  return result;
}

TEST(FilterPulses, ShorterOnesAreSwallowed_AndOneAsLongAsTheWindowPasses) {
  InertialNet net;
  net.rise = 3;
  net.fall = 2;
  EXPECT_EQ(filter_pulses({{10, true}, {12, false}}, false, net), Waveform{});
  EXPECT_EQ(filter_pulses({{10, true}, {13, false}}, false, net),
            (Waveform{{12, true}, {14, false}}));
  EXPECT_EQ(filter_pulses({{10, false}, {11, true}}, true, net), Waveform{});
  EXPECT_EQ(filter_pulses({{10, false}, {12, true}}, true, net),
            (Waveform{{11, false}, {14, true}}));
}

TEST(FilterPulses, AnInterruptedEdge_CountsFromItsLastBeginning) {
  InertialNet net;
  net.rise = 4;
  net.fall = 4;
  EXPECT_EQ(filter_pulses({{0, true}, {2, false}, {3, true}}, false, net), (Waveform{{6, true}}));
}

// A waveform as docs/glitches.md draws it: # is 1, _ is 0.
Waveform drawn(const std::string& text) {
  Waveform waveform;
  bool value = false;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if ((text[k] == '#') == value) continue;
    value = !value;
    waveform.push_back({static_cast<int>(k), value});
  }
  return waveform;
}

TEST(FilterPulses, TheGlitchesDocumentsExample_IsWhatTheRuleGives) {
  std::istringstream document(
      read_file(std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "docs/glitches.md"));
  InertialNet net;
  std::string g;
  std::string y;
  for (std::string line; std::getline(document, line);) {
    if (line.rfind("rise = ", 0) == 0) {
      ASSERT_EQ(std::sscanf(line.c_str(), "rise = %d, fall = %d", &net.rise, &net.fall), 2);
    }
    if (line.rfind("g  ", 0) == 0) g = line.substr(3);
    if (line.rfind("y  ", 0) == 0) y = line.substr(3);
  }
  ASSERT_EQ(g.size(), y.size());
  EXPECT_GE(drawn(g).size(), 8U);
  EXPECT_EQ(filter_pulses(drawn(g), false, net), drawn(y));
}

TEST(EventEngine, HasTheWaveformsOfTheFormula_OnRandomCircuits) {
  EXPECT_TRUE(rc::check([] {
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    const tech::Netlist netlist =
        random_netlist(random, *rc::gen::inRange(1, 16), *rc::gen::inRange(1, 4));
    const InertialModel model = random_model(random, netlist);
    RC_ASSERT(matches_quantum_by_quantum(netlist, model, {"in"}, 20, random));
  }));
}

TEST(EventEngine, HasTheWaveformsOfTheFormula_OnTheMac) {
  Random random(7);
  for (const double quantum_ps : {50.0, 100.0}) {
    const InertialModel model = mac_model(quantum_ps);
    EXPECT_TRUE(matches_quantum_by_quantum(
        mac22().netlist, model, {"weight", "activation_in", "partial_sum_in"}, 6, random))
        << quantum_ps << " ps";
  }
}

TEST(EventEngine, SettlesWhereTheZeroDelayEngineDoes) {
  EXPECT_TRUE(rc::check([] {
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    const tech::Netlist netlist = random_netlist(random, *rc::gen::inRange(1, 30), 3);
    const InertialModel model = random_model(random, netlist);
    EventEngine engine(netlist, model);
    ScalarEngine scalar(netlist);
    for (int cycle = 0; cycle < 20; ++cycle) {
      const std::uint64_t in = random.bits();
      engine.set_input("in", in);
      scalar.set_input("in", in);
      engine.settle();
      scalar.settle();
      RC_ASSERT(engine.values() == scalar.values());
      for (std::size_t net = 0; net < netlist.nets().size(); ++net) {
        const Waveform& waveform = engine.waveform(static_cast<int>(net));
        if (waveform.empty()) continue;
        RC_ASSERT(waveform.back().value == (scalar.values()[net] != 0));
      }
      engine.clock_edge();
      scalar.clock_edge();
    }
  }));
}

TEST(EventEngine, FirstSettle_ChangesNothing) {
  const InertialModel model = mac_model(50.0);
  EventEngine engine(mac22().netlist, model);
  engine.set_input("partial_sum_in", 12345);
  engine.settle();
  for (std::size_t net = 0; net < mac22().netlist.nets().size(); ++net) {
    EXPECT_EQ(engine.toggles(static_cast<int>(net)), 0U);
  }
}

TEST(MacActivity, WithoutDelays_IsThatOfTheZeroDelayEngine) {
  const Streams streams = random_streams(200, 22, 3);
  const MacActivity activity = inertial_mac_activity(
      mac22().netlist, mac22().energy, without_delays(mac22().netlist), operands(-77, streams));
  EXPECT_EQ(activity.toggles, scalar_toggles(mac22().netlist, -77, streams));
  std::vector<float> expected(199);
  engine22().transition_energies_fj(-77, streams.activation.data(), streams.partial_sum.data(), 200,
                                    expected.data());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(activity.transition_energy_fj[i], expected[i], 1e-4 * expected[i] + 1e-3) << i;
  }
}

TEST(MacActivity, TransitionEnergies_AreTogglesTimesEnergy) {
  const InertialModel model = mac_model(50.0);
  const MacActivity activity = inertial_mac_activity(mac22().netlist, mac22().energy, model,
                                                     operands(93, random_streams(100, 22, 4)));
  double sum_fj = 0.0;
  for (std::size_t net = 0; net < activity.toggles.size(); ++net) {
    sum_fj += static_cast<double>(activity.toggles[net]) * mac22().energy.nets[net].total_fj();
  }
  EXPECT_NEAR(activity.energy_fj(), sum_fj, 1e-9 * sum_fj);
}

TEST(MacActivity, HasGlitches_OnlyBetweenInputsAndRegisters) {
  const Streams streams = random_streams(300, 22, 5);
  const tech::Netlist& mac = mac22().netlist;
  const MacActivity activity =
      inertial_mac_activity(mac, mac22().energy, mac_model(50.0), operands(-1, streams));
  const std::vector<std::uint64_t> settled = scalar_toggles(mac, -1, streams);
  std::uint64_t glitches = 0;
  for (std::size_t net = 0; net < settled.size(); ++net) {
    const tech::CellIndex driver = mac.nets()[net].driver.cell;
    ASSERT_GE(activity.toggles[net], settled[net]);
    EXPECT_EQ((activity.toggles[net] - settled[net]) % 2, 0U) << "a glitch is there and back";
    if (driver == tech::kNone || mac.cell(driver).type->is_register()) {
      EXPECT_EQ(activity.toggles[net], settled[net]);
    }
    glitches += activity.toggles[net] - settled[net];
  }
  EXPECT_GT(glitches, 10000U);
}

TEST(CycleEnergies, OfTheAccumulator_AreThoseWithoutDelays_PlusGlitches) {
  const tech::Netlist accumulator =
      tech::synthesized(tech::request({tech::rtl_file("accumulator.sv")}, "accumulator", {}));
  const tech::EnergyParameters parameters;
  const tech::NetlistEnergy energy = tech::compute_netlist_energy(accumulator, parameters);
  PortStreams streams;
  Random random(9);
  for (const tech::Port& port : accumulator.ports()) {
    if (!port.is_input || port.name == "clk") continue;
    for (int cycle = 0; cycle < 100; ++cycle) streams[port.name].push_back(random.bits());
  }
  const std::vector<double> settled = cycle_energies_fj(accumulator, energy, streams);
  const std::vector<double> alike =
      cycle_energies_fj(accumulator, energy, without_delays(accumulator), streams);
  const std::vector<double> glitchy = cycle_energies_fj(
      accumulator, energy,
      make_inertial_model(accumulator, tech::compute_delays(accumulator, parameters), 50.0),
      streams);
  double settled_fj = 0.0;
  double glitchy_fj = 0.0;
  for (std::size_t cycle = 0; cycle < settled.size(); ++cycle) {
    EXPECT_NEAR(alike[cycle], settled[cycle], 1e-9 * settled[cycle]);
    EXPECT_GE(glitchy[cycle], settled[cycle] * (1.0 - 1e-12));
    settled_fj += settled[cycle];
    glitchy_fj += glitchy[cycle];
  }
  EXPECT_GT(glitchy_fj, 1.05 * settled_fj);
}

}  // namespace
}  // namespace togglewise::gate
