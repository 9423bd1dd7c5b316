#include "sim/energy/energy_tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hdf5_file.h"

namespace togglewise::energy {
namespace {

constexpr const char* kKind = "togglewise energy tables";
constexpr std::int64_t kFormat = 3;

std::string part_path(std::size_t part) { return fmt::format("/parts/{}", part); }

std::vector<double> to_vector(const std::array<double, kWeightValues>& values) {
  return {values.begin(), values.end()};
}

void require_format(const Hdf5Reader& reader, const std::filesystem::path& file) {
  const std::int64_t found =
      reader.has_attribute("/", "format") ? reader.integer_attribute("/", "format") : 0;
  if (found == kFormat) return;
  throw Error::input("TW-TABLE-004", fmt::format("Togglewise {} wrote these tables in another form",
                                                 reader.text_attribute("/", "tool_version")))
      .at(file.string())
      .expected(fmt::format("tables of format {}", kFormat))
      .hint("run 'togglewise calibrate' again");
}

}  // namespace

std::uint64_t EnergyTables::populated_cells() const {
  std::uint64_t sum = 0;
  for (const TablePart& part : parts) {
    sum += static_cast<std::uint64_t>(std::count_if(part.samples.begin(), part.samples.end(),
                                                    [](std::int32_t count) { return count > 0; }));
  }
  return sum;
}

void write_tables(const EnergyTables& tables, const std::filesystem::path& file) {
  const TransitionGrouping& grouping = *tables.grouping;
  Hdf5Writer writer(file, kKind);
  writer.compress_arrays();
  writer.attribute("/", "format", kFormat);
  writer.attribute("/", "tool_version", tables.tool_version);
  writer.attribute("/", "hardware_name", tables.hardware_name);
  writer.attribute("/", "hardware_key", tables.hardware_key);
  writer.attribute("/", "library", tables.library);
  writer.attribute("/", "corner", tables.corner);
  writer.attribute("/", "netlist_hash", tables.netlist_hash);
  writer.attribute("/", "timing", tables.timing);
  writer.attribute("/", "traces_hash", tables.traces_hash);
  writer.attribute("/", "operand_source", tables.operand_source);
  writer.attribute("/", "synthetic_operands", std::int64_t{tables.synthetic ? 1 : 0});
  writer.attribute("/", "weight_precision", tables.precision.weight);
  writer.attribute("/", "cell_precision", tables.precision.cell);
  writer.attribute("/", "cell_share", tables.precision.cell_share);
  writer.attribute("/", "most_transitions",
                   static_cast<std::int64_t>(tables.precision.most_transitions));
  writer.attribute("/", "seed", static_cast<std::int64_t>(tables.seed));
  writer.attribute("/", "weight_bits", std::int64_t{tables.weight_bits});
  writer.attribute("/", "activation_bits", std::int64_t{grouping.widths().activation_bits});
  writer.attribute("/", "partial_sum_bits", std::int64_t{grouping.widths().partial_sum_bits});
  writer.attribute("/", "negative_activations",
                   std::int64_t{grouping.widths().negative_activations ? 1 : 0});
  writer.attribute("/", "grouping", grouping.name());
  writer.attribute("/", "grouping_formula", grouping.formula());
  writer.attribute("/", "r_squared", tables.r_squared);
  for (std::size_t p = 0; p < tables.parts.size(); ++p) {
    const std::string path = part_path(p);
    const std::vector<std::uint64_t> shape{kWeightValues, grouping.parts()[p]->cells()};
    writer.write(path + "/energy_fj", tables.parts[p].energy_fj, shape);
    writer.write(path + "/samples", tables.parts[p].samples, shape);
    writer.attribute(path, "covering_samples", tables.parts[p].covering_samples);
    writer.write(path + "/deviation_fj", to_vector(tables.parts[p].deviation_fj), {kWeightValues});
  }
  std::vector<std::uint64_t> transitions;
  std::vector<double> mean;
  std::vector<double> error;
  std::vector<double> precise;
  std::vector<double> share;
  for (const WeightEnergy& weight : tables.weights) {
    transitions.push_back(weight.transitions);
    mean.push_back(weight.mean_fj);
    error.push_back(weight.standard_error_fj);
    precise.push_back(weight.precise_share);
    share.insert(share.end(), weight.share.begin(), weight.share.end());
  }
  writer.write("/weight_transitions", transitions, {kWeightValues});
  writer.write("/weight_mean_fj", mean, {kWeightValues});
  writer.write("/weight_standard_error_fj", error, {kWeightValues});
  writer.write("/weight_precise_share", precise, {kWeightValues});
  writer.write("/weight_component_share", share, {kWeightValues, kMacComponents});
  for (std::size_t l = 0; l < tables.held_out.size(); ++l) {
    const std::string path = fmt::format("/held_out/{}", l);
    writer.write(path, std::vector<double>{tables.held_out[l].relative_error}, {1});
    writer.attribute(path, "layer", tables.held_out[l].name);
  }
  writer.attribute("/", "held_out_layers", static_cast<std::int64_t>(tables.held_out.size()));
  writer.commit();
}

EnergyTables read_tables(const std::filesystem::path& file) {
  const Hdf5Reader reader(file, kKind);
  require_format(reader, file);
  EnergyTables tables;
  tables.tool_version = reader.text_attribute("/", "tool_version");
  tables.hardware_name = reader.text_attribute("/", "hardware_name");
  tables.hardware_key = reader.text_attribute("/", "hardware_key");
  tables.library = reader.text_attribute("/", "library");
  tables.corner = reader.text_attribute("/", "corner");
  tables.netlist_hash = reader.text_attribute("/", "netlist_hash");
  tables.timing = reader.text_attribute("/", "timing");
  tables.traces_hash = reader.text_attribute("/", "traces_hash");
  tables.operand_source = reader.text_attribute("/", "operand_source");
  tables.synthetic = reader.integer_attribute("/", "synthetic_operands") != 0;
  tables.precision.weight = reader.real_attribute("/", "weight_precision");
  tables.precision.cell = reader.real_attribute("/", "cell_precision");
  tables.precision.cell_share = reader.real_attribute("/", "cell_share");
  tables.precision.most_transitions =
      static_cast<std::uint64_t>(reader.integer_attribute("/", "most_transitions"));
  tables.seed = static_cast<std::uint64_t>(reader.integer_attribute("/", "seed"));
  tables.weight_bits = static_cast<int>(reader.integer_attribute("/", "weight_bits"));
  tables.r_squared = reader.real_attribute("/", "r_squared");
  tables.grouping =
      make_grouping(reader.text_attribute("/", "grouping"),
                    {static_cast<int>(reader.integer_attribute("/", "activation_bits")),
                     static_cast<int>(reader.integer_attribute("/", "partial_sum_bits")),
                     reader.integer_attribute("/", "negative_activations") != 0});
  const auto require = [&](const std::string& what, std::size_t size, std::size_t expected) {
    if (size == expected) return;
    throw Error::input("TW-TABLE-001",
                       fmt::format("{} has {} values, which does not fit grouping '{}'", what, size,
                                   tables.grouping->name()))
        .at(file.string())
        .expected(fmt::format("{} values", expected));
  };
  for (std::size_t p = 0; p < tables.grouping->parts().size(); ++p) {
    const std::string path = part_path(p);
    const std::size_t size = kWeightValues * tables.grouping->parts()[p]->cells();
    TablePart part;
    part.energy_fj = reader.read_float(path + "/energy_fj").values;
    part.samples = reader.read_int32(path + "/samples").values;
    part.covering_samples = reader.real_attribute(path, "covering_samples");
    const auto deviation = reader.read_double(path + "/deviation_fj").values;
    require(path + "/energy_fj", part.energy_fj.size(), size);
    require(path + "/samples", part.samples.size(), size);
    require(path + "/deviation_fj", deviation.size(), kWeightValues);
    std::copy(deviation.begin(), deviation.end(), part.deviation_fj.begin());
    tables.parts.push_back(std::move(part));
  }
  const auto transitions = reader.read_uint64("/weight_transitions").values;
  const auto mean = reader.read_double("/weight_mean_fj").values;
  const auto error = reader.read_double("/weight_standard_error_fj").values;
  const auto precise = reader.read_double("/weight_precise_share").values;
  const auto share = reader.read_double("/weight_component_share").values;
  require("/weight_transitions", transitions.size(), kWeightValues);
  require("/weight_mean_fj", mean.size(), kWeightValues);
  require("/weight_standard_error_fj", error.size(), kWeightValues);
  require("/weight_precise_share", precise.size(), kWeightValues);
  require("/weight_component_share", share.size(), kWeightValues * kMacComponents);
  for (std::size_t w = 0; w < kWeightValues; ++w) {
    WeightEnergy& weight = tables.weights[w];
    weight.transitions = transitions[w];
    weight.mean_fj = mean[w];
    weight.standard_error_fj = error[w];
    weight.precise_share = precise[w];
    std::copy_n(share.begin() + static_cast<std::ptrdiff_t>(w * kMacComponents), kMacComponents,
                weight.share.begin());
  }
  const std::int64_t held_out = reader.integer_attribute("/", "held_out_layers");
  for (std::int64_t l = 0; l < held_out; ++l) {
    const std::string path = fmt::format("/held_out/{}", l);
    const auto error_of = reader.read_double(path).values;
    require(path, error_of.size(), 1);
    tables.held_out.push_back({reader.text_attribute(path, "layer"), error_of[0]});
  }
  return tables;
}

}  // namespace togglewise::energy
