// Energy with glitches: our event-driven engine at several quanta against Icarus Verilog with full
// SDF delays, weight by weight, and how the energy converges as the quantum shrinks. Prints
// Markdown; run by scripts/compare-inertial.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "sim/gate/event_energies.h"
#include "tests/gate/icarus_with_delays.h"
#include "tests/gate/mac_streams.h"
#include "tests/gate/reference_netlists.h"

namespace togglewise::gate {
namespace {

const std::vector<int> kWeights{93, 0, 1, -1, -2, 3, -16, 64, -128, 127, 85, -86, 7};
const std::vector<double> kComparedPs{5.0, 10.0, 25.0, 50.0, 100.0};
const std::vector<double> kHalvedPs{200.0, 100.0, 50.0, 25.0, 12.5, 6.25, 3.125};

struct Case {
  explicit Case(const ReferenceCase& chosen)
      : reference(chosen),
        delays(tech::compute_delays(reference.netlist, {},
                                    tech::mac_external_loads(reference.netlist, {}))),
        icarus(reference.netlist, delays, reference.verilog, chosen.library.cell_models) {}
  ReferenceNetlist reference;
  tech::NetlistDelays delays;
  IcarusWithDelays icarus;

  double inertial_fj(double quantum_ps, const std::vector<PeOperands>& operands) const {
    const InertialModel model = make_inertial_model(reference.netlist, delays, quantum_ps);
    return inertial_mac_activity(reference.netlist, reference.energy, model, operands).energy_fj();
  }
};

// Sums over weights, and the worst of them.
struct Column {
  double sum_fj = 0.0;
  double squares = 0.0;
  double worst = 0.0;
  void add(double fj, double truth_fj) {
    const double error = fj / truth_fj - 1.0;
    sum_fj += fj;
    squares += error * error;
    if (std::abs(error) > std::abs(worst)) worst = error;
  }
};

void compare(const Case& chosen, const char* stream, std::size_t transitions,
             std::vector<PeOperands> (*operands_of)(int, std::size_t, std::uint64_t)) {
  fmt::print("\n| {} stream, weight | Icarus fJ | glitches |", stream);
  for (const double quantum_ps : kComparedPs) fmt::print(" {} ps |", quantum_ps);
  fmt::print("\n|---|---|---|");
  for (std::size_t i = 0; i < kComparedPs.size(); ++i) fmt::print("---|");
  double icarus_fj = 0.0;
  double settled_fj = 0.0;
  std::vector<Column> columns(kComparedPs.size());
  const tech::NetlistEnergy& energy = chosen.reference.energy;
  for (const int weight : kWeights) {
    const auto operands =
        operands_of(weight, transitions + 1, static_cast<std::uint64_t>(weight + 1000));
    const double truth_fj = energy_of_toggles_fj(energy, chosen.icarus.toggles(operands));
    const double without_fj = energy_of_toggles_fj(
        energy, scalar_toggles(chosen.reference.netlist, weight, streams_of(operands)));
    icarus_fj += truth_fj;
    settled_fj += without_fj;
    fmt::print("\n| {} | {:.0f} | {:.1f} % |", weight, truth_fj / static_cast<double>(transitions),
               100.0 * (1.0 - without_fj / truth_fj));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const double fj = chosen.inertial_fj(kComparedPs[i], operands);
      columns[i].add(fj, truth_fj);
      fmt::print(" {:+.2f} % |", 100.0 * (fj / truth_fj - 1.0));
    }
    std::fflush(stdout);
  }
  const auto weights = static_cast<double>(kWeights.size());
  fmt::print("\n| **all** | {:.0f} | {:.1f} % |",
             icarus_fj / weights / static_cast<double>(transitions),
             100.0 * (1.0 - settled_fj / icarus_fj));
  for (const Column& column : columns) {
    fmt::print(" **{:+.2f} %** |", 100.0 * (column.sum_fj / icarus_fj - 1.0));
  }
  fmt::print("\n| rms | | |");
  for (const Column& column : columns) {
    fmt::print(" {:.2f} % |", 100.0 * std::sqrt(column.squares / weights));
  }
  fmt::print("\n| worst | | |");
  for (const Column& column : columns) fmt::print(" {:+.2f} % |", 100.0 * column.worst);
  fmt::print("\n");
  std::fflush(stdout);
}

void converge(const Case& chosen, std::size_t transitions) {
  fmt::print("\n| quantum ps | quanta a cycle | fJ a transition | to the next halving |\n");
  fmt::print("|---|---|---|---|\n");
  std::vector<double> energies_fj;
  for (const double quantum_ps : kHalvedPs) {
    double sum_fj = 0.0;
    for (const int weight : kWeights) {
      sum_fj += chosen.inertial_fj(
          quantum_ps,
          realistic_operands(weight, transitions + 1, static_cast<std::uint64_t>(weight + 2000)));
    }
    energies_fj.push_back(sum_fj / static_cast<double>(transitions * kWeights.size()));
  }
  for (std::size_t i = 0; i < kHalvedPs.size(); ++i) {
    const int quanta =
        make_inertial_model(chosen.reference.netlist, chosen.delays, kHalvedPs[i]).last();
    const std::string difference =
        i + 1 < kHalvedPs.size()
            ? fmt::format("{:+.2f} %", 100.0 * (energies_fj[i] / energies_fj[i + 1] - 1.0))
            : "";
    fmt::print("| {} | {} | {:.0f} | {} |\n", kHalvedPs[i], quanta, energies_fj[i], difference);
  }
  std::fflush(stdout);
}

void run(const ReferenceCase& reference, std::size_t transitions) {
  fmt::print("\n### {}\n", case_name(reference));
  const Case chosen(reference);
  compare(chosen, "realistic", transitions, realistic_operands);
  compare(chosen, "random", transitions, random_operands);
  converge(chosen, transitions);
}

}  // namespace
}  // namespace togglewise::gate

int main(int argc, char** argv) {
  using namespace togglewise::gate;
  if (argc < 3) {
    std::fprintf(stderr, "usage: compare_inertial <transitions per weight> <case> ...\n");
    return 2;
  }
  const std::size_t transitions = std::stoul(argv[1]);
  for (int i = 2; i < argc; ++i) {
    const std::vector<ReferenceCase> all = reference_cases();
    const auto found = std::find_if(all.begin(), all.end(), [&](const ReferenceCase& reference) {
      return case_name(reference) == argv[i];
    });
    if (found == all.end()) {
      std::fprintf(stderr, "no case %s; there are:", argv[i]);
      for (const ReferenceCase& reference : all) {
        std::fprintf(stderr, " %s", case_name(reference).c_str());
      }
      std::fprintf(stderr, "\n");
      return 2;
    }
    try {
      run(*found, transitions);
    } catch (const std::exception& problem) {
      std::fprintf(stderr, "%s: %s\n", argv[i], problem.what());
      return 1;
    }
  }
  return 0;
}
