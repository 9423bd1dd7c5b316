#include "sim/accelergy/layer_actions.h"

#include <map>
#include <tuple>

#include "sim/network/tiling.h"

namespace togglewise::accelergy {
namespace {

constexpr double kFjPerPj = 1000.0;
constexpr double kAccumulatorBytes = 4;

Arguments weight_and_group(int weight, ArgumentValue group) {
  return {{"weight", std::int64_t{weight}}, {"group", std::move(group)}};
}

// What happens in PEs and accumulators, over all tiles and images.
struct LayerEvents {
  std::uint64_t weights_loaded = 0;
  std::uint64_t idle_right = 0;  // transitions of PEs right of the used columns
  std::uint64_t idle_below = 0;  // and below the used rows
  std::uint64_t additions = 0;
};

LayerEvents events_of(const array::ArrayShape& shape, const energy::LayerEnergy& layer, int images,
                      int batch_size) {
  const auto unsigned_of = [](int value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t batches = unsigned_of(images / batch_size);
  const std::uint64_t vectors = unsigned_of(batch_size) * unsigned_of(layer.gemm.output_pixels);
  const std::uint64_t transitions = batches * (vectors + 1);  // of one PE in one tile
  LayerEvents events;
  events.weights_loaded = layer.weights * batches;
  for (const network::TileRange& tile : network::tiles_of(layer.gemm, shape.rows, shape.columns)) {
    events.idle_right +=
        unsigned_of(tile.rows()) * unsigned_of(shape.columns - tile.columns()) * transitions;
    events.idle_below +=
        unsigned_of(tile.columns()) * unsigned_of(shape.rows - tile.rows()) * transitions;
    events.additions += unsigned_of(tile.columns()) * vectors * batches;
  }
  return events;
}

class ActionList {
 public:
  // `sum_fj` over `count` actions; nothing where none happens.
  void add_sum(const std::string& component, const char* name, Arguments arguments, double sum_fj,
               std::uint64_t count) {
    if (count == 0) return;
    add_each(component, name, std::move(arguments), sum_fj / static_cast<double>(count) / kFjPerPj,
             count);
  }
  void add_each(const std::string& component, const char* name, Arguments arguments,
                double energy_pj, std::optional<std::uint64_t> count) {
    actions_.push_back({component, {name, std::move(arguments), energy_pj}, count});
  }
  std::vector<CountedAction> take() { return std::move(actions_); }

 private:
  std::vector<CountedAction> actions_;
};

void add_memory(const std::string& component, double read_pj_per_byte, double write_pj_per_byte,
                const array::MemoryAccesses& bytes, std::uint64_t batches, ActionList& actions) {
  actions.add_each(component, "read", {}, read_pj_per_byte, bytes.read_bytes * batches);
  actions.add_each(component, "write", {}, write_pj_per_byte, bytes.write_bytes * batches);
}

void add_memories(const ComponentNames& names, const config::HardwareConfig::Memories& memories,
                  const array::LayerAccesses& accesses, std::uint64_t batches,
                  ActionList& actions) {
  array::MemoryAccesses dram;
  for (const auto& part : {accesses.dram_ifmap, accesses.dram_filter, accesses.dram_ofmap}) {
    dram.read_bytes += part.read_bytes;
    dram.write_bytes += part.write_bytes;
  }
  add_memory(names.dram, memories.dram.read_pj_per_byte, memories.dram.write_pj_per_byte, dram,
             batches, actions);
  const auto add_sram = [&](const std::string& name,
                            const config::HardwareConfig::Memories::Sram& sram,
                            const array::MemoryAccesses& bytes) {
    add_memory(name, sram.read_pj_per_byte, sram.write_pj_per_byte, bytes, batches, actions);
  };
  add_sram(names.ifmap_sram, memories.ifmap_sram, accesses.ifmap_sram);
  add_sram(names.filter_sram, memories.filter_sram, accesses.filter_sram);
  add_sram(names.ofmap_sram, memories.ofmap_sram, accesses.ofmap_sram);
  // Timeloop's names, which it prefers to `read` and `write`: its accesses there are accumulators.
  const auto& ofmap = memories.ofmap_sram;
  for (const char* name : {"random_read", "random_fill", "random_update"}) {
    const bool read = name == std::string("random_read");
    actions.add_each(names.ofmap_sram, name, {},
                     kAccumulatorBytes * (read ? ofmap.read_pj_per_byte : ofmap.write_pj_per_byte),
                     std::nullopt);
  }
}

// Arguments as a key that can be ordered.
using ActionKey = std::tuple<std::string, std::string, Arguments>;

ActionKey key_of(const CountedAction& action) {
  return {action.component, action.action.name, action.action.arguments};
}

// Calls add(component, action) for every action, the components in the order of their first.
template <typename Component, typename Add>
std::vector<Component> by_component(const std::vector<CountedAction>& actions, const Add& add) {
  std::vector<Component> components;
  std::map<std::string, std::size_t> index;
  for (const CountedAction& action : actions) {
    const auto [place, is_new] = index.emplace(action.component, components.size());
    if (is_new) components.push_back({action.component, {}});
    add(action, components[place->second]);
  }
  return components;
}

}  // namespace

std::vector<CountedAction> compute_actions(const std::string& mac, const std::string& group,
                                           const std::vector<ComputeEnergy>& energies,
                                           const energy::LayerCost& cost, int weight_bits) {
  ActionList actions;
  for (const ComputeEnergy& energy : energies) {
    actions.add_each(mac, "compute", weight_and_group(energy.weight, group),
                     energy.energy_fj / kFjPerPj, energy.transitions);
  }
  const int largest = (1 << (weight_bits - 1)) - 1;
  for (int weight = -largest - 1; weight <= largest; ++weight) {
    actions.add_each(mac, "compute_any_row", weight_and_group(weight, group),
                     cost.energy_of(weight) / kFjPerPj, std::nullopt);
  }
  return actions.take();
}

std::vector<CountedAction> cell_actions(const std::string& mac, const energy::TableLookup& lookup,
                                        const std::vector<CellCount>& counts) {
  ActionList actions;
  for (const CellCount& count : counts) {
    const double energy_fj =
        static_cast<double>(lookup.of_weight(0, count.weight)[count.cell]) / energy::kUnitsPerFj;
    actions.add_each(mac, "compute",
                     weight_and_group(count.weight, static_cast<std::int64_t>(count.cell)),
                     energy_fj / kFjPerPj, count.transitions);
  }
  return actions.take();
}

std::vector<CountedAction> other_actions(const ComponentNames& names, const std::string& group,
                                         const energy::MacHardware& hardware,
                                         const energy::LayerEnergy& layer, int images,
                                         int batch_size) {
  const auto batches = static_cast<std::uint64_t>(images / batch_size);
  const LayerEvents events = events_of(hardware.shape(), layer, images, batch_size);
  const energy::EnergyBreakdown& mean = layer.energy_per_image;
  const Arguments of_layer{{"group", group}};
  const double delay_pj = hardware.register_toggle().delay_fj / kFjPerPj;
  ActionList actions;
  actions.add_sum(names.mac, "idle", {{"side", "right"}, {"group", group}},
                  mean.idle_columns_fj * images, events.idle_right);
  actions.add_sum(names.mac, "idle", {{"side", "below"}, {"group", group}},
                  mean.idle_rows_fj * images, events.idle_below);
  actions.add_sum(names.weight_register, "write", of_layer, mean.weight_load_fj * images,
                  events.weights_loaded);
  actions.add_each(names.weight_register, "read", {}, 0, std::nullopt);  // within `compute`
  actions.add_sum(names.accumulator, "add", of_layer, mean.accumulator_fj * images,
                  events.additions);
  actions.add_each(names.skew_registers, "toggle", {}, delay_pj, layer.toggles.skew);
  actions.add_each(names.deskew_registers, "toggle", {}, delay_pj, layer.toggles.deskew);
  const std::uint64_t cycles = layer.cycles.cycles * batches;
  actions.add_each(names.every_cycle, "clock", {}, hardware.clock_fj_per_cycle() / kFjPerPj,
                   cycles);
  actions.add_each(names.every_cycle, "leak", {}, hardware.leakage_fj_per_cycle() / kFjPerPj,
                   cycles);
  add_memories(names, hardware.config().memories, layer.cycles.accesses, batches, actions);
  return actions.take();
}

CountedAction mean_compute(const std::string& mac, double energy_pj) {
  return {mac, {"mac_random", {}, energy_pj}, std::nullopt};
}

ReferenceTable table_of(const std::vector<CountedAction>& actions) {
  std::map<ActionKey, bool> seen;
  return by_component<ComponentEnergies>(
      actions, [&](const CountedAction& action, ComponentEnergies& component) {
        if (seen.emplace(key_of(action), true).second) component.actions.push_back(action.action);
      });
}

ActionCounts counts_of(const std::vector<CountedAction>& actions) {
  std::map<ActionKey, std::size_t> place;  // within its component
  std::vector<CountedAction> counted;
  for (const CountedAction& action : actions) {
    if (action.count) counted.push_back(action);
  }
  return by_component<ComponentCounts>(
      counted, [&](const CountedAction& action, ComponentCounts& component) {
        const auto [found, is_new] = place.emplace(key_of(action), component.actions.size());
        if (is_new) component.actions.push_back({action.action.name, action.action.arguments, 0});
        component.actions[found->second].count += *action.count;
      });
}

}  // namespace togglewise::accelergy
