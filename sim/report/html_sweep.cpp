#include "sim/report/html_sweep.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/report/console_table.h"
#include "sim/report/html_document.h"
#include "sim/report/html_sweep_charts.h"
#include "sim/report/number_format.h"
#include "sim/report/result_files.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;
using Points = std::vector<const SweepPagePoint*>;

constexpr std::size_t kMostTableRows = 500;

bool has_energy(const SweepPage& page, std::size_t group) {
  return page.groups[group].fidelity != "cycles";
}

double energy_delay(const SweepPagePoint& point) {
  return point.total.energy ? point.total.energy->all_nj() * point.time_us_per_image()
                            : std::numeric_limits<double>::quiet_NaN();
}

template <typename Value>
const SweepPagePoint& least(const Points& points, Value value) {
  return **std::min_element(points.begin(), points.end(),
                            [&](const auto* a, const auto* b) { return value(*a) < value(*b); });
}

double energy_of(const SweepPagePoint& point) { return point.total.energy->all_nj(); }
double cycles_of(const SweepPagePoint& point) { return point.total.cycles_per_image; }
double time_of(const SweepPagePoint& point) { return point.time_us_per_image(); }

std::string energy_and_time(const SweepPagePoint& point) {
  const std::string energy =
      point.total.energy ? format_digits(energy_of(point), 4) + " nJ and " : "";
  return fmt::format("{}{} cycles per image, {} utilized", energy,
                     format_digits(cycles_of(point), 4), format_percent(point.total.utilization));
}

void add_group_cards(Page& html, const SweepPage& page, std::size_t group) {
  const Points points = possible_points(page, group);
  if (points.empty()) return;
  const std::string where = page.groups.size() > 1 ? ": " + page.groups[group].name : "";
  const auto add = [&](const char* what, const SweepPagePoint& point) {
    html.cards.push_back(
        {what + where, point.short_label, energy_and_time(point), Card::State::neutral});
  };
  if (has_energy(page, group)) {
    add("Least energy", least(points, energy_of));
    add("Least energy × time", least(points, energy_delay));
  } else {
    add("Best utilized",
        least(points, [](const SweepPagePoint& p) { return -p.total.utilization; }));
  }
  add("Least time", least(points, time_of));
}

void add_cards(Page& html, const SweepPage& page) {
  const auto possible = std::count_if(page.points.begin(), page.points.end(),
                                      [](const auto& p) { return p.not_possible.empty(); });
  const auto front = std::count_if(page.points.begin(), page.points.end(),
                                   [](const auto& p) { return p.on_front; });
  html.cards.push_back({"Points", format_count(page.points.size()),
                        fmt::format("{} possible, {} on the Pareto front", possible, front),
                        Card::State::neutral});
  constexpr std::size_t most_groups = 3;  // more would push the charts off the screen
  for (std::size_t g = 0; g < std::min(page.groups.size(), most_groups); ++g) {
    add_group_cards(html, page, g);
  }
}

std::string operand_note(const SweepGroup& group) {
  if (group.synthetic) {
    return "<p class=\"bad\">" +
           html_escape("Synthetic operands (" + group.operand_source +
                       "): energies and toggles are those of random data, not of a network.") +
           "</p>\n";
  }
  if (group.operand_source.empty()) {
    return html_paragraph("Cycles depend on shapes alone; no operands were needed.");
  }
  return html_paragraph(
      fmt::format("Operands: {}, fidelity {}.", group.operand_source, group.fidelity));
}

std::string title_of(const std::string& title, const SweepPage& page, std::size_t group) {
  return page.groups.size() > 1 ? title + ": " + page.groups[group].name : title;
}

void add_front_section(Page& html, const SweepPage& page, std::size_t group) {
  if (possible_points(page, group).empty()) return;
  const bool energy = has_energy(page, group);
  Section section{fmt::format("front-{}", group),
                  title_of(energy ? "Energy against time" : "Time against size", page, group), ""};
  section.body += operand_note(page.groups[group]);
  section.body += html_paragraph(
      energy ? "Each point is one hardware. On the Pareto front (line, with labels) no other point "
               "is better in both. MAC dynamic is what switches in the processing elements that "
               "hold a weight; dynamic adds the rest of the array, total adds clock and leakage."
             : "Each point is one hardware. On the Pareto front (line, with labels) no other point "
               "is faster with as few processing elements.");
  section.body += html_paragraph("Points are named " + page.label_fields + ".");
  section.body += html_chart(fmt::format("sweep-front.{}", html.charts["sweep-front"].size()),
                             energy ? "Scatter: energy against time, with the Pareto front"
                                    : "Scatter: time against processing elements");
  html.charts["sweep-front"].push_back(front_chart(page, group));
  html.sections.push_back(std::move(section));
}

