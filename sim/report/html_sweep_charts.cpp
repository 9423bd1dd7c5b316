#include "sim/report/html_sweep_charts.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace togglewise::report {
namespace {

using Points = std::vector<const SweepPagePoint*>;

constexpr std::size_t kMostMapRows = 60;

using EnergyValue = double (*)(const SweepEnergy&);
struct EnergyMetric {
  const char* name;
  EnergyValue value;
};

// From the whole to the part; memories only where the configuration gives their energies.
std::vector<EnergyMetric> energy_metrics(const Points& points) {
  std::vector<EnergyMetric> metrics;
  const bool memories = std::any_of(points.begin(), points.end(), [](const auto* point) {
    return point->total.energy && point->total.energy->memories_nj > 0;
  });
  if (memories) {
    metrics.push_back({"total and memories", [](const SweepEnergy& e) { return e.all_nj(); }});
  }
  metrics.push_back({"total", [](const SweepEnergy& e) { return e.total_nj; }});
  metrics.push_back({"all dynamic", [](const SweepEnergy& e) { return e.dynamic_nj; }});
  metrics.push_back({"MAC dynamic", [](const SweepEnergy& e) { return e.mac_dynamic_nj; }});
  return metrics;
}

bool clock_varies(const Points& points) {
  return std::any_of(points.begin(), points.end(), [&](const auto* point) {
    return point->clock_period_ps != points[0]->clock_period_ps;
  });
}

template <typename Value>
std::vector<double> each(const Points& points, Value value) {
  std::vector<double> values;
  for (const SweepPagePoint* point : points) values.push_back(value(*point));
  return values;
}

// What a heat map can show of one measure.
struct MapMetric {
  std::string name;
  std::string unit;
  bool logarithmic = false;
  std::function<double(const SweepMeasure&)> value;
};

std::vector<MapMetric> map_metrics(const Points& points) {
  std::vector<MapMetric> metrics = {
      {"utilization", "%", false, [](const SweepMeasure& m) { return 100 * m.utilization; }},
      {"cycles", "per image", true, [](const SweepMeasure& m) { return m.cycles_per_image; }}};
  const bool energies = std::all_of(points.begin(), points.end(),
                                    [](const auto* p) { return p->total.energy.has_value(); });
  if (energies) {
    for (const EnergyMetric& metric : energy_metrics(points)) {
      metrics.push_back({std::string(metric.name) + " energy", "nJ/image", true,
                         [metric](const SweepMeasure& m) { return metric.value(*m.energy); }});
    }
  }
  const bool stalls = std::any_of(points.begin(), points.end(),
                                  [](const auto* p) { return p->total.stall_fraction > 0; });
  if (stalls) {
    metrics.push_back({"stalls", "% of cycles", false,
                       [](const SweepMeasure& m) { return 100 * m.stall_fraction; }});
  }
  return metrics;
}

Json metric_json(const MapMetric& metric, Json values) {
  return {{"name", metric.name},
          {"unit", metric.unit},
          {"logarithmic", metric.logarithmic},
          {"values", std::move(values)}};
}

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(x[a], y[a], a) < std::tie(x[b], y[b], b);
  });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const bool equal = !front.empty() && x[i] == x[front.back()] && y[i] == y[front.back()];
    if (front.empty() || equal || y[i] < y[front.back()]) front.push_back(i);
  }
  return front;
}

Points possible_points(const SweepPage& page, std::size_t group) {
  Points points;
  for (const SweepPagePoint& point : page.points) {
    if (point.group == group && point.not_possible.empty()) points.push_back(&point);
  }
  return points;
}

Points representative(const Points& points, std::size_t count) {
  if (points.size() <= count) return points;
  Points others;
  std::set<const SweepPagePoint*> chosen;
  for (const SweepPagePoint* point : points) {
    if (point->on_front && chosen.size() < count) {
      chosen.insert(point);
    } else {
      others.push_back(point);
    }
  }
  const std::size_t more = std::min(count - chosen.size(), others.size());
  for (std::size_t i = 0; i < more; ++i) chosen.insert(others[i * others.size() / more]);
  Points shown;
  for (const SweepPagePoint* point : points) {
    if (chosen.count(point) > 0) shown.push_back(point);
  }
  return shown;
}

