#include "sim/energy/gating_hardware.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/base/files.h"
#include "sim/energy/mac_hardware.h"
#include "sim/gate/scalar_engine.h"
#include "sim/tech/synthesis.h"

namespace togglewise::energy {
namespace {

using array::ClockCounts;
using Parameters = std::map<std::string, std::int64_t>;

tech::SynthesisResult synthesized(const MacHardware& hardware, const std::string& module,
                                  const Parameters& parameters) {
  tech::SynthesisRequest request;
  request.rtl_files = {std::filesystem::path(TOGGLEWISE_RTL_DIR) / (module + ".sv")};
  request.top = module;
  request.parameters = parameters;
  request.liberty_file = hardware.config().technology.liberty;
  request.clock_period_ps = hardware.config().clock_period_ps;
  return tech::synthesize(request);
}

std::shared_ptr<const tech::Netlist> read(const MacHardware& hardware,
                                          const tech::SynthesisResult& result) {
  return std::make_shared<const tech::Netlist>(tech::Netlist::read(
      result.json_file, hardware.netlist().library_pointer(), tech::Clocks::several));
}

const tech::EnergyParameters& parameters_of(const MacHardware& hardware) {
  return hardware.netlist_energy().parameters;
}

std::vector<double> pins_ff(const MacHardware& hardware, const tech::Netlist& netlist,
                            const std::string& port) {
  return tech::port_capacitance_ff(netlist, port, parameters_of(hardware));
}

// Clock pins of `registers` flip-flops as the array's delays have them, with their wires.
double clock_load_ff(const MacHardware& hardware, int registers) {
  const tech::Netlist& mac = hardware.netlist();
  const tech::LibraryCell& type = *mac.cell(mac.registers().at(0)).type;
  const tech::LibraryPin& pin =
      type.pins[static_cast<std::size_t>(type.pin_index(type.flip_flop->clocked_on))];
  return registers * (pin.capacitance_ff + parameters_of(hardware).wire_capacitance_ff_per_fanout);
}

// Of a gate whose enable is driven by logic; nothing about its load.
ClockGateEnergies unloaded_gate(const MacHardware& hardware) {
  const tech::CellLibrary& library = hardware.library();
  return clock_gate_energies(library, clock_gate_cells(library), parameters_of(hardware), 0);
}

std::unique_ptr<const ActivationStage> make_activation(const MacHardware& hardware,
                                                       const StageOptions& options,
                                                       const tech::Netlist* sum_gate,
                                                       const ClockGateEnergies& gate) {
  const auto& array = hardware.config().array;
  GatedPart part;
  part.netlist =
      read(hardware, synthesized(hardware, "gated_activation",
                                 {{"WEIGHT_BITS", array.weight_bits},
                                  {"ACTIVATION_BITS", array.activation_bits},
                                  {"IDLE_ROWS", options.idle_rows},
                                  {"ZERO_WEIGHT", options.zero_weight},
                                  {"ZERO_ACTIVATION", options.zero_activation},
                                  {"UNCHANGED_PARTIAL_SUM", options.unchanged_partial_sum}}));
  const tech::Netlist& netlist = *part.netlist;
  tech::ExternalLoads loads{
      {"activation_out", pins_ff(hardware, netlist, "activation_in")},
      {"zero_out", pins_ff(hardware, netlist, "zero_in")},
      {"move_out", pins_ff(hardware, netlist, "move_in")},
      {"activation_enable", {gate.enable_load_ff}},
      {"activation_effective", pins_ff(hardware, hardware.netlist(), "activation_in")}};
  std::vector<std::string> used{"activation_out", "activation_effective"};
  if (options.gates_activation()) used.emplace_back("activation_enable");
  if (options.zero_activation) used.emplace_back("zero_out");
  if (options.unchanged_partial_sum) {
    used.insert(used.end(), {"move_out", "weight_used"});
    loads["move_out"].at(0) += pins_ff(hardware, *sum_gate, "move_in").at(0);
    loads["weight_used"] = pins_ff(hardware, *sum_gate, "weight_used");
  }
  part.energy = tech::compute_netlist_energy(netlist, parameters_of(hardware), loads);
  drop_unused_cells(netlist, used, part.energy);
  return std::make_unique<const ActivationStage>(std::move(part),
                                                 options.gates_activation() ? gate.enable_fj : 0);
}

GatedPart sum_gate_part(const MacHardware& hardware, const StageOptions& options,
                        const ClockGateEnergies& gate) {
  GatedPart part;
  part.netlist =
      read(hardware, synthesized(hardware, "partial_sum_gate",
                                 {{"IDLE_ROWS", options.idle_rows},
                                  {"UNCHANGED_PARTIAL_SUM", options.unchanged_partial_sum}}));
  const tech::ExternalLoads loads{{"changed_out", pins_ff(hardware, *part.netlist, "changed_in")},
                                  {"partial_sum_enable", {gate.enable_load_ff}}};
  part.energy = tech::compute_netlist_energy(*part.netlist, parameters_of(hardware), loads);
  return part;
}

std::unique_ptr<const PortFlags> make_port(const MacHardware& hardware,
                                           const StageOptions& options) {
  const tech::SynthesisResult result =
      synthesized(hardware, "activation_flags",
                  {{"ACTIVATION_BITS", hardware.config().array.activation_bits},
                   {"ZERO_ACTIVATION", options.zero_activation},
                   {"UNCHANGED_PARTIAL_SUM", options.unchanged_partial_sum}});
  GatedPart part;
  part.netlist = read(hardware, result);
  part.energy = tech::compute_netlist_energy(*part.netlist, parameters_of(hardware), {});
  return std::make_unique<const PortFlags>(std::move(part), read_file(result.json_file),
                                           hardware.netlist().library_pointer());
}

// What follows the enable of a skew stage: its logic, as far as it does not only see one flag.
void set_skew_logic(const MacHardware& hardware, const ClockGateEnergies& gate, GatedStage& stage) {
  const StageOptions& options = stage.options;
  stage.skew_enable_fj = gate.enable_fj;
  if (!options.zero_activation) return;  // the enable is the flag itself
  const std::shared_ptr<const tech::Netlist> netlist =
      read(hardware, synthesized(hardware, "gated_delay",
                                 {{"DATA_BITS", hardware.config().array.activation_bits},
                                  {"WITH_ZERO", options.zero_activation},
                                  {"WITH_CHANGE", options.unchanged_partial_sum}}));
  const tech::NetlistEnergy energy = tech::compute_netlist_energy(
      *netlist, parameters_of(hardware), {{"data_enable", {gate.enable_load_ff}}});
  for (const tech::CellIndex index : netlist->combinational_order()) {
    const tech::Cell& cell = netlist->cell(index);
    stage.skew_logic_leakage_nw += cell.type->leakage_nw;
    stage.skew_logic_area += cell.type->area;
    for (const int pin : cell.type->outputs) {
      const tech::NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net != tech::kNone) {
        stage.skew_enable_fj += energy.nets[static_cast<std::size_t>(net)].total_fj();
      }
    }
  }
}

}  // namespace

