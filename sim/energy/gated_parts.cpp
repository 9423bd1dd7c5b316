#include "sim/energy/gated_parts.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/gate/scalar_engine.h"

namespace togglewise::energy {
namespace {

using gate::BitPlanes;
using tech::NetIndex;

std::size_t at(NetIndex net) { return static_cast<std::size_t>(net); }

bool is_bit_of(const tech::Netlist& netlist, const char* port_name, NetIndex net) {
  const tech::Port* port = netlist.port(port_name);
  return port != nullptr &&
         std::find(port->bits.begin(), port->bits.end(), net) != port->bits.end();
}

// Cells from which a used output can be reached.
std::vector<bool> used_cells(const tech::Netlist& netlist, const std::vector<std::string>& used) {
  std::vector<bool> reached(netlist.cells().size(), false);
  std::vector<NetIndex> waiting;
  for (const std::string& name : used) {
    const tech::Port* port = netlist.port(name);
    if (port != nullptr) waiting.insert(waiting.end(), port->bits.begin(), port->bits.end());
  }
  while (!waiting.empty()) {
    const tech::CellIndex driver = netlist.net(waiting.back()).driver.cell;
    waiting.pop_back();
    if (driver == tech::kNone || reached[static_cast<std::size_t>(driver)]) continue;
    reached[static_cast<std::size_t>(driver)] = true;
    const tech::Cell& cell = netlist.cell(driver);
    for (const int pin : cell.type->inputs)
      waiting.push_back(cell.nets[static_cast<std::size_t>(pin)]);
  }
  return reached;
}

double register_clock_fj(const tech::Netlist& netlist, const tech::LibraryCell& type,
                         const tech::EnergyParameters& parameters) {
  const double voltage = netlist.library().voltage();
  const tech::LibraryPin& pin =
      type.pins[static_cast<std::size_t>(type.pin_index(type.flip_flop->clocked_on))];
  return pin.internal_energy_fj(parameters.input_slew_ns, 0.0) +
         (pin.capacitance_ff + parameters.wire_capacitance_ff_per_fanout) * voltage * voltage;
}

void add_to_bit(const tech::Netlist& netlist, const char* port, double fj,
                tech::NetlistEnergy& energy) {
  const tech::Port* found = netlist.port(port);
  if (found == nullptr) return;
  for (const NetIndex net : found->bits) {
    if (!netlist.is_constant(net)) energy.nets[at(net)].switching_fj += fj;
  }
}

// What a rise or fall of `row_on` costs while the other inputs have these values.
double row_on_energy_fj(const GatedPart& part,
                        const std::vector<std::pair<std::string, std::uint64_t>>& inputs) {
  if (part.netlist->port("row_on") == nullptr) return 0;
  gate::ScalarEngine engine(*part.netlist);
  for (const auto& [port, value] : inputs) engine.set_input(port, value);
  engine.settle();
  const std::vector<std::uint8_t> off = engine.values();
  engine.set_input("row_on", 1);
  engine.settle();
  double sum = 0;
  for (std::size_t net = 0; net < off.size(); ++net) {
    if (engine.values()[net] != off[net]) sum += part.energy.nets[net].total_fj();
  }
  return sum;
}

std::vector<std::string> inputs_of(const tech::Netlist& netlist) {
  std::vector<std::string> names;
  for (const tech::Port& port : netlist.ports()) {
    const bool clock = port.bits.size() == 1 && port.bits[0] == netlist.clock_net();
    if (port.is_input && !clock) names.push_back(port.name);
  }
  return names;
}

BitPlanes constant(std::int32_t value, std::size_t cycles, int bits) {
  return BitPlanes::constant(value, cycles, bits, gate::TimeOrder::interleaved);
}

}  // namespace

void drop_unused_cells(const tech::Netlist& netlist, const std::vector<std::string>& used,
                       tech::NetlistEnergy& energy) {
  const std::vector<bool> keep = used_cells(netlist, used);
  const tech::EnergyParameters& parameters = energy.parameters;
  const double voltage = netlist.library().voltage();
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) continue;
    const tech::Cell& cell = netlist.cells()[i];
    for (const int pin : cell.type->outputs) {
      const NetIndex net = cell.nets[static_cast<std::size_t>(pin)];
      if (net != tech::kNone) energy.nets[at(net)] = {};
    }
    energy.leakage_nw -= cell.type->leakage_nw;
    energy.area -= cell.type->area;
    if (cell.type->is_register()) {
      energy.clock_fj_per_cycle -= register_clock_fj(netlist, *cell.type, parameters);
    }
  }
  for (std::size_t net = 0; net < netlist.nets().size(); ++net) {
    const tech::Net& of_netlist = netlist.nets()[net];
    const tech::CellIndex driver = of_netlist.driver.cell;
    const bool counts = driver == tech::kNone || keep[static_cast<std::size_t>(driver)];
    if (!counts || netlist.is_constant(static_cast<NetIndex>(net)) ||
        static_cast<NetIndex>(net) == netlist.clock_net()) {
      continue;
    }
    for (const tech::PinReference& load : of_netlist.loads) {
      if (keep[static_cast<std::size_t>(load.cell)]) continue;
      const tech::LibraryPin& pin =
          netlist.cell(load.cell).type->pins[static_cast<std::size_t>(load.pin)];
      energy.nets[net].switching_fj -=
          0.5 * (pin.capacitance_ff + parameters.wire_capacitance_ff_per_fanout) * voltage *
          voltage;
      energy.nets[net].passive_fj -= 0.5 * pin.internal_energy_fj(parameters.input_slew_ns, 0.0);
    }
  }
}