void add_map_sections(Page& html, const SweepPage& page, std::size_t group) {
  const Json shapes = shape_chart(page, group);
  if (!shapes.is_null()) {
    Section section{fmt::format("shapes-{}", group), title_of("Rows and columns", page, group),
                    html_paragraph("The whole workload on arrays of so many rows and columns.")};
    section.body += html_chart(fmt::format("sweep-map.{}", html.charts["sweep-map"].size()),
                               "Heat map: rows against columns");
    html.charts["sweep-map"].push_back(shapes);
    html.sections.push_back(std::move(section));
  }
  const Json layers = layer_chart(page, group);
  if (layers.is_null()) return;
  const std::size_t shown = layers.at("rows").size();
  const std::size_t possible = possible_points(page, group).size();
  Section section{fmt::format("layers-{}", group), title_of("Layers on each array", page, group),
                  ""};
  section.body += html_paragraph(
      shown == possible
          ? "Utilization is multiply-accumulates done over those that the array could have done in "
            "the same cycles."
          : fmt::format(
                "{} of {} points: the Pareto front, and others evenly from the whole sweep. "
                "All are in sweep.csv.",
                shown, possible));
  section.body += html_chart(fmt::format("sweep-map.{}", html.charts["sweep-map"].size()),
                             "Heat map: points against layers");
  html.charts["sweep-map"].push_back(layers);
  html.sections.push_back(std::move(section));
}

void add_table_section(Page& html, const SweepPage& page) {
  const bool energies = std::any_of(page.points.begin(), page.points.end(),
                                    [](const auto& p) { return p.total.energy.has_value(); });
  std::vector<ConsoleTable::Column> columns = {{"Point", "", Align::left}};
  if (page.groups.size() > 1) columns.push_back({"Workload", "", Align::left});
  for (const ConsoleTable::Column& column :
       std::vector<ConsoleTable::Column>{{"PEs", ""},
                                         {"Partial sum", "bits"},
                                         {"Cycles", "/image"},
                                         {"Time", "µs/image"},
                                         {"Stalls", "%"},
                                         {"Utilization", "%"},
                                         {"Mapping efficiency", "%"}}) {
    columns.push_back(column);
  }
  if (energies) {
    for (const char* name : {"MAC dynamic", "Dynamic", "Total", "Memories"}) {
      columns.push_back({name, "nJ/image"});
    }
    columns.push_back({"Energy × time", "nJ·µs"});
  }
  columns.push_back({"Front", "", Align::left});
  HtmlTable table(columns);
  Points all;
  for (const SweepPagePoint& point : page.points) all.push_back(&point);
  const Points shown = representative(all, kMostTableRows);
  for (const SweepPagePoint* point : shown) {
    std::vector<std::string> cells = {point->label};
    if (page.groups.size() > 1) cells.push_back(page.groups[point->group].name);
    const bool possible = point->not_possible.empty();
    const auto number = [&](const std::string& text) { cells.push_back(possible ? text : "–"); };
    cells.push_back(format_fixed(point->processing_elements(), 0));
    cells.push_back(fmt::format("{}", point->partial_sum_bits));
    number(format_fixed(point->total.cycles_per_image, 0));
    number(format_digits(point->time_us_per_image(), 5));
    number(format_fixed(100 * point->total.stall_fraction, 1));
    number(format_fixed(100 * point->total.utilization, 1));
    number(format_fixed(100 * point->mapping_efficiency, 1));
    if (energies) {
      const SweepEnergy energy = point->total.energy.value_or(SweepEnergy{});
      const bool known = possible && point->total.energy.has_value();
      for (const double nj :
           {energy.mac_dynamic_nj, energy.dynamic_nj, energy.total_nj, energy.memories_nj}) {
        cells.push_back(known ? format_digits(nj, 5) : "–");
      }
      cells.push_back(known ? format_digits(energy_delay(*point), 4) : "–");
    }
    cells.push_back(point->on_front ? "front" : "");
    table.add_row(cells, point->on_front ? "total" : "");
  }
  Section section{"points", "All points", ""};
  if (shown.size() < page.points.size()) {
    section.title = "Points";
    section.body += html_paragraph(fmt::format(
        "{} of {} points: the Pareto front, and others evenly from the whole sweep. All are in "
        "sweep.csv.",
        shown.size(), page.points.size()));
  }
  section.body += table.html();
  html.sections.push_back(std::move(section));
}

