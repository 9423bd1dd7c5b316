#include "sim/accelergy/network_export.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "sim/accelergy/layer_actions.h"
#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/energy/table_lookup.h"

namespace togglewise::accelergy {
namespace {

std::vector<std::string> layer_names(const network::Traces& traces) {
  std::vector<std::string> names;
  for (const network::TracedLayer& layer : traces.layers) names.push_back(layer.layer.name);
  return names;
}

// Names that tell layers apart: where one occurs before, the layer's number is added.
std::vector<std::string> unique_names(const network::Traces& traces) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const std::string& name : layer_names(traces)) {
    std::string unique = name;
    while (unique.empty() || !taken.insert(unique).second) {
      unique += fmt::format("#{}", names.size());
    }
    names.push_back(unique);
  }
  return names;
}

std::string folder_name(std::size_t number, const std::string& name) {
  std::string text = fmt::format("{:02}_", number);
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
    text += plain ? c : '_';
  }
  return text.substr(0, 80);
}

void require_few_entries(std::size_t entries, const ExportParams& params) {
  if (entries <= params.most_entries) return;
  throw Error::input("TW-ERT-003", fmt::format("{} pairs of weight and cell occur", entries))
      .expected(fmt::format("at most {} of them in one ERT (--max-entries)", params.most_entries))
      .hint(params.only_layer ? "use --group layer"
                              : "use --group layer, or --layer for one layer at a time");
}

double mac_dynamic_pj(const energy::LayerEnergy& layer) {
  return layer.energy_per_image.mac_dynamic_fj() / 1000;
}

// `compute` and all that belongs to it, by layer or by cell.
class ComputeExport {
 public:
  ComputeExport(const energy::MacHardware& hardware, const network::Traces& traces,
                const energy::EnergyTables& tables, const ExportParams& params)
      : hardware_(hardware),
        traces_(traces),
        tables_(tables),
        params_(params),
        lookup_(tables),
        mac_(ComponentNames(hardware.config()).mac) {}

  std::vector<CountedAction> actions(std::size_t l, const std::string& group) const {
    const network::TracedLayer& traced = traces_.layers[l];
    const array::ArrayShape shape = hardware_.shape();
    const int batch_size = traces_.batch_size;
    if (params_.group == ComputeGroup::cell) {
      return cell_actions(mac_, lookup_,
                          cell_counts(tables_, shape, traced, batch_size, params_.threads));
    }
    const energy::LayerCost cost = energy::layer_cost(
        shape, traced,
        energy::layer_statistics(lookup_, shape, traced, batch_size, params_.threads),
        traced.layer.gemm().output_pixels + 1.0 / batch_size);
    return compute_actions(mac_, group,
                           compute_energies(params_.fidelity, lookup_, cost, shape, traced,
                                            batch_size, params_.threads),
                           cost, shape.weight_bits);
  }

 private:
  const energy::MacHardware& hardware_;
  const network::Traces& traces_;
  const energy::EnergyTables& tables_;
  const ExportParams& params_;
  energy::TableLookup lookup_;
  std::string mac_;
};

}  // namespace

std::size_t find_layer(const network::Traces& traces, const std::string& name) {
  const std::vector<std::string> names = layer_names(traces);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const bool number =
      !name.empty() && name.size() < 9 &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (number && std::stoul(name) < names.size()) return std::stoul(name);
  const std::string near = nearest_name(name, names);
  throw Error::input("TW-ERT-001", fmt::format("the network has no layer '{}'", name))
      .expected(fmt::format("{}, or a number from 0 to {}", list_names(names), names.size() - 1))
      .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

void require_exportable(const config::HardwareConfig& hardware, const energy::EnergyTables& tables,
                        const ExportParams& params) {
  // Its clock is no energy per cycle.
  if (hardware.gating.any()) {
    throw Error::input("TW-ERT-007", "gated hardware cannot be written as actions")
        .at(hardware.file.string())
        .expected("a configuration without the section 'gating'");
  }
  if (params.group == ComputeGroup::layer) return;
  if (params.fidelity != energy::Fidelity::table) {
    throw Error::input("TW-ERT-006", "cells are counted at fidelity 'table' only")
        .expected("--fidelity table with --group cell");
  }
  const std::size_t parts = tables.grouping->parts().size();
  if (parts == 1) return;
  throw Error::input(
      "TW-ERT-002", fmt::format("grouping '{}' has {} parts ({}): an energy is the sum of one cell "
                                "of each, and an ERT has one",
                                tables.grouping->name(), parts, tables.grouping->formula()))
      .expected("tables whose grouping has one part, for --group cell")
      .hint("use --group layer, or calibrate with energy.grouping: zero-flags-hd");
}

NetworkExport export_network(const energy::MacHardware& hardware, const network::Traces& traces,
                             const energy::EnergyTables& tables, const ExportParams& params,
                             const ProgressFunction& progress) {
  require_exportable(hardware.config(), tables, params);
  NetworkExport result;
  const std::vector<std::string> names = unique_names(traces);
  for (std::size_t l = 0; l < names.size(); ++l) {
    if (!params.only_layer || *params.only_layer == l) result.layer_numbers.push_back(l);
  }
  const ComponentNames components(hardware.config());
  const ComputeExport compute(hardware, traces, tables, params);
  // First, because it is what may be refused.
  std::vector<std::vector<CountedAction>> of_layers;
  std::vector<CountedAction> all;
  std::uint64_t done = 0;
  for (const std::size_t l : result.layer_numbers) {
    of_layers.push_back(compute.actions(l, names[l]));
    all.insert(all.end(), of_layers.back().begin(), of_layers.back().end());
    if (params.group == ComputeGroup::cell) {
      const ReferenceTable table = table_of(all);
      require_few_entries(table.empty() ? 0 : table[0].actions.size(), params);
    }
    progress("energies of weight values", ++done, result.layer_numbers.size());
  }
  result.energy =
      energy::network_energy(hardware, traces, params.fidelity, &tables, params.threads, progress);
  double sum_pj = 0;
  double sum_macs = 0;
  for (std::size_t i = 0; i < of_layers.size(); ++i) {
    const std::size_t l = result.layer_numbers[i];
    const energy::LayerEnergy& layer = result.energy.layers[l];
    const auto macs = static_cast<double>(layer.gemm.macs());
    sum_pj += mac_dynamic_pj(layer);
    sum_macs += macs;
    const std::vector<CountedAction> others = other_actions(
        components, names[l], hardware, layer, result.energy.images, result.energy.batch_size);
    all.insert(all.end(), others.begin(), others.end());
    std::vector<CountedAction>& actions = of_layers[i];
    actions.insert(actions.begin(), mean_compute(components.mac, mac_dynamic_pj(layer) / macs));
    actions.insert(actions.end(), others.begin(), others.end());
    result.layers.push_back(
        {names[l], folder_name(l, names[l]), table_of(actions), counts_of(actions)});
  }
  all.insert(all.begin(), mean_compute(components.mac, sum_pj / sum_macs));
  result.table = table_of(all);
  result.counts = counts_of(all);
  return result;
}

}  // namespace togglewise::accelergy
