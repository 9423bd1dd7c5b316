#include "sim/energy/mac_hardware.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/gate/event_energies.h"
#include "sim/gate/make_mac_engine.h"
#include "sim/gate/register_energies.h"
#include "sim/tech/mac_contract.h"
#include "sim/tech/synthesis.h"

namespace togglewise::energy {
namespace {

// RTL that belongs to the array, not to the user's MAC; found beside the MAC's RTL or where
// Togglewise keeps its own.
std::filesystem::path shipped_rtl(const std::string& name) {
  return std::filesystem::path(TOGGLEWISE_RTL_DIR) / name;
}

tech::SynthesisRequest request_for(const config::HardwareConfig& config,
                                   const std::vector<std::filesystem::path>& rtl,
                                   const std::string& top,
                                   const std::map<std::string, std::int64_t>& parameters) {
  tech::SynthesisRequest request;
  request.rtl_files = rtl;
  request.top = top;
  request.parameters = parameters;
  request.liberty_file = config.technology.liberty;
  request.clock_period_ps = config.clock_period_ps;
  return request;
}

std::shared_ptr<const tech::Netlist> read_netlist(
    const tech::SynthesisResult& result, const std::shared_ptr<const tech::CellLibrary>& library) {
  return std::make_shared<const tech::Netlist>(tech::Netlist::read(result.json_file, library));
}

// Energies at a clock that the MAC cannot follow would be numbers of no circuit.
void require_clock(const config::HardwareConfig& config, double critical_path_ps) {
  if (config.clock_period_ps >= critical_path_ps) return;
  throw Error::input(
      "TW-ENERGY-002",
      fmt::format("clock_period_ps is {} but the MAC's critical path takes {:.0f} ps",
                  config.clock_period_ps, critical_path_ps))
      .at(config.file.string())
      .expected(fmt::format("a clock period of at least {:.0f} ps", critical_path_ps));
}

}  // namespace

MacHardware::MacHardware(const config::HardwareConfig& config) : config_(config) {
  config::require_technology_files(config);
  const std::string liberty_text = read_file(config.technology.liberty);
  const std::shared_ptr<const tech::CellLibrary> library =
      tech::CellLibrary::read(config.technology.liberty);
  const auto& array = config.array;
  const tech::MacWidths widths{array.weight_bits, array.activation_bits, array.partial_sum_bits};
  mac_ =
      read_netlist(tech::synthesize_mac(request_for(config, config.mac.rtl, config.mac.top,
                                                    {{"WEIGHT_BITS", array.weight_bits},
                                                     {"ACTIVATION_BITS", array.activation_bits},
                                                     {"PARTIAL_SUM_BITS", array.partial_sum_bits}}),
                                        widths),
                   library);
  weight_register_ = read_netlist(
      tech::synthesize(request_for(config, {shipped_rtl("weight_register.sv")}, "weight_register",
                                   {{"WEIGHT_BITS", array.weight_bits}})),
      library);
  tech::require_mac_contract(*mac_, widths);

  const tech::EnergyParameters parameters{config.technology.input_slew_ns,
                                          config.technology.wire_capacitance_ff_per_fanout,
                                          config.clock_period_ps};
  timing_ = tech::analyze_timing(*mac_, parameters);
  require_clock(config, timing_.critical_path_ps);
  mac_energy_ =
      std::make_shared<const tech::NetlistEnergy>(tech::compute_mac_energy(*mac_, parameters));
  make_engine(parameters);
  const auto make_accumulator = [&](int subtract) {
    const tech::SynthesisRequest request =
        request_for(config, {shipped_rtl("accumulator.sv")}, "accumulator",
                    {{"PARTIAL_SUM_BITS", array.partial_sum_bits},
                     {"ACCUMULATOR_BITS", kAccumulatorBits},
                     {"SUBTRACT", subtract}});
    return std::make_shared<const Accumulator>(read_netlist(tech::synthesize(request), library),
                                               parameters, array.partial_sum_bits, quantum_ps_);
  };
  accumulator_ = make_accumulator(0);
  subtracting_accumulator_ = make_accumulator(1);
  const gate::RegisterEnergies weight_register =
      gate::weight_register_energies(*weight_register_, *mac_, parameters);
  register_toggle_.shadow_weight_fj = weight_register.shadow_toggle_fj;
  register_toggle_.weight_fj = weight_register.weight_toggle_fj;
  register_toggle_.control_fj_per_load = weight_register.control_fj_per_load;
  // Skew and deskew are plain flip-flops.
  delay_bit_ = tech::register_bit_energy(*mac_, parameters);
  register_toggle_.delay_fj = delay_bit_.toggle_fj;

  pe_clock_fj_per_cycle_ = mac_energy_->clock_fj_per_cycle + weight_register.clock_fj_per_cycle;
  pe_leakage_fj_per_cycle_ =
      mac_energy_->leakage_fj_per_cycle() + weight_register.leakage_fj_per_cycle;
  add_up_array();
  weight_register_totals_ = {weight_register.area, weight_register.leakage_nw};
  make_gating();

  key_ =
      hash_bytes(fmt::format("{} {} {} {}", mac_->hash(), hash_bytes(liberty_text),
                             parameters.input_slew_ns, parameters.wire_capacitance_ff_per_fanout));
}

MacHardware::MacHardware(const config::HardwareConfig& config, const MacHardware& same)
    : config_(config),
      key_(same.key_),
      mac_(same.mac_),
      weight_register_(same.weight_register_),
      mac_energy_(same.mac_energy_),
      weight_register_energy_(same.weight_register_energy_),
      engine_(same.engine_),
      delays_(same.delays_),
      quantum_choice_(same.quantum_choice_),
      quantum_ps_(same.quantum_ps_),
      accumulator_(same.accumulator_),
      subtracting_accumulator_(same.subtracting_accumulator_),
      delay_bit_(same.delay_bit_),
      weight_register_totals_(same.weight_register_totals_),
      register_toggle_(same.register_toggle_),
      timing_(same.timing_),
      pe_clock_fj_per_cycle_(same.pe_clock_fj_per_cycle_),
      pe_leakage_fj_per_cycle_(same.pe_leakage_fj_per_cycle_) {
  if (!has_same_mac(config, same.config_)) {
    throw std::logic_error("hardware with another MAC cannot share this one");
  }
  add_up_array();
  make_gating();
}

void MacHardware::make_gating() {
  if (!config_.gating.any()) return;
  gating_ = GatingFactory(*this).make(config_.gating);
  gated_timing_ = require_gated_timing(*this, gating_->stage());
}

void MacHardware::make_engine(const tech::EnergyParameters& parameters) {
  const gate::Timing timing = gate::parse_timing(config_.energy.timing);
  delays_ = std::make_shared<const tech::NetlistDelays>(
      tech::compute_delays(*mac_, parameters, tech::mac_external_loads(*mac_, parameters)));
  if (timing == gate::Timing::inertial) {
    quantum_ps_ = config_.energy.quantum_ps;
    if (quantum_ps_ == 0) {
      quantum_choice_ = gate::choose_quantum(*mac_, *mac_energy_, *delays_);
      quantum_ps_ = quantum_choice_->quantum_ps;
    }
  }
  engine_ = gate::make_mac_engine(*mac_, *mac_energy_, timing, *delays_, quantum_ps_);
}

void MacHardware::add_up_array() {
  const config::HardwareConfig::Array& array = config_.array;
  const double rows = array.rows;
  const double columns = array.columns;
  // The swap wave of double-buffered weights takes one bit in every PE and skew stage.
  const double wave_bits =
      array.double_buffered_weights ? rows * columns + rows * (rows - 1) / 2 : 0;
  const double delay_bits = rows * (rows - 1) / 2 * array.activation_bits +
                            columns * (columns - 1) / 2 * array.partial_sum_bits + wave_bits;
  clock_fj_per_cycle_ = rows * columns * pe_clock_fj_per_cycle_ +
                        delay_bits * delay_bit_.clock_fj_per_cycle +
                        columns * accumulator_->netlist_energy().clock_fj_per_cycle;
  leakage_fj_per_cycle_ = rows * columns * pe_leakage_fj_per_cycle_ +
                          delay_bits * delay_bit_.leakage_nw * config_.clock_period_ps * 1e-6 +
                          columns * accumulator_->netlist_energy().leakage_fj_per_cycle();
}

MacHardware::~MacHardware() = default;

array::ArrayShape MacHardware::shape() const {
  return {config_.array.rows, config_.array.columns, config_.array.weight_bits,
          config_.array.activation_bits, config_.array.partial_sum_bits};
}

std::array<double, kMacComponents> MacHardware::component_shares(
    int weight, const std::vector<std::int8_t>& activation,
    const std::vector<std::int32_t>& partial_sum) const {
  gate::ToggleTally tally = engine_->make_tally();
  gate::BitPlanes out;
  engine_->run(weight, gate::BitPlanes::from_int8(activation, config_.array.activation_bits),
               gate::BitPlanes::from_int32(partial_sum, config_.array.partial_sum_bits), out,
               tally);
  const gate::ComponentEnergies energy = engine_->energy_of_weight(tally, weight);
  const double total = energy.total_fj();
  if (total <= 0) return {};
  return {energy.multiplier_fj / total, energy.adder_fj / total,
          energy.partial_sum_register_fj / total, energy.activation_register_fj / total,
          energy.pin_loads_fj / total};
}

bool has_same_mac(const config::HardwareConfig& a, const config::HardwareConfig& b) {
  return a.mac.rtl == b.mac.rtl && a.mac.top == b.mac.top &&
         a.technology.liberty == b.technology.liberty &&
         a.technology.input_slew_ns == b.technology.input_slew_ns &&
         a.technology.wire_capacitance_ff_per_fanout ==
             b.technology.wire_capacitance_ff_per_fanout &&
         a.energy.timing == b.energy.timing && a.energy.quantum_ps == b.energy.quantum_ps &&
         a.clock_period_ps == b.clock_period_ps && a.array.weight_bits == b.array.weight_bits &&
         a.array.activation_bits == b.array.activation_bits &&
         a.array.partial_sum_bits == b.array.partial_sum_bits;
}

}  // namespace togglewise::energy
