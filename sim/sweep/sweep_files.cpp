#include "sim/sweep/sweep_files.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/report/result_json.h"

namespace togglewise::sweep {
namespace {

using report::Json;

// Fields of a sweep that have a column of their own in every sweep.
bool has_own_column(const std::string& field) {
  static const std::set<std::string> fields = {"array.rows",
                                               "array.columns",
                                               "array.weight_bits",
                                               "array.activation_bits",
                                               "array.partial_sum_bits",
                                               "clock_period_ps",
                                               "images",
                                               "batch_size",
                                               "fidelity",
                                               "seed"};
  return fields.count(field) > 0;
}

const char* operand_kind(const SweepWorkload& workload) {
  if (!workload.traces) return "none";
  return workload.synthetic ? "synthetic" : "traced";
}

std::vector<Cell> cells_of_point(const PreparedSweep& sweep, std::uint64_t number, bool on_front) {
  const SweepPoint& point = sweep.plan().point(number);
  const SweepWorkload& workload = sweep.workloads().of(point.hardware, point.run);
  const config::HardwareConfig::Array& array = point.hardware.array;
  std::vector<Cell> cells = {{"point_number", number},
                             {"workload_name", workload.name},
                             {"fidelity", point.run.fidelity},
                             {"operands", operand_kind(workload)},
                             {"images_count", workload.images},
                             {"batch_size_images", workload.batch_size},
                             {"seed", point.run.seed},
                             {"array_rows_count", array.rows},
                             {"array_columns_count", array.columns},
                             {"weight_bits", array.weight_bits},
                             {"activation_bits", array.activation_bits},
                             {"partial_sum_bits", array.partial_sum_bits},
                             {"clock_period_ps", point.hardware.clock_period_ps}};
  for (std::size_t f = 0; f < sweep.plan().fields().size(); ++f) {
    const std::string& field = sweep.plan().fields()[f];
    if (!has_own_column(field)) cells.emplace_back(field, point.values[f]);
  }
  cells.emplace_back("on_pareto_front", on_front);
  return cells;
}

std::vector<Cell> cells_of_shape(const array::LayerShape& shape) {
  return {{"layer_name", shape.name},
          {"reduction_k_rows", shape.gemm.reduction},
          {"output_channels_n_columns", shape.gemm.output_channels},
          {"output_pixels_m_count", shape.gemm.output_pixels},
          {"groups_count", shape.gemm.groups}};
}

std::string csv_text(const Json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_line(const std::vector<Cell>& cells) {
  std::string line;
  for (const Cell& cell : cells) line += (line.empty() ? "" : ",") + csv_text(cell.second);
  return line + "\n";
}

std::string csv_header(const std::vector<Cell>& cells) {
  std::string line;
  for (const Cell& cell : cells) line += (line.empty() ? "" : ",") + csv_text(cell.first);
  return line + "\n";
}

void append(std::vector<Cell>& cells, std::vector<Cell> more) {
  for (Cell& cell : more) cells.push_back(std::move(cell));
}

void blank(std::vector<Cell>& cells) {
  for (Cell& cell : cells) cell.second = nullptr;
}

// The lines of one point: its layers, and all of them together. A point that is not possible has
// the last one only.
std::vector<std::vector<Cell>> rows_of(const PreparedSweep& sweep, std::uint64_t number,
                                       const PointResult& result, bool on_front) {
  const SweepPoint& point = sweep.plan().point(number);
  const std::vector<array::LayerShape>& shapes =
      sweep.workloads().of(point.hardware, point.run).layers;
  const std::vector<Cell> of_point = cells_of_point(sweep, number, on_front);
  std::vector<std::vector<Cell>> rows;
  for (std::size_t l = 0; l < result.layers.size(); ++l) {
    std::vector<Cell> row = of_point;
    append(row, cells_of_shape(shapes[l]));
    append(row, cells_of(result.layers[l]));
    row.emplace_back("not_possible", nullptr);
    rows.push_back(std::move(row));
  }
  std::vector<Cell> total = of_point;
  std::vector<Cell> no_shape = cells_of_shape({});
  blank(no_shape);
  no_shape[0].second = "total";
  append(total, std::move(no_shape));
  std::vector<Cell> sums = cells_of(total_of(result));
  if (!result.not_possible.empty()) blank(sums);
  append(total, std::move(sums));
  total.emplace_back("not_possible",
                     result.not_possible.empty() ? Json() : Json(result.not_possible));
  rows.push_back(std::move(total));
  return rows;
}

// A file written line by line, so that a large sweep need not fit into memory.
class LineFile {
 public:
  explicit LineFile(const std::filesystem::path& path)
      : path_(path), pending_(path), stream_(pending_.temporary(), std::ios::binary) {}

  void write(const std::string& text) { stream_ << text; }
  void commit() {
    stream_.close();
    if (!stream_) {
      throw Error::input("TW-FILE-002", "cannot write the file")
          .at(path_.string())
          .expected("a writable folder with free space");
    }
    pending_.commit();
  }

 private:
  std::filesystem::path path_;
  PendingFile pending_;
  std::ofstream stream_;
};

Json object_of(const std::vector<Cell>& cells) {
  Json object = Json::object();
  for (const auto& [name, value] : cells) {
    if (!value.is_null()) object[name] = value;
  }
  return object;
}

Json point_json(const PreparedSweep& sweep, std::uint64_t number, const PointResult& result,
                bool on_front) {
  const SweepPoint& point = sweep.plan().point(number);
  const std::vector<array::LayerShape>& shapes =
      sweep.workloads().of(point.hardware, point.run).layers;
  Json json = object_of(cells_of_point(sweep, number, on_front));
  json["label"] = point_label(sweep.plan(), point);
  if (!result.not_possible.empty()) {
    json["not_possible"] = result.not_possible;
    return json;
  }
  json["total"] = object_of(cells_of(total_of(result)));
  Json layers = Json::array();
  for (std::size_t l = 0; l < result.layers.size(); ++l) {
    std::vector<Cell> cells = cells_of_shape(shapes[l]);
    append(cells, cells_of(result.layers[l]));
    layers.push_back(object_of(cells));
  }
  json["layers"] = std::move(layers);
  return json;
}

Json header_json(const PreparedSweep& sweep) {
  const SweepFile& file = sweep.plan().file();
  Json header = report::result_header("sweep", file.run.seed);
  header["name"] = file.name;
  header["sweep_file"] = file.file.filename().string();
  header["hardware"] = report::hardware_json(sweep.plan().base());
  Json fields = Json::array();
  for (const SweepAxis& axis : file.axes) {
    Json values = Json::array();
    for (const std::vector<config::YamlTree>& level : axis.levels) {
      Json of_level = Json::array();
      for (const config::YamlTree& value : level) of_level.push_back(value.yaml);
      values.push_back(axis.fields.size() == 1 ? of_level[0] : of_level);
    }
    fields.push_back({{"fields", axis.fields}, {"values", std::move(values)}});
  }
  header["sweep"] = std::move(fields);
  header["point_count"] = sweep.plan().size();
  return header;
}

report::SweepMeasure measure_of(const LayerResult& layer, int batch_size) {
  constexpr double nj_per_fj = 1e-6;
  report::SweepMeasure measure;
  const auto cycles = static_cast<double>(layer.cycles.cycles);
  measure.cycles_per_image = cycles / batch_size;
  measure.utilization = layer.cycles.utilization;
  measure.stall_fraction = cycles > 0 ? static_cast<double>(layer.cycles.stall) / cycles : 0;
  if (layer.energy) {
    const energy::EnergyBreakdown& energy = layer.energy->per_image;
    measure.energy = {energy.mac_dynamic_fj() * nj_per_fj, energy.dynamic_fj() * nj_per_fj,
                      energy.total_fj() * nj_per_fj, layer.energy->memory_fj_per_image * nj_per_fj};
  }
  return measure;
}

// Points of one group run the same thing; the name says what differs from the other groups.
class Groups {
 public:
  explicit Groups(const PreparedSweep& sweep) : sweep_(sweep) {}

  std::size_t of(const SweepPoint& point, std::vector<report::SweepGroup>& groups) {
    const RunSetup& run = point.run;
    const SweepWorkload& workload = sweep_.workloads().of(point.hardware, run);
    const auto [entry, is_new] = index_.try_emplace(
        std::make_tuple(run.workload.string(), run.model.string(), run.operands.string(),
                        run.images, run.fidelity, run.seed),
        groups.size());
    if (is_new) {
      report::SweepGroup group;
      group.name = workload.name;
      for (const auto& [field, text] : {std::pair<const char*, std::string>{
                                            "images", fmt::format("{} images", workload.images)},
                                        {"fidelity", "fidelity " + run.fidelity},
                                        {"seed", fmt::format("seed {}", run.seed)}}) {
        const std::vector<std::string>& fields = sweep_.plan().fields();
        if (std::find(fields.begin(), fields.end(), field) != fields.end()) {
          group.name += ", " + text;
        }
      }
      group.fidelity = run.fidelity;
      group.operand_source = workload.operand_source;
      group.synthetic = workload.synthetic;
      for (const array::LayerShape& layer : workload.layers) group.layers.push_back(layer.name);
      groups.push_back(std::move(group));
    }
    return entry->second;
  }

 private:
  const PreparedSweep& sweep_;
  std::map<std::tuple<std::string, std::string, std::string, int, std::string, std::uint64_t>,
           std::size_t>
      index_;
};

}  // namespace

report::SweepPage summarize(const PreparedSweep& sweep, const Journal& journal) {
  const SweepPlan& plan = sweep.plan();
  report::SweepPage page;
  page.name = plan.file().name;
  page.sweep_file = plan.file().file.filename().string();
  page.hardware = report::hardware_json(plan.base());
  page.seed = plan.file().run.seed;
  page.fields = plan.fields();
  page.label_fields = label_fields(plan);
  Groups groups(sweep);
  for (std::uint64_t i = 0; i < plan.size(); ++i) {
    const SweepPoint& point = plan.point(i);
    const PointResult result = journal.result(sweep.key(i));
    const LayerResult total = total_of(result);
    const int batch_size = sweep.workloads().of(point.hardware, point.run).batch_size;
    report::SweepPagePoint shown;
    shown.label = point_label(plan, point);
    shown.short_label = short_point_label(plan, point);
    shown.group = groups.of(point, page.groups);
    shown.rows = point.hardware.array.rows;
    shown.columns = point.hardware.array.columns;
    shown.partial_sum_bits = point.hardware.array.partial_sum_bits;
    shown.clock_period_ps = point.hardware.clock_period_ps;
    shown.values = point.values;
    shown.not_possible = result.not_possible;
    shown.total = measure_of(total, batch_size);
    shown.mapping_efficiency = total.cycles.mapping_efficiency;
    for (const LayerResult& layer : result.layers) {
      shown.layers.push_back(measure_of(layer, batch_size));
    }
    page.points.push_back(std::move(shown));
  }
  report::mark_pareto_fronts(page);
  return page;
}

SweepFiles write_sweep_files(const PreparedSweep& sweep, const Journal& journal,
                             const report::SweepPage& page, const std::filesystem::path& out) {
  const bool possible = std::any_of(page.points.begin(), page.points.end(),
                                    [](const auto& point) { return point.not_possible.empty(); });
  if (!possible) {
    throw Error::input("TW-SWEEP-012",
                       fmt::format("not one of the {} points is possible; the "
                                   "first: {}",
                                   page.points.size(), page.points.at(0).not_possible))
        .at(sweep.plan().file().file.string())
        .expected("at least one hardware that can run the workload");
  }
  const SweepFiles files{out / "sweep.csv", out / "sweep.json", out / "sweep.html"};
  LineFile csv(files.csv);
  LineFile json(files.json);
  const std::string header = header_json(sweep).dump(2, ' ', false, Json::error_handler_t::replace);
  json.write(header.substr(0, header.rfind('\n')) + ",\n  \"points\": [\n");
  for (std::uint64_t i = 0; i < page.points.size(); ++i) {
    const PointResult result = journal.result(sweep.key(i));
    const auto rows = rows_of(sweep, i, result, page.points[i].on_front);
    if (i == 0) csv.write(csv_header(rows[0]));
    for (const std::vector<Cell>& row : rows) csv.write(csv_line(row));
    json.write("    " +
               point_json(sweep, i, result, page.points[i].on_front)
                   .dump(-1, ' ', false, Json::error_handler_t::replace) +
               (i + 1 < page.points.size() ? ",\n" : "\n"));
  }
  json.write("  ]\n}\n");
  write_file_atomically(files.html, report::sweep_html(page));
  json.commit();
  csv.commit();
  return files;
}

}  // namespace togglewise::sweep