void add_not_possible_section(Page& html, const SweepPage& page) {
  HtmlTable table({{"Point", "", Align::left}, {"Why", "", Align::left}});
  std::size_t count = 0;
  for (const SweepPagePoint& point : page.points) {
    if (point.not_possible.empty()) continue;
    if (++count <= kMostTableRows) table.add_row({point.label, point.not_possible});
  }
  if (count == 0) return;
  html.sections.push_back(
      {"not-possible", "Points that are not possible",
       html_paragraph(fmt::format(
           "{} of {} points cannot run their workload{}.", count, page.points.size(),
           count > kMostTableRows ? fmt::format("; the first {}", kMostTableRows) : "")) +
           table.html()});
}

void add_provenance_section(Page& html, const SweepPage& page) {
  HtmlTable table({{"", "", Align::left}, {"", "", Align::left}});
  table.add_row({"Sweep", page.sweep_file});
  std::string fields;
  for (const std::string& field : page.fields) fields += (fields.empty() ? "" : ", ") + field;
  table.add_row({"Varied", fields});
  table.add_row({"Base hardware", text_at(page.hardware, "name")});
  table.add_row({"Cell library",
                 std::filesystem::path(text_at(page.hardware, "liberty")).filename().string()});
  for (const SweepGroup& group : page.groups) {
    table.add_row({"Workload", group.name + (group.synthetic ? " (synthetic operands)" : "")});
  }
  table.add_row({"Seed", std::to_string(page.seed)});
  table.add_row({"Tool", "Togglewise " + tool_version()});
  html.sections.push_back({"provenance", "Where the numbers come from", table.html()});
}

}  // namespace

void mark_pareto_fronts(SweepPage& page) {
  for (std::size_t group = 0; group < page.groups.size(); ++group) {
    const bool energy = has_energy(page, group);
    std::vector<SweepPagePoint*> points;
    std::vector<double> x;
    std::vector<double> y;
    for (SweepPagePoint& point : page.points) {
      if (point.group != group || !point.not_possible.empty()) continue;
      points.push_back(&point);
      x.push_back(point.time_us_per_image());
      y.push_back(energy ? energy_of(point) : point.processing_elements());
    }
    for (const std::size_t i : pareto_front(x, y)) points[i]->on_front = true;
  }
}

std::string sweep_html(const SweepPage& page) {
  Page html;
  html.title = "Sweep " + page.name;
  html.subtitle = fmt::format("{} points on {}", format_count(page.points.size()),
                              text_at(page.hardware, "name"));
  html.charts["sweep-front"] = Json::array();
  html.charts["sweep-map"] = Json::array();
  add_cards(html, page);
  for (std::size_t group = 0; group < page.groups.size(); ++group) {
    add_front_section(html, page, group);
    add_map_sections(html, page, group);
  }
  add_table_section(html, page);
  add_not_possible_section(html, page);
  add_provenance_section(html, page);
  return html_page(html);
}

std::string sweep_text(const SweepPage& page) {
  ConsoleTable table({{"Best point", "", Align::left},
                      {"", "", Align::left},
                      {"Cycles", "/image"},
                      {"Utilization", "%"},
                      {"Energy", "nJ/image"}});
  for (std::size_t group = 0; group < page.groups.size(); ++group) {
    const Points points = possible_points(page, group);
    if (points.empty()) continue;
    const auto add = [&](const std::string& what, const SweepPagePoint& point) {
      table.add_row({page.groups.size() > 1 ? what + ", " + page.groups[group].name : what,
                     point.label, format_fixed(cycles_of(point), 0),
                     format_fixed(100 * point.total.utilization, 1),
                     point.total.energy ? format_digits(energy_of(point), 5) : "–"});
    };
    if (has_energy(page, group)) {
      add("least energy", least(points, energy_of));
      add("least energy × time", least(points, energy_delay));
    } else {
      add("best utilized",
          least(points, [](const SweepPagePoint& p) { return -p.total.utilization; }));
    }
    add("least time", least(points, time_of));
  }
  return table.text();
}

}  // namespace togglewise::report