StageOptions::StageOptions(const array::Gating& gating)
    : idle_rows(gating.idle_rows),
      zero_weight(gating.zero_weight),
      zero_activation(gating.zero_activation),
      unchanged_partial_sum(gating.unchanged_partial_sum) {}

int StageOptions::key() const {
  return (idle_rows ? 1 : 0) | (zero_weight ? 2 : 0) | (zero_activation ? 4 : 0) |
         (unchanged_partial_sum ? 8 : 0);
}

GatedStage::GatedStage(const MacHardware& hardware, const StageOptions& of) : options(of) {
  if (!options.own_activation()) return;
  const ClockGateEnergies gate = unloaded_gate(hardware);
  std::optional<GatedPart> sum_part;
  if (options.gates_partial_sum()) sum_part = sum_gate_part(hardware, options, gate);
  activation =
      make_activation(hardware, options, sum_part ? sum_part->netlist.get() : nullptr, gate);
  if (sum_part) {
    partial_sum = std::make_unique<const SumGate>(std::move(*sum_part), gate.enable_fj);
  }
  if (!options.has_port_flags()) return;
  port = make_port(hardware, options);
  set_skew_logic(hardware, gate, *this);
}

GatingHardware::GatingHardware(const MacHardware& hardware, const array::Gating& gating,
                               std::shared_ptr<const GatedStage> stage)
    : gating_(gating), stage_(std::move(stage)) {
  find_mac_register(hardware);
  const auto& array = hardware.config().array;
  const tech::NetlistEnergy& mac = hardware.netlist_energy();
  const double of_activation = mac.totals(tech::Component::activation_register).clock_fj_per_cycle;
  const double flip_flop = hardware.delay_bit().clock_fj_per_cycle;
  pins_.activation_fj = of_activation;
  if (stage_->activation) pins_.activation_fj = array.activation_bits * flip_flop;
  pins_.partial_sum_fj = mac.clock_fj_per_cycle - of_activation;
  pins_.weight_fj = hardware.pe_clock_fj_per_cycle() - mac.clock_fj_per_cycle;
  pins_.skew_fj = pins_.port_fj = array.activation_bits * flip_flop;
  pins_.deskew_fj = array.partial_sum_bits * flip_flop;
  pins_.accumulator_fj = hardware.accumulator().netlist_energy().clock_fj_per_cycle;
  pins_.flag_fj = flip_flop;
  delay_fj_ = hardware.register_toggle().delay_fj;
  make_gates(hardware);
  add_up(hardware);
}

