#include "sim/accelergy/export_files.h"

#include <cmath>

#include <fmt/format.h>

#include "sim/accelergy/architecture.h"
#include "sim/accelergy/reference_files.h"
#include "sim/base/error.h"

namespace togglewise::accelergy {
namespace {

std::vector<std::string> with_title(const std::string& title,
                                    const std::vector<std::string>& comment) {
  std::vector<std::string> lines{title};
  lines.insert(lines.end(), comment.begin(), comment.end());
  return lines;
}

// Adds the two files and returns what they add up to once read back.
Estimation add_pair(const std::string& folder, const std::string& of, const ReferenceTable& table,
                    const ActionCounts& counts, const std::vector<std::string>& comment,
                    std::vector<ExportFile>& files) {
  const std::string ert = folder + "ERT.yaml";
  const std::string action_counts = folder + "action_counts.yaml";
  files.push_back(
      {ert, ert_yaml(table, with_title("Energies of " + of + ", picojoules per action", comment))});
  files.push_back({action_counts,
                   action_counts_yaml(
                       counts, with_title("Actions of " + of + ", all images together", comment))});
  const std::size_t last = files.size() - 1;
  return estimate(parse_ert(files[last - 1].text, ert),
                  parse_action_counts(files[last].text, action_counts), action_counts);
}

}  // namespace

Estimation expected_energies(const config::HardwareConfig& hardware,
                             const energy::LayerEnergy& layer, int images) {
  const ComponentNames names(hardware);
  const energy::EnergyBreakdown& mean = layer.energy_per_image;
  Estimation expected;
  const auto add = [&](const std::string& name, double fj_per_image) {
    const double pj = fj_per_image * images / 1000;
    expected.component_pj.emplace_back(name, pj);
    expected.total_pj += pj;
  };
  add(names.mac, mean.mac_dynamic_fj() + mean.idle_columns_fj + mean.idle_rows_fj);
  add(names.weight_register, mean.weight_load_fj);
  add(names.accumulator, mean.accumulator_fj);
  add(names.skew_registers, mean.skew_fj);
  add(names.deskew_registers, mean.deskew_fj);
  add(names.every_cycle, mean.clock_fj + mean.leakage_fj);
  expected.total_pj += layer.memory_fj_per_image * images / 1000;
  return expected;
}

void require_equal_energies(const Estimation& files, const Estimation& expected,
                            const std::string& file) {
  const double tolerance = kRelativeTolerance * std::abs(expected.total_pj);
  const auto require = [&](const std::string& what, double in_files, double in_run) {
    if (std::abs(in_files - in_run) <= tolerance) return;
    throw Error::run("TW-ERT-007",
                     fmt::format("the energies and counts of {} add up to {} pJ", what, in_files))
        .at(file)
        .expected(fmt::format("{} pJ, as the run has it", in_run))
        .hint("this is a defect of Togglewise: please report it");
  };
  for (const auto& [name, energy_pj] : expected.component_pj) {
    require("'" + name + "'", files.of(name), energy_pj);
  }
  require("all components", files.total_pj, expected.total_pj);
}

ExportFiles export_files(const config::HardwareConfig& hardware, const NetworkExport& network,
                         const std::vector<std::string>& comment) {
  ExportFiles result;
  result.files.push_back(
      {"architecture.yaml",
       architecture_yaml(hardware, with_title("The array and its memories", comment))});
  const int images = network.energy.images;
  const bool single = network.layers.size() == 1;
  Estimation sum;  // of the layers, from the run
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const LayerExport& layer = network.layers[i];
    const Estimation expected =
        expected_energies(hardware, network.energy.layers[network.layer_numbers[i]], images);
    sum.total_pj += expected.total_pj;
    const std::string folder = single ? "" : "layers/" + layer.folder + "/";
    const Estimation estimation = add_pair(folder, "layer " + yaml_quoted(layer.group), layer.table,
                                           layer.counts, comment, result.files);
    require_equal_energies(estimation, expected, folder + "action_counts.yaml");
    result.layer_pj.push_back(estimation.total_pj);
    result.total_pj = estimation.total_pj;
  }
  if (single) return result;
  const Estimation estimation =
      add_pair("", "all layers", network.table, network.counts, comment, result.files);
  require_equal_energies(estimation, sum, "action_counts.yaml");
  result.total_pj = estimation.total_pj;
  return result;
}

}  // namespace togglewise::accelergy
