#include "sim/sweep/sweep_plan.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "sim/base/nearest.h"
#include "sim/base/parallel.h"

namespace togglewise::sweep {
namespace {

constexpr std::uint64_t kPointsPerPart = 16;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

config::YamlOverride override_of(const std::string& field, const config::YamlTree& value) {
  return {field, value.yaml, value.file, value.line, value.column};
}

// "workloads/a.csv" → "a.csv": enough to tell points apart.
std::string short_value(const std::string& value) {
  return value.substr(value.rfind('/') == std::string::npos ? 0 : value.rfind('/') + 1);
}

}  // namespace

SweepPlan::SweepPlan(SweepFile file, int threads)
    : file_(std::move(file)),
      base_text_(file_.hardware),
      base_(config::read_hardware_config(base_text_, {})),
      points_(file_.point_count()) {
  for (const SweepAxis& axis : file_.axes) {
    fields_.insert(fields_.end(), axis.fields.begin(), axis.fields.end());
  }
  derive_partial_sum_bits_ =
      !contains(fields_, "array.partial_sum_bits") &&
      (contains(fields_, "array.rows") || contains(fields_, "array.weight_bits") ||
       contains(fields_, "array.activation_bits"));
  read_points(threads);
}

SweepPoint SweepPlan::read_point(std::uint64_t number) const {
  std::vector<std::size_t> level(file_.axes.size());
  for (std::size_t a = file_.axes.size(); a-- > 0;) {
    level[a] = number % file_.axes[a].levels.size();
    number /= file_.axes[a].levels.size();
  }
  SweepPoint point;
  std::vector<config::YamlOverride> of_hardware;
  std::vector<config::YamlOverride> of_run;
  if (derive_partial_sum_bits_) {
    of_hardware.push_back({"array.partial_sum_bits", std::nullopt, file_.file.string(), 0, 0});
  }
  for (std::size_t a = 0; a < file_.axes.size(); ++a) {
    const SweepAxis& axis = file_.axes[a];
    for (std::size_t f = 0; f < axis.fields.size(); ++f) {
      const config::YamlTree& value = axis.levels[level[a]][f];
      const bool run = contains(run_fields(), axis.fields[f]);
      (run ? of_run : of_hardware).push_back(override_of(axis.fields[f], value));
      point.values.push_back(value.kind == config::YamlTree::Kind::scalar ? value.text
                                                                          : value.yaml);
    }
  }
  point.run = file_.run;
  if (!of_run.empty()) {
    RunKeys keys(point.run);
    config::YamlSection root;
    keys.declare(root);
    const config::YamlDocument document(config::YamlText(file_.file, ""), root, of_run);
    keys.finish();
  }
  try {
    point.hardware = config::read_hardware_config(base_text_, of_hardware);
  } catch (const Error& error) {
    // A misspelled field of the run was taken for one of the hardware.
    if (error.id() != "TW-CFG-002" || error.file() != file_.file.string()) throw;
    const std::size_t quote = error.message().find('\'') + 1;
    const std::string name =
        error.message().substr(quote, error.message().find('\'', quote) - quote);
    const std::string nearest = nearest_name(name, run_fields());
    if (nearest.empty() || !error.hint().empty()) throw;
    throw Error::input(error.id(), error.message())
        .at(error.file(), error.line(), error.column())
        .expected(fmt::format("a key of the hardware configuration, dotted, or {}",
                              list_names(run_fields())))
        .hint(fmt::format("did you mean '{}'?", nearest));
  }
  return point;
}

void SweepPlan::read_points(int threads) {
  // The first wrong point is reported, whichever thread finds one first.
  const std::uint64_t parts = (size() + kPointsPerPart - 1) / kPointsPerPart;
  std::vector<std::exception_ptr> wrong(parts);
  parallel_for(parts, threads, [&](std::size_t part) {
    const std::uint64_t end = std::min(size(), (part + 1) * kPointsPerPart);
    try {
      for (std::uint64_t i = part * kPointsPerPart; i < end; ++i) points_[i] = read_point(i);
    } catch (...) {
      wrong[part] = std::current_exception();
    }
  });
  for (const std::exception_ptr& problem : wrong) {
    if (problem) std::rethrow_exception(problem);
  }
}

namespace {

// Calls visit(name, value) for the swept fields that "rows×columns" does not tell.
template <typename Visit>
void for_each_other_field(const SweepPlan& plan, const SweepPoint& point, Visit visit) {
  for (std::size_t f = 0; f < plan.fields().size(); ++f) {
    const std::string& field = plan.fields()[f];
    if (field == "array.rows" || field == "array.columns") continue;
    visit(field.substr(field.rfind('.') == std::string::npos ? 0 : field.rfind('.') + 1),
          short_value(point.values[f]));
  }
}

}  // namespace

std::string point_label(const SweepPlan& plan, const SweepPoint& point) {
  std::string label = fmt::format("{}×{}", point.hardware.array.rows, point.hardware.array.columns);
  for_each_other_field(plan, point, [&](const std::string& name, const std::string& value) {
    label += fmt::format(", {} {}", name, value);
  });
  return label;
}

std::string short_point_label(const SweepPlan& plan, const SweepPoint& point) {
  std::string label = fmt::format("{}×{}", point.hardware.array.rows, point.hardware.array.columns);
  for_each_other_field(
      plan, point, [&](const std::string&, const std::string& value) { label += ", " + value; });
  return label;
}

std::string label_fields(const SweepPlan& plan) {
  std::string fields = "rows×columns";
  for_each_other_field(plan, plan.point(0),
                       [&](const std::string& name, const std::string&) { fields += ", " + name; });
  return fields;
}

}  // namespace togglewise::sweep