void GatingHardware::make_gates(const MacHardware& hardware) {
  const StageOptions& options = stage_->options;
  const auto& array = hardware.config().array;
  const tech::CellLibrary& library = hardware.library();
  const auto add = [&](array::GateCycles ClockCounts::*kind, int registers) {
    gates_.emplace_back(
        kind, clock_gate_energies(library, clock_gate_cells(library), parameters_of(hardware),
                                  clock_load_ff(hardware, registers)));
  };
  const int sum_registers =
      static_cast<int>(hardware.netlist().registers().size()) - array.activation_bits;
  // Gates of whole rows and columns feed trees, which the model of the ungated clock leaves out
  // too: their ANDs see the most that the library's tables know.
  if (gating_.idle_columns) {
    add(&ClockCounts::column_gates, array.rows * (array.activation_bits + array.partial_sum_bits));
  }
  if (gating_.idle_rows) add(&ClockCounts::row_gates, array.rows * array.activation_bits);
  if (options.gates_activation()) add(&ClockCounts::activation_gates, array.activation_bits);
  if (options.gates_partial_sum()) add(&ClockCounts::partial_sum_gates, sum_registers);
  if (gating_.weight_registers) add(&ClockCounts::weight_gates, 2 * array.weight_bits);
  if (options.has_port_flags()) add(&ClockCounts::skew_gates, array.activation_bits);
  if (gating_.unchanged_partial_sum) add(&ClockCounts::deskew_gates, array.partial_sum_bits);
}

const ClockGateEnergies& GatingHardware::gate_of(
    array::GateCycles array::ClockCounts::*kind) const {
  static const ClockGateEnergies none;
  for (const auto& [of, energies] : gates_) {
    if (of == kind) return energies;
  }
  return none;
}

// Nets and pins that fall away when nobody reads activation_out, by the bit of the activation that
// they follow.
void GatingHardware::find_mac_register(const MacHardware& hardware) {
  const tech::Netlist& mac = hardware.netlist();
  const tech::NetlistEnergy& whole = hardware.netlist_energy();
  tech::NetlistEnergy rest = whole;
  drop_unused_cells(mac, {"partial_sum_out"}, rest);
  mac_register_ = {whole.area - rest.area, whole.leakage_nw - rest.leakage_nw};
  const std::vector<tech::NetIndex>& bits = mac.port("activation_in")->bits;
  // The bit that a net follows, through registers and cells of one input.
  const auto bit_of = [&](tech::NetIndex net) {
    for (std::size_t steps = 0; steps < mac.cells().size(); ++steps) {
      const auto bit = std::find(bits.begin(), bits.end(), net);
      if (bit != bits.end()) return bit - bits.begin();
      const tech::CellIndex driver = mac.net(net).driver.cell;
      if (driver == tech::kNone) break;
      const tech::Cell& cell = mac.cell(driver);
      tech::NetIndex before = tech::kNone;
      for (const int pin : cell.type->inputs) {
        const tech::NetIndex input = cell.nets[static_cast<std::size_t>(pin)];
        if (input == mac.clock_net() || mac.is_constant(input)) continue;
        if (before != tech::kNone) return std::ptrdiff_t{-1};
        before = input;
      }
      if (before == tech::kNone) break;
      net = before;
    }
    return std::ptrdiff_t{-1};
  };
  for (std::size_t i = 0; i < mac.nets().size(); ++i) {
    const double fj = whole.nets[i].total_fj() - rest.nets[i].total_fj();
    const std::ptrdiff_t bit = fj > 0 ? bit_of(static_cast<tech::NetIndex>(i)) : -1;
    if (bit < 0) continue;
    const bool pin = mac.nets()[i].driver.cell == tech::kNone;
    (pin ? mac_register_pin_fj_ : mac_register_fj_)[static_cast<std::size_t>(bit)] += fj;
  }
}

