#include "sim/energy/energy_tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hdf5_file.h"
#include "sim/energy/mac_hardware.h"

namespace togglewise::energy {
namespace {

constexpr const char* kKind = "togglewise energy tables";

}  // namespace

std::uint64_t EnergyTables::populated_cells() const {
  return static_cast<std::uint64_t>(
      std::count_if(samples.begin(), samples.end(), [](std::uint64_t count) { return count > 0; }));
}

void write_tables(const EnergyTables& tables, const std::filesystem::path& file) {
  Hdf5Writer writer(file, kKind);
  writer.attribute("/", "tool_version", tables.tool_version);
  writer.attribute("/", "hardware_name", tables.hardware_name);
  writer.attribute("/", "hardware_key", tables.hardware_key);
  writer.attribute("/", "timing", tables.timing);
  writer.attribute("/", "traces_hash", tables.traces_hash);
  writer.attribute("/", "seed", static_cast<std::int64_t>(tables.seed));
  writer.attribute("/", "weight_bits", std::int64_t{tables.weight_bits});
  writer.attribute("/", "activation_bits", std::int64_t{tables.activation_bits});
  writer.attribute("/", "partial_sum_bits", std::int64_t{tables.partial_sum_bits});
  writer.attribute("/", "grouping", tables.grouping_name);
  writer.attribute("/", "grouping_formula", tables.grouping->formula());
  writer.attribute("/", "r_squared", tables.r_squared);
  const std::vector<std::uint64_t> shape{kWeightValues, tables.cells()};
  writer.write("/energy_fj", tables.energy_fj, shape);
  writer.write("/samples", tables.samples, shape);
  std::vector<std::uint64_t> transitions;
  std::vector<double> mean;
  std::vector<double> error;
  std::vector<double> share;
  for (const WeightEnergy& weight : tables.weights) {
    transitions.push_back(weight.transitions);
    mean.push_back(weight.mean_fj);
    error.push_back(weight.standard_error_fj);
    share.insert(share.end(), weight.share.begin(), weight.share.end());
  }
  writer.write("/weight_transitions", transitions, {kWeightValues});
  writer.write("/weight_mean_fj", mean, {kWeightValues});
  writer.write("/weight_standard_error_fj", error, {kWeightValues});
  writer.write("/weight_component_share", share, {kWeightValues, kMacComponents});
  writer.commit();
}

EnergyTables read_tables(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, kKind);
  EnergyTables tables;
  tables.tool_version = reader.text_attribute("/", "tool_version");
  tables.hardware_name = reader.text_attribute("/", "hardware_name");
  tables.hardware_key = reader.text_attribute("/", "hardware_key");
  tables.timing = reader.text_attribute("/", "timing");
  tables.traces_hash = reader.text_attribute("/", "traces_hash");
  tables.seed = static_cast<std::uint64_t>(reader.integer_attribute("/", "seed"));
  tables.weight_bits = static_cast<int>(reader.integer_attribute("/", "weight_bits"));
  tables.activation_bits = static_cast<int>(reader.integer_attribute("/", "activation_bits"));
  tables.partial_sum_bits = static_cast<int>(reader.integer_attribute("/", "partial_sum_bits"));
  tables.grouping_name = reader.text_attribute("/", "grouping");
  tables.r_squared = reader.real_attribute("/", "r_squared");
  tables.grouping =
      make_grouping(tables.grouping_name, tables.activation_bits, tables.partial_sum_bits);
  tables.energy_fj = reader.read_double("/energy_fj").values;
  tables.samples = reader.read_uint64("/samples").values;
  const auto transitions = reader.read_uint64("/weight_transitions").values;
  const auto mean = reader.read_double("/weight_mean_fj").values;
  const auto error = reader.read_double("/weight_standard_error_fj").values;
  const auto share = reader.read_double("/weight_component_share").values;
  const std::size_t cells = kWeightValues * tables.cells();
  if (tables.energy_fj.size() != cells || tables.samples.size() != cells ||
      transitions.size() != kWeightValues || mean.size() != kWeightValues ||
      error.size() != kWeightValues || share.size() != kWeightValues * kMacComponents) {
    throw Error::input("TW-TABLE-001", fmt::format("the tables' sizes do not fit grouping '{}'",
                                                   tables.grouping_name))
        .at(file.string())
        .expected(fmt::format("{} weight values x {} cells", kWeightValues, tables.cells()));
  }
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    WeightEnergy& weight = tables.weights[w];
    weight.transitions = transitions[w];
    weight.mean_fj = mean[w];
    weight.standard_error_fj = error[w];
    std::copy_n(share.begin() + static_cast<std::ptrdiff_t>(w * kMacComponents), kMacComponents,
                weight.share.begin());
  }
  return tables;
}

void require_tables_of_mac(const EnergyTables& tables, const MacHardware& hardware,
                           const std::string& file) {
  if (tables.hardware_key == hardware.key()) return;
  throw Error::input(
      "TW-TABLE-002",
      fmt::format("these tables were calibrated for another MAC, library or corner "
                  "('{}', {}-bit partial sums, key {})",
                  tables.hardware_name, tables.partial_sum_bits, tables.hardware_key.substr(0, 12)))
      .at(file)
      .expected(fmt::format("tables for '{}' ({}-bit partial sums, key {})", hardware.config().name,
                            hardware.config().array.partial_sum_bits, hardware.key().substr(0, 12)))
      .hint("run 'togglewise calibrate' with this hardware configuration");
}

void require_tables_match(const EnergyTables& tables, const MacHardware& hardware,
                          const std::string& file) {
  require_tables_of_mac(tables, hardware, file);
  if (tables.timing == hardware.engine().timing()) return;
  throw Error::input("TW-TABLE-003", fmt::format("these tables are {}, but this run is {}",
                                                 tables.timing, hardware.engine().timing()))
      .at(file)
      .expected("tables calibrated with the same --timing and --quantum-ps");
}

}  // namespace togglewise::energy