Json front_chart(const SweepPage& page, std::size_t group) {
  const Points points = possible_points(page, group);
  const bool time = clock_varies(points);
  const std::vector<double> x = each(points, [&](const SweepPagePoint& p) {
    return time ? p.time_us_per_image() : p.total.cycles_per_image;
  });
  Json metrics = Json::array();
  const auto add = [&](const std::string& name, const std::string& axis,
                       const std::vector<double>& y) {
    metrics.push_back(
        {{"name", name}, {"axis", axis}, {"values", y}, {"front", pareto_front(x, y)}});
  };
  if (page.groups[group].fidelity == "cycles") {
    add("processing elements", "processing elements",
        each(points, [](const SweepPagePoint& p) { return p.processing_elements(); }));
  } else {
    for (const EnergyMetric& metric : energy_metrics(points)) {
      add(metric.name, std::string(metric.name) + " energy, nJ/image",
          each(points, [&](const SweepPagePoint& p) { return metric.value(*p.total.energy); }));
    }
  }
  Json chart = {{"x_axis", time ? "time, µs/image" : "cycles per image"},
                {"x", x},
                {"metrics", std::move(metrics)},
                {"labels", Json::array()},
                {"names", Json::array()}};
  for (const SweepPagePoint* point : points) {
    chart["labels"].push_back(point->short_label);
    chart["names"].push_back(point->label);
  }
  chart["cycles"] = each(points, [](const auto& p) { return p.total.cycles_per_image; });
  chart["time_us"] = each(points, [](const auto& p) { return p.time_us_per_image(); });
  chart["utilization_percent"] =
      each(points, [](const auto& p) { return 100 * p.total.utilization; });
  chart["stall_percent"] = each(points, [](const auto& p) { return 100 * p.total.stall_fraction; });
  chart["processing_elements"] =
      each(points, [](const auto& p) { return p.processing_elements(); });
  return chart;
}

Json layer_chart(const SweepPage& page, std::size_t group) {
  const Points points = representative(possible_points(page, group), kMostMapRows);
  const std::vector<std::string>& layers = page.groups[group].layers;
  if (points.empty() || layers.empty()) return {};
  Json chart = {{"columns", layers}, {"column_axis", ""}, {"row_axis", ""}};
  chart["columns"].push_back("all layers");
  chart["rows"] = Json::array();
  for (const SweepPagePoint* point : points) {
    chart["rows"].push_back(point->short_label);
    chart["names"].push_back(point->label);
  }
  chart["metrics"] = Json::array();
  for (const MapMetric& metric : map_metrics(points)) {
    Json values = Json::array();
    for (const SweepPagePoint* point : points) {
      Json row = Json::array();
      for (const SweepMeasure& layer : point->layers) row.push_back(metric.value(layer));
      row.push_back(metric.value(point->total));
      values.push_back(std::move(row));
    }
    chart["metrics"].push_back(metric_json(metric, std::move(values)));
  }
  return chart;
}

Json shape_chart(const SweepPage& page, std::size_t group) {
  for (const std::string& field : page.fields) {
    if (field != "array.rows" && field != "array.columns") return {};
  }
  const Points points = possible_points(page, group);
  std::set<int> rows;
  std::set<int> columns;
  for (const SweepPagePoint* point : points) {
    rows.insert(point->rows);
    columns.insert(point->columns);
  }
  if (rows.size() < 2 || columns.size() < 2) return {};
  Json chart = {{"column_axis", "columns"}, {"row_axis", "rows"}};
  for (const int row : rows) chart["rows"].push_back(std::to_string(row));
  for (const int column : columns) chart["columns"].push_back(std::to_string(column));
  chart["metrics"] = Json::array();
  for (const MapMetric& metric : map_metrics(points)) {
    Json values(rows.size(), Json(columns.size(), Json()));
    for (const SweepPagePoint* point : points) {
      const auto row = std::distance(rows.begin(), rows.find(point->rows));
      const auto column = std::distance(columns.begin(), columns.find(point->columns));
      values[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] =
          metric.value(point->total);
    }
    chart["metrics"].push_back(metric_json(metric, std::move(values)));
  }
  return chart;
}

}  // namespace togglewise::report
