#include "sim/energy/energy_sources.h"

#include <fmt/format.h>

#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"

namespace togglewise::energy {
namespace {

std::string short_hash(const std::string& hash) { return hash.substr(0, 12); }

std::string library_text(const MacHardware& hardware) {
  return fmt::format("{}, {} V, {} °C", hardware.library().name(), hardware.library().voltage(),
                     hardware.library().temperature_celsius());
}

std::string pe_text(const MacHardware& hardware, Fidelity fidelity, const EnergyTables* tables,
                    const std::string& tables_name, const std::string& operands) {
  if (fidelity == Fidelity::gate) {
    return fmt::format("gate engine, {}, netlist {} on {}: every transition of {}",
                       hardware.engine().timing(), short_hash(hardware.netlist().hash()),
                       library_text(hardware), operands);
  }
  const std::string rows =
      fidelity == Fidelity::table ? "the entry of every transition of " : "mean entries of ";
  return fmt::format("tables {}, grouping {}, {}, netlist {}: {}{}", tables_name,
                     tables->grouping->name(), tables->timing, short_hash(tables->netlist_hash),
                     rows, operands);
}

std::string accumulator_text(const MacHardware& hardware, Fidelity fidelity) {
  std::string text = fidelity == Fidelity::gate
                         ? "gate engine, zero-delay: every cycle of the accumulators"
                         : "gate engine, zero-delay: accumulators of the first images";
  if (hardware.counts_glitches()) text += ", times what glitches add on a sample of the layer";
  return text;
}

}  // namespace

std::vector<EnergySource> energy_sources(const MacHardware& hardware, Fidelity fidelity,
                                         const EnergyTables* tables,
                                         const std::string& tables_name) {
  const char* const pes = fidelity == Fidelity::gate ? "gates" : "tables";
  const auto pe = [&](const std::string& operands) {
    return pe_text(hardware, fidelity, tables, tables_name, operands);
  };
  const RegisterToggleEnergies& toggle = hardware.register_toggle();
  const std::string delay =
      fmt::format("toggles × {:.4g} fJ per toggle of a flip-flop", toggle.delay_fj);
  std::vector<EnergySource> sources;
  for (const auto& entry : EnergyBreakdown().lines()) {
    const std::string& line = entry.first;
    EnergySource source{line, pes, ""};
    if (line == "idle_columns") {
      source.text = pe("idle PEs, rows of weight 0, partial sums 0");
    } else if (line == "idle_rows") {
      source.text = pe("idle PEs, rows of weight 0, activations 0");
    } else if (line == "weight_load") {
      source.kind = "toggles";
      source.text = fmt::format(
          "toggles × {:.4g} fJ (weight) and {:.4g} fJ (shadow register), enables of loads; the "
          "MACs' nets at a change of weight by the gate engine, {}",
          toggle.weight_fj, toggle.shadow_weight_fj, hardware.engine().timing());
    } else if (line == "skew" || line == "deskew") {
      source.kind = "toggles";
      source.text = delay;
    } else if (line == "accumulator") {
      source.kind = "gates";
      source.text = accumulator_text(hardware, fidelity);
    } else if (line == "gating") {
      source.kind = "gates";
      source.text = hardware.gating()
                        ? "gate engine, zero-delay: flags, isolation, enables and their logic"
                        : "none: the hardware has no gating";
    } else if (line == "clock" && hardware.gating()) {
      source.kind = "clock";
      source.text =
          "clocked cycles of every domain times its clock pins, and clock gates, from Liberty";
    } else if (line == "clock") {
      source.kind = "clock";
      source.text = fmt::format("cycles × {:.6g} fJ: clock pins of all registers of the array",
                                hardware.clock_fj_per_cycle());
    } else if (line == "leakage") {
      source.kind = "leakage";
      source.text = fmt::format("cycles × {:.6g} fJ: Liberty leakage of all cells, {}",
                                hardware.gating() ? hardware.gating()->leakage_fj_per_cycle()
                                                  : hardware.leakage_fj_per_cycle(),
                                library_text(hardware));
    } else {
      source.text = pe("the layer's PEs, rows of their weights");
      if (fidelity != Fidelity::gate) source.text += ", split by the weights' measured shares";
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace togglewise::energy