ActivationStage::ActivationStage(GatedPart part, double enable_fj)
    : part_([&] {
        add_to_bit(*part.netlist, "activation_enable", enable_fj, part.energy);
        return std::move(part);
      }()),
      inputs_(inputs_of(*part_.netlist)),
      engine_(*part_.netlist, part_.energy, inputs_, "activation_out", gate::InstructionSet::best,
              gate::Outputs::any) {
  find_kinds();
  compute_weight_changes();
  row_on_fj_ = row_on_energy_fj(part_, {{"zero_in", 1}});
}

void ActivationStage::find_kinds() {
  const tech::Netlist& netlist = *part_.netlist;
  kinds_.assign(netlist.nets().size(), Kind::logic);
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const auto net = static_cast<NetIndex>(i);
    if (is_bit_of(netlist, "activation_in", net)) kinds_[i] = Kind::data_pin;
    const tech::CellIndex driver = netlist.net(net).driver.cell;
    if (driver == tech::kNone || !netlist.cell(driver).type->is_register()) continue;
    const bool flag = is_bit_of(netlist, "zero_out", net) || is_bit_of(netlist, "move_out", net);
    kinds_[i] = flag ? Kind::flag : Kind::data_register;
  }
}

// The nets that follow the weight, and their values for each weight.
void ActivationStage::compute_weight_changes() {
  const tech::Netlist& netlist = *part_.netlist;
  const int bits = netlist.port("weight")->width();
  lowest_weight_ = -(1 << (bits - 1));
  std::vector<std::vector<std::uint8_t>> values;
  for (int weight = lowest_weight_; weight < -lowest_weight_; ++weight) {
    gate::ScalarEngine engine(netlist);
    engine.set_input("weight", static_cast<std::uint64_t>(weight) & ((1ULL << bits) - 1));
    engine.set_input("row_on", 1);
    engine.set_input("zero_in", 1);
    engine.settle();
    values.push_back(engine.values());
  }
  nets_by_weight_.assign(values.size(), 0);
  for (std::size_t net = 0; net < netlist.nets().size(); ++net) {
    const double fj = part_.energy.nets[net].total_fj();
    const bool moves = std::any_of(values.begin(), values.end(), [&](const auto& of_weight) {
      return of_weight[net] != values[0][net];
    });
    if (!moves || fj == 0) continue;
    if (weight_net_fj_.size() == 64) throw std::logic_error("more nets than expected");
    for (std::size_t w = 0; w < values.size(); ++w) {
      nets_by_weight_[w] |= std::uint64_t{values[w][net]} << weight_net_fj_.size();
    }
    weight_net_fj_.push_back(fj);
  }
}

