// The libraries and MAC architectures on which the gate engines are compared with other simulators,
// and the vectors that both sides run.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/tech/verilog_models.h"
#include "tests/gate/gate_fixture.h"

namespace togglewise::gate {

struct ReferenceLibrary {
  std::string name;
  std::filesystem::path liberty;
  std::filesystem::path cell_models;  // the vendor's own
};
inline std::vector<ReferenceLibrary> reference_libraries() {
  const std::filesystem::path folder = "/usr/share/qflow/tech";
  return {{"osu018", folder / "osu018/osu018_stdcells.lib", folder / "osu018/osu018_stdcells.v"},
          {"osu035", folder / "osu035/osu035_stdcells.lib", folder / "osu035/osu035_stdcells.v"},
          {"osu050", folder / "osu050/osu05_stdcells.lib", folder / "osu050/osu05_stdcells.v"}};
}

struct ReferenceMac {
  std::string top;
  std::vector<std::string> rtl;
};
inline std::vector<ReferenceMac> reference_macs() {
  return {{"mac", {"multiplier.sv", "adder.sv", "mac.sv"}},
          {"mac_booth", {"booth_multiplier.sv", "adder.sv", "mac_booth.sv"}},
          {"mac_booth_activation", {"booth_multiplier.sv", "adder.sv", "mac_booth_activation.sv"}}};
}

struct ReferenceCase {
  ReferenceLibrary library;
  ReferenceMac mac;
};
inline std::vector<ReferenceCase> reference_cases() {
  std::vector<ReferenceCase> cases;
  for (const ReferenceLibrary& library : reference_libraries()) {
    for (const ReferenceMac& mac : reference_macs()) cases.push_back({library, mac});
  }
  return cases;
}
inline std::string case_name(const ReferenceCase& chosen) {
  return chosen.library.name + "_" + chosen.mac.top;
}

// A MAC of the reference set with everything that is compared.
struct ReferenceNetlist {
  explicit ReferenceNetlist(const ReferenceCase& chosen)
      : ReferenceNetlist(tech::synthesize(request_of(chosen)), chosen.library.liberty) {}

  static tech::SynthesisRequest request_of(const ReferenceCase& chosen) {
    std::vector<std::filesystem::path> files;
    for (const std::string& file : chosen.mac.rtl) files.push_back(tech::rtl_file(file));
    tech::SynthesisRequest request =
        tech::request(files, chosen.mac.top, {{"PARTIAL_SUM_BITS", 22}});
    request.liberty_file = chosen.library.liberty;
    return request;
  }

  std::filesystem::path verilog;
  tech::Netlist netlist;
  tech::NetlistEnergy energy;
  std::vector<tech::NetIndex> nets;  // all but constants and the clock

 private:
  ReferenceNetlist(const tech::SynthesisResult& result, const std::filesystem::path& liberty)
      : verilog(result.verilog_file),
        netlist(tech::Netlist::read(result.json_file, tech::CellLibrary::read(liberty))),
        energy(tech::compute_mac_energy(netlist, {})) {
    for (std::size_t net = 2; net < netlist.nets().size(); ++net) {
      if (static_cast<int>(net) != netlist.clock_net()) nets.push_back(static_cast<int>(net));
    }
  }
};

// A net seen from outside the instance `dut`; escaped, because flattened names hold dots.
inline std::string inside_dut(const tech::Net& net) {
  const std::size_t bracket = net.name.rfind('[');
  const std::string bit = bracket == std::string::npos ? "" : net.name.substr(bracket);
  return "dut." + tech::verilog_identifier(net.name.substr(0, bracket)) + bit;
}
// All of them, the first net leftmost: Verilog's most significant bit.
inline std::string concatenation(const ReferenceNetlist& reference) {
  std::string all;
  for (const tech::NetIndex net : reference.nets) {
    all += (all.empty() ? "{" : ",\n      ") + inside_dut(reference.netlist.net(net));
  }
  return all + "}";
}

// By default a few weights of all kinds; every weight where TOGGLEWISE_ALL_WEIGHTS is set, as
// scripts/compare-simulators --all-weights does.
inline bool all_weights() { return std::getenv("TOGGLEWISE_ALL_WEIGHTS") != nullptr; }
inline std::vector<int> reference_weights() {
  if (!all_weights()) return {93, -1, -128};
  std::vector<int> weights;
  for (int weight = -128; weight <= 127; ++weight) weights.push_back(weight);
  return weights;
}

struct WeightedStream {
  int weight = 0;
  Streams streams;
};
inline std::vector<WeightedStream> reference_streams(std::size_t cycles) {
  std::vector<WeightedStream> all;
  for (const int weight : reference_weights()) {
    all.push_back({weight, random_streams(cycles, 22, static_cast<std::uint64_t>(weight + 500))});
  }
  return all;
}

// The vectors of all streams, one a cycle: weight, activation, partial sum. The first of a stream
// is applied twice, so that registers follow it before the counting starts; the last one once more,
// so that registers follow.
struct Vector {
  std::uint8_t weight = 0;
  std::uint8_t activation = 0;
  std::uint32_t partial_sum = 0;
  bool counted = false;  // false in the first cycle of a stream
};
inline std::vector<Vector> vectors_of(const std::vector<WeightedStream>& all) {
  std::vector<Vector> vectors;
  for (const WeightedStream& one : all) {
    const std::size_t cycles = one.streams.activation.size();
    for (std::size_t line = 0; line < cycles + 2; ++line) {
      const std::size_t t = line == 0 ? 0 : std::min(line - 1, cycles - 1);
      vectors.push_back({static_cast<std::uint8_t>(one.weight),
                         static_cast<std::uint8_t>(one.streams.activation[t]),
                         static_cast<std::uint32_t>(one.streams.partial_sum[t]) & 0x3FFFFFU,
                         line > 0});
    }
  }
  return vectors;
}

// Toggles of every net of reference.nets by the zero-delay engine, over all streams.
inline std::vector<std::uint64_t> engine_toggles(const ReferenceNetlist& reference,
                                                 const std::vector<WeightedStream>& all) {
  const ZeroDelayEngine engine(reference.netlist, reference.energy);
  BitPlanes out;
  ToggleTally tally;
  for (const WeightedStream& one : all) {
    engine.run(one.weight, BitPlanes::from_int8(one.streams.activation),
               BitPlanes::from_int32(one.streams.partial_sum, 22), out, tally);
  }
  std::vector<std::uint64_t> toggles;
  for (const tech::NetIndex net : reference.nets) {
    toggles.push_back(engine.net_toggles(tally, net));
  }
  return toggles;
}

// Names of nets whose counts differ, for a message; empty where all agree.
inline std::vector<std::string> mismatches(const ReferenceNetlist& reference,
                                           const std::vector<std::uint64_t>& ours,
                                           const std::vector<std::uint64_t>& theirs) {
  std::vector<std::string> different;
  for (std::size_t i = 0; i < reference.nets.size(); ++i) {
    if (ours[i] == theirs[i]) continue;
    different.push_back(fmt::format("{}: {} here, {} there",
                                    reference.netlist.net(reference.nets[i]).name, ours[i],
                                    theirs[i]));
  }
  return different;
}

}  // namespace togglewise::gate