namespace {

void add(CellTotals& sum, const CellTotals& one, double times = 1) {
  sum.area += times * one.area;
  sum.leakage_nw += times * one.leakage_nw;
}
CellTotals totals_of(const tech::NetlistEnergy& energy) { return {energy.area, energy.leakage_nw}; }

}  // namespace

void GatingHardware::add_up(const MacHardware& hardware) {
  const StageOptions& options = stage_->options;
  const auto& array = hardware.config().array;
  const double rows = array.rows;
  const double columns = array.columns;
  const double skew_stages = rows * (rows - 1) / 2;
  const double deskew_stages = columns * (columns - 1) / 2;
  const CellTotals flip_flop{hardware.delay_bit().area, hardware.delay_bit().leakage_nw};
  const auto gate = [&](array::GateCycles ClockCounts::*kind) {
    return CellTotals{gate_of(kind).area, gate_of(kind).leakage_nw};
  };
  pe_ungated_ = totals_of(hardware.netlist_energy());
  add(pe_ungated_, hardware.weight_register_totals());
  pe_ = pe_ungated_;
  if (stage_->activation) {
    add(pe_, mac_register_, -1);
    add(pe_, totals_of(stage_->activation->part().energy));
  }
  if (stage_->partial_sum) add(pe_, totals_of(stage_->partial_sum->part().energy));
  for (const auto kind : {&ClockCounts::activation_gates, &ClockCounts::partial_sum_gates,
                          &ClockCounts::weight_gates}) {
    add(pe_, gate(kind));
  }
  add(array_ungated_, pe_ungated_, rows * columns);
  add(array_ungated_, flip_flop,
      skew_stages * array.activation_bits + deskew_stages * array.partial_sum_bits);
  add(array_ungated_, totals_of(hardware.accumulator().netlist_energy()), columns);
  array_ = array_ungated_;
  add(array_, pe_ungated_, -rows * columns);
  add(array_, pe_, rows * columns);
  const double skew_flags =
      (options.zero_activation ? 1 : 0) + (options.unchanged_partial_sum ? 1 : 0);
  add(array_, flip_flop,
      skew_stages * skew_flags + deskew_stages * (options.unchanged_partial_sum ? 1 : 0));
  add(array_, {stage_->skew_logic_area, stage_->skew_logic_leakage_nw}, skew_stages);
  add(array_, gate(&ClockCounts::skew_gates), skew_stages);
  add(array_, gate(&ClockCounts::deskew_gates), deskew_stages);
  add(array_, gate(&ClockCounts::column_gates), columns);
  add(array_, gate(&ClockCounts::row_gates), rows - 1);
  if (stage_->port) add(array_, totals_of(stage_->port->part().energy), rows);
  leakage_fj_per_cycle_ = array_.leakage_nw * hardware.config().clock_period_ps * 1e-6;
  if (!gates_.empty()) {
    const ClockGateCells cells = clock_gate_cells(hardware.library());
    lacks_areas_ = cells.latch->area <= 0 || cells.conjunction->area <= 0;
  }
}

std::shared_ptr<const GatingHardware> GatingFactory::make(const array::Gating& gating) {
  const StageOptions options(gating);
  std::shared_ptr<const GatedStage>& stage = stages_[options.key()];
  if (!stage) stage = std::make_shared<const GatedStage>(hardware_, options);
  return std::make_shared<const GatingHardware>(hardware_, gating, stage);
}

}  // namespace togglewise::energy