double ActivationStage::weight_change_fj(int from, int to) const {
  std::uint64_t changed = nets_by_weight_[static_cast<std::size_t>(from - lowest_weight_)] ^
                          nets_by_weight_[static_cast<std::size_t>(to - lowest_weight_)];
  double sum = 0;
  for (std::size_t i = 0; changed != 0; ++i, changed >>= 1) {
    if ((changed & 1U) != 0) sum += weight_net_fj_[i];
  }
  return sum;
}

void ActivationStage::run(bool weight_used, const BitPlanes& data, const BitPlanes& zero,
                          const BitPlanes& move, Tally& tally) const {
  const std::size_t cycles = data.cycles();
  const BitPlanes weight =
      constant(weight_used ? -1 : 0, cycles, part_.netlist->port("weight")->width());
  const BitPlanes low = constant(0, cycles, 1);
  const BitPlanes high = constant(1, cycles, 1);
  std::vector<const BitPlanes*> planes;
  for (const std::string& name : inputs_) {
    planes.push_back(name == "weight"          ? &weight
                     : name == "activation_in" ? &data
                     : name == "zero_in"       ? &zero
                     : name == "move_in"       ? &move
                     : name == "row_on"        ? &high
                                               : &low);
  }
  BitPlanes out;
  engine_.run(planes, out, tally);
}

ActivationStage::Energies ActivationStage::energies(const Tally& tally) const {
  Energies sum;
  for (std::size_t net = 0; net < kinds_.size(); ++net) {
    const double fj = static_cast<double>(engine_.net_toggles(tally, static_cast<NetIndex>(net))) *
                      part_.energy.nets[net].total_fj();
    switch (kinds_[net]) {
      case Kind::data_register:
        sum.registers_fj += fj;
        break;
      case Kind::flag:
        sum.flags_fj += fj;
        break;
      case Kind::data_pin:
        sum.pins_fj += fj;
        break;
      case Kind::logic:
        sum.logic_fj += fj;
        break;
    }
  }
  return sum;
}

namespace {

// Which of the two inputs and their OR a net equals, or the inverse of, from its values for
// (changed, move) = 00, 10, 01, 11. What it is none of counts as following both inputs, an upper
// bound; no library that Debian has needs it.
SumGate::Follows follows_of(unsigned values) {
  const unsigned normal = (values & 1U) != 0 ? ~values & 0xFU : values;
  switch (normal) {
    case 0b0000:
      return {};
    case 0b1010:
      return {true, false, false};
    case 0b1100:
      return {false, true, false};
    case 0b1110:
      return {false, false, true};
    default:
      return {true, true, false};
  }
}

std::vector<SumGate::Follows> follows_of(const tech::Netlist& netlist, bool weight_used) {
  std::vector<unsigned> values(netlist.nets().size(), 0);
  for (unsigned i = 0; i < 4; ++i) {
    gate::ScalarEngine engine(netlist);
    engine.set_input("row_on", 1);
    engine.set_input("weight_used", weight_used ? 1 : 0);
    engine.set_input("changed_in", i & 1U);
    engine.set_input("move_in", i >> 1);
    engine.settle();
    engine.clock_edge();  // the flag behind the enable follows it
    engine.settle();
    for (std::size_t net = 0; net < values.size(); ++net) {
      values[net] |= static_cast<unsigned>(engine.values()[net]) << i;
    }
  }
  std::vector<SumGate::Follows> follows;
  for (const unsigned of_net : values) follows.push_back(follows_of(of_net));
  return follows;
}

}  // namespace

SumGate::SumGate(GatedPart part, double enable_fj) : part_(std::move(part)) {
  add_to_bit(*part_.netlist, "partial_sum_enable", enable_fj, part_.energy);
  used_ = follows_of(*part_.netlist, true);
  unused_ = follows_of(*part_.netlist, false);
  used_fj_ = per_toggle(used_);
  unused_fj_ = per_toggle(unused_);
  row_on_fj_ = row_on_energy_fj(part_, {});
}

