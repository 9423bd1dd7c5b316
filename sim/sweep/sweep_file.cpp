#include "sim/sweep/sweep_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/base/nearest.h"
#include "sim/energy/network_energy.h"
#include "sim/sweep/value_range.h"

namespace togglewise::sweep {
namespace {

using config::Presence;
using config::YamlTree;
using Kind = YamlTree::Kind;

// "array.rows, array.columns" → its fields.
std::vector<std::string> fields_of(const YamlTree& key) {
  std::vector<std::string> fields(1);
  for (const char c : key.text) {
    if (c == ',') {
      fields.emplace_back();
    } else if (c != ' ' && c != '\t') {
      fields.back() += c;
    }
  }
  for (const std::string& field : fields) {
    if (!field.empty()) continue;
    throw key.error("TW-SWEEP-002", fmt::format("'{}' names an empty field", key.text))
        .expected("a field such as array.rows, or several with commas between them");
  }
  return fields;
}

std::vector<std::vector<YamlTree>> levels_of_range(const YamlTree& value,
                                                   const std::string& field) {
  std::vector<std::vector<YamlTree>> levels;
  for (const std::string& text : expand_range(value, field)) {
    YamlTree level;
    level.kind = Kind::scalar;
    level.text = level.yaml = text;
    level.file = value.file;
    level.line = value.line;
    level.column = value.column;
    levels.push_back({std::move(level)});
  }
  return levels;
}

std::vector<std::vector<YamlTree>> levels_of_list(const YamlTree& list,
                                                  const std::vector<std::string>& fields,
                                                  const std::string& name) {
  std::vector<std::vector<YamlTree>> levels;
  for (const YamlTree& element : list.elements) {
    if (fields.size() == 1) {
      levels.push_back({element});
    } else if (element.kind == Kind::list && element.elements.size() == fields.size()) {
      levels.push_back(element.elements);
    } else {
      throw element
          .error("TW-SWEEP-003", fmt::format("'{}' has {} fields, but here is {}", name,
                                             fields.size(), element.yaml))
          .expected(fmt::format("a list of {} values", fields.size()));
    }
  }
  return levels;
}

void require_no_duplicates(const SweepAxis& axis, const std::string& name) {
  std::set<std::string> seen;
  for (const std::vector<YamlTree>& level : axis.levels) {
    std::string text;
    for (const YamlTree& value : level) text += (text.empty() ? "" : ", ") + value.yaml;
    if (seen.insert(text).second) continue;
    throw level[0]
        .error("TW-SWEEP-004", fmt::format("'{}' has the value {} twice", name, text))
        .expected("every value once");
  }
}

SweepAxis read_axis(const YamlTree& key, const YamlTree& value) {
  SweepAxis axis;
  axis.fields = fields_of(key);
  switch (value.kind) {
    case Kind::scalar:
      if (axis.fields.size() == 1) axis.levels = {{value}};
      break;
    case Kind::block:
      if (axis.fields.size() == 1) axis.levels = levels_of_range(value, key.text);
      break;
    case Kind::list:
      axis.levels = levels_of_list(value, axis.fields, key.text);
      break;
    case Kind::empty:
      break;
  }
  if (axis.levels.empty()) {
    throw value
        .error("TW-SWEEP-003",
               fmt::format("'{}' has no values: {}", key.text,
                           value.kind == Kind::empty ? "nothing is given" : value.yaml))
        .expected(axis.fields.size() == 1
                      ? "a list with at least one value, or a range from, to and step or times"
                      : fmt::format("a list of lists of {} values", axis.fields.size()));
  }
  require_no_duplicates(axis, key.text);
  return axis;
}

std::vector<SweepAxis> read_axes(const YamlTree& block) {
  if (block.kind != Kind::block || block.members.empty()) {
    throw block.error("TW-SWEEP-003", "'sweep' has no fields")
        .expected("a block of fields with their values, such as 'array.rows: [8, 16, 32]'");
  }
  std::vector<SweepAxis> axes;
  std::set<std::string> seen;
  std::uint64_t points = 1;
  for (const auto& [key, value] : block.members) {
    SweepAxis axis = read_axis(key, value);
    for (const std::string& field : axis.fields) {
      if (seen.insert(field).second) continue;
      throw key.error("TW-SWEEP-005", fmt::format("field '{}' is swept twice", field))
          .expected("every field in one list or range");
    }
    points *= axis.levels.size();
    if (points > kMostPoints) {
      throw key
          .error("TW-SWEEP-006", fmt::format("with '{}' the sweep has {} points", key.text, points))
          .expected(fmt::format("at most {} points: shorter lists or larger steps", kMostPoints));
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace

const std::vector<std::string>& run_fields() {
  static const std::vector<std::string> fields = {"workload", "model",      "operands", "images",
                                                  "seed",     "batch_size", "fidelity"};
  return fields;
}

const std::vector<std::string>& sweep_fidelities() {
  static const std::vector<std::string> fidelities = [] {
    std::vector<std::string> names = energy::fidelity_names();
    names.insert(names.begin(), "cycles");
    return names;
  }();
  return fidelities;
}

RunKeys::RunKeys(RunSetup& run) : run_(run), seed_(static_cast<int>(run.seed)) {}

void RunKeys::declare(config::YamlSection& root) {
  root.path("workload", run_.workload, Presence::optional)
      .path("model", run_.model, Presence::optional)
      .path("operands", run_.operands, Presence::optional)
      .integer("images", run_.images, {1, 1'000'000}, Presence::optional)
      .integer("batch_size", run_.batch_size, {1, 1'000'000}, Presence::optional)
      .choice("fidelity", run_.fidelity, sweep_fidelities(), Presence::optional)
      .integer("seed", seed_, {0, 2'147'483'647}, Presence::optional);
}

void RunKeys::finish() { run_.seed = static_cast<std::uint64_t>(seed_); }

std::uint64_t SweepFile::point_count() const {
  std::uint64_t points = 1;
  for (const SweepAxis& axis : axes) points *= axis.levels.size();
  return points;
}

SweepFile read_sweep_file(const std::filesystem::path& file) {
  SweepFile sweep;
  sweep.file = file;
  YamlTree axes;
  config::YamlSection calibration;
  calibration.path("traces", sweep.calibration_traces, Presence::required)
      .integer("transitions", sweep.calibration_transitions, {1, 100'000'000}, Presence::optional);
  RunKeys run(sweep.run);
  config::YamlSection root;
  root.text("name", sweep.name, Presence::required)
      .path("hardware", sweep.hardware, Presence::required)
      .section("calibration", calibration, Presence::optional)
      .tree("sweep", axes, Presence::required);
  run.declare(root);
  const config::YamlDocument document(file, root);
  run.finish();
  sweep.axes = read_axes(axes);
  return sweep;
}

}  // namespace togglewise::sweep