SumGate::PerToggle SumGate::per_toggle(const std::vector<Follows>& follows) const {
  PerToggle sum;
  for (std::size_t net = 0; net < follows.size(); ++net) {
    const double fj = part_.energy.nets[net].total_fj();
    if (follows[net].above) sum.above_fj += fj;
    if (follows[net].move) sum.move_fj += fj;
    if (follows[net].out) sum.out_fj += fj;
  }
  return sum;
}

double SumGate::energy_fj(const array::ChangeActivity& changes, std::uint64_t idle_moves) const {
  const auto times = [](double fj, std::uint64_t count) { return fj * static_cast<double>(count); };
  return times(used_fj_.above_fj, changes.used_above_toggles) +
         times(used_fj_.move_fj, changes.used_move_toggles) +
         times(used_fj_.out_fj, changes.used_toggles) +
         times(unused_fj_.above_fj, changes.unused_above_toggles) +
         times(unused_fj_.move_fj, changes.unused_move_toggles + idle_moves) +
         // Without a weight, what comes out is what came from above.
         times(unused_fj_.out_fj, changes.unused_above_toggles);
}

namespace {

// The netlist without its registers: their outputs are the bits of an input port `previous`, in the
// order in which their data come from the bits of `activation`.
std::string without_registers(const std::string& text, const tech::CellLibrary& library) {
  nlohmann::json json = nlohmann::json::parse(text);
  for (auto& module : json["modules"]) {
    if (!module.contains("cells") || module["cells"].empty()) continue;
    nlohmann::json previous = nlohmann::json::array();
    for (const nlohmann::json& bit : module["ports"]["activation"]["bits"]) {
      for (auto cell = module["cells"].begin(); cell != module["cells"].end(); ++cell) {
        const tech::LibraryCell* type = library.find((*cell)["type"].get<std::string>());
        if (type == nullptr || !type->is_register()) continue;
        const nlohmann::json& connections = (*cell)["connections"];
        const auto of = [&](int pin) {
          return connections[type->pins[static_cast<std::size_t>(pin)].name][0];
        };
        const bool takes_bit = std::any_of(type->inputs.begin(), type->inputs.end(),
                                           [&](int pin) { return of(pin) == bit; });
        if (!takes_bit) continue;
        previous.push_back(of(type->outputs.at(0)));
        module["cells"].erase(cell);
        break;
      }
    }
    if (!previous.empty()) {
      module["ports"]["previous"] = {{"direction", "input"}, {"bits", previous}};
    }
  }
  return json.dump();
}

}  // namespace

PortFlags::PortFlags(GatedPart part, const std::string& json,
                     const std::shared_ptr<const tech::CellLibrary>& library)
    : part_(std::move(part)) {
  logic_ = std::make_shared<const tech::Netlist>(
      tech::Netlist::parse(without_registers(json, *library), "activation_flags", library));
  has_register_ = logic_->port("previous") != nullptr;
  // Nets keep their names; energies are those of the whole circuit.
  tech::NetlistEnergy energy;
  energy.nets.resize(logic_->nets().size());
  for (std::size_t i = 2; i < logic_->nets().size(); ++i) {
    for (std::size_t j = 2; j < part_.netlist->nets().size(); ++j) {
      if (part_.netlist->nets()[j].name != logic_->nets()[i].name) continue;
      energy.nets[i] = part_.energy.nets[j];
      // Bits of the port stand between two circuits: the wires to here are counted here.
      break;
    }
  }
  engine_ = std::make_shared<const gate::NetlistEngine>(
      *logic_, energy, inputs_of(*logic_), "zero", gate::InstructionSet::best, gate::Outputs::any);
}

void PortFlags::run(const BitPlanes& activation, const BitPlanes& previous, Tally& tally) const {
  const BitPlanes low = constant(0, activation.cycles(), 1);
  std::vector<const BitPlanes*> planes;
  for (const std::string& name : inputs_of(*logic_)) {
    planes.push_back(name == "activation" ? &activation : name == "previous" ? &previous : &low);
  }
  BitPlanes out;
  engine_->run(planes, out, tally);
}

double PortFlags::energy_fj(const Tally& tally) const { return engine_->energy_fj(tally); }

}  // namespace togglewise::energy
