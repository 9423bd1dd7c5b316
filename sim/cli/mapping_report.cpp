#include "sim/cli/mapping_report.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "sim/array/cycle_model.h"
#include "sim/mapping/mapping_check.h"
#include "sim/report/console_table.h"
#include "sim/report/layer_cells.h"
#include "sim/report/network_report.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using energy::EnergyBreakdown;
using mapping::LayerSearchResult;
using mapping::TrickResult;
using report::Json;

constexpr const char* kSubtracting = "subtracting_accumulators";

Json sums_json(const EnergyBreakdown& energy) {
  return {{"mac_dynamic_fj_per_image", energy.mac_dynamic_fj()},
          {"dynamic_fj_per_image", energy.dynamic_fj()},
          {"total_fj_per_image", energy.total_fj()}};
}

// What of a layer's mapping is not natural, in numbers and for people.
struct MappingFacts {
  std::size_t tiles = 0;
  std::size_t columns = 0;          // of all tiles
  std::size_t negated_columns = 0;  // of them
  std::size_t ordered_tiles = 0;    // with a row order of their own
  std::string pixel_order;
  std::size_t pixel_table_bytes = 0;
  bool column_order = false;
};

MappingFacts facts_of(const mapping::MappedLayer& layer, int array_rows, int array_columns) {
  MappingFacts facts;
  const std::vector<network::TileRange> ranges =
      network::tiles_of(layer.gemm, array_rows, array_columns);
  facts.tiles = ranges.size();
  for (const network::TileRange& range : ranges) {
    facts.columns += static_cast<std::size_t>(range.columns());
  }
  for (const network::TileMapping& tile : layer.mapping.tiles) {
    facts.negated_columns +=
        static_cast<std::size_t>(std::count(tile.negated.begin(), tile.negated.end(), 1));
    facts.ordered_tiles += std::is_sorted(tile.row_order.begin(), tile.row_order.end()) ? 0 : 1;
  }
  const network::PixelOrder& pixels = layer.mapping.pixel_order;
  facts.pixel_order = network::to_string(pixels.kind);
  if (pixels.kind == network::PixelOrder::Kind::tiled) {
    facts.pixel_order += fmt::format(" {}×{}", pixels.block_height, pixels.block_width);
  }
  facts.pixel_table_bytes =
      pixels.table.size() * static_cast<std::size_t>(array::pixel_table_entry_bytes(layer.gemm));
  facts.column_order = !layer.mapping.column_order.empty();
  return facts;
}

Json facts_json(const mapping::MappedLayer& layer, const MappingFacts& facts) {
  return {{"tiles", facts.tiles},
          {"columns", facts.columns},
          {"negated_columns", facts.negated_columns},
          {"tiles_with_row_order", facts.ordered_tiles},
          {"unused_rows_on_top", layer.mapping.unused_rows_on_top},
          {"pixel_order", facts.pixel_order},
          {"pixel_table_bytes", facts.pixel_table_bytes},
          {"column_order", facts.column_order},
          {"tile_order",
           layer.mapping.tile_order == network::TileOrder::forward ? "forward" : "alternating"}};
}

MappingFacts facts_of(const MappingRun& run, std::size_t layer) {
  return facts_of(run.mapping->layers[layer], run.mapping->array_rows, run.mapping->array_columns);
}

EnergyBreakdown sum_of(const mapping::SearchResult& result,
                       EnergyBreakdown LayerSearchResult::*energy) {
  EnergyBreakdown sum;
  for (const LayerSearchResult& layer : result.layers) sum += layer.*energy;
  return sum;
}

// Mapped against natural as a fraction, with its half-width over the images.
struct Change {
  double fraction = 0;
  std::optional<double> half_width;
};
Change change_of(const MappingTest& test, double (EnergyBreakdown::*sum)() const,
                 std::vector<double> energy::ImageEnergies::*images) {
  Change change;
  change.fraction = report::relative_change((test.natural.energy_per_image().*sum)(),
                                            (test.mapped.energy_per_image().*sum)());
  change.half_width =
      energy::half_width_of_ratio(test.natural.image_energies().*images,
                                  test.mapped.image_energies().*images, test.natural.batches());
  return change;
}

// Of what does not vary with the image, too: relative to the natural total.
Change total_change(const MappingTest& test) {
  Change change;
  const double natural_fj = test.natural.energy_per_image().total_fj();
  change.fraction = report::relative_change(natural_fj, test.mapped.energy_per_image().total_fj());
  const auto widths = energy::half_widths_of_difference(
      test.natural.image_energies(), test.mapped.image_energies(), test.natural.batches());
  if (widths) change.half_width = widths->total_fj() / natural_fj;
  return change;
}

struct NamedChange {
  const char* name;  // of the sum, as in keys of result files
  const char* words;
  double natural_fj, mapped_fj;
  Change change;
};
std::vector<NamedChange> changes_of(const MappingTest& test) {
  const EnergyBreakdown natural = test.natural.energy_per_image();
  const EnergyBreakdown mapped = test.mapped.energy_per_image();
  return {
      {"mac_dynamic", "MAC dynamic", natural.mac_dynamic_fj(), mapped.mac_dynamic_fj(),
       change_of(test, &EnergyBreakdown::mac_dynamic_fj, &energy::ImageEnergies::mac_dynamic_fj)},
      {"dynamic", "dynamic", natural.dynamic_fj(), mapped.dynamic_fj(),
       change_of(test, &EnergyBreakdown::dynamic_fj, &energy::ImageEnergies::dynamic_fj)},
      {"total", "total", natural.total_fj(), mapped.total_fj(), total_change(test)}};
}

Json test_json(const MappingRun& run) {
  const MappingTest& test = *run.test;
  const double period_ps = run.hardware->clock_period_ps;
  Json json = {{"image_source", test.image_source},
               {"images", test.natural.images},
               {"confidence_interval", report::interval_json(test.natural)},
               {"natural",
                {{"layers", report::layers_json(test.natural, period_ps)},
                 {"total", report::total_json(test.natural, period_ps)}}},
               {"mapped",
                {{"layers", report::layers_json(test.mapped, period_ps)},
                 {"total", report::total_json(test.mapped, period_ps)}}}};
  for (const NamedChange& change : changes_of(test)) {
    Json& entry = json["change"][change.name];
    entry["fraction"] = change.change.fraction;
    if (change.change.half_width) entry["half_width"] = *change.change.half_width;
  }
  return json;
}

}  // namespace

std::vector<TrickSum> trick_sums(const mapping::SearchResult& result) {
  std::vector<TrickSum> sums;
  EnergyBreakdown natural = sum_of(result, &LayerSearchResult::natural);
  EnergyBreakdown mapped = sum_of(result, &LayerSearchResult::mapped);
  TrickSum rest{kSubtracting,
                0,
                0,
                natural.mac_dynamic_fj() - mapped.mac_dynamic_fj(),
                natural.dynamic_fj() - mapped.dynamic_fj(),
                natural.total_fj() - mapped.total_fj()};
  // The offset, the network's, is tried first, the others in the order of their names.
  std::vector<std::string> names = config::mapping_permission_names();
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name == "partial_sum_offset"; });
  for (const std::string& name : names) {
    TrickSum sum{name};
    for (const LayerSearchResult& layer : result.layers) {
      for (const TrickResult& trick : layer.tricks) {
        if (trick.trick != name) continue;
        ++sum.tried;
        if (!trick.kept) continue;
        ++sum.kept;
        sum.mac_dynamic_fj += trick.before.mac_dynamic_fj() - trick.after.mac_dynamic_fj();
        sum.dynamic_fj += trick.before.dynamic_fj() - trick.after.dynamic_fj();
        sum.total_fj += trick.before.total_fj() - trick.after.total_fj();
      }
    }
    if (sum.tried == 0) continue;
    rest.mac_dynamic_fj -= sum.mac_dynamic_fj;
    rest.dynamic_fj -= sum.dynamic_fj;
    rest.total_fj -= sum.total_fj;
    sums.push_back(sum);
  }
  if (result.negates) sums.push_back(rest);
  return sums;
}

Json map_json(const MappingRun& run) {
  Json json = report::result_header("map", run.mapping->seed);
  json["hardware"] = report::hardware_json(*run.hardware);
  json["model"] = report::model_json(run.model);
  json["workload"] = run.workload;
  json["timing_model"] = run.mapping->timing;
  json["fidelity"] = "gate";
  json["tables"] = run.tables_name;
  json["mapping"] = {{"file", run.mapping_file},
                     {"hash", run.mapping_hash},
                     {"partial_sum_offset", run.mapping->partial_sum_offset},
                     {"needs", mapping::needed_permissions(*run.mapping)}};
  json["search"] = {{"allowed", run.mapping->allowed},
                    {"image_source", run.mapping->operand_source},
                    {"proposing_images", run.params->proposing_images},
                    {"judging_images", run.params->judging_images}};
  json["judged"] = {{"natural", sums_json(sum_of(*run.result, &LayerSearchResult::natural))},
                    {"mapped", sums_json(sum_of(*run.result, &LayerSearchResult::mapped))}};
  json["tricks"] = Json::array();
  for (const TrickSum& sum : trick_sums(*run.result)) {
    json["tricks"].push_back({{"trick", sum.trick},
                              {"layers_tried", sum.tried},
                              {"layers_kept", sum.kept},
                              {"saved_mac_dynamic_fj_per_image", sum.mac_dynamic_fj},
                              {"saved_dynamic_fj_per_image", sum.dynamic_fj},
                              {"saved_total_fj_per_image", sum.total_fj}});
  }
  json["layers"] = Json::array();
  for (std::size_t l = 0; l < run.result->layers.size(); ++l) {
    const LayerSearchResult& found = run.result->layers[l];
    const mapping::MappedLayer& mapped = run.mapping->layers[l];
    Json layer = {{"name", found.layer},
                  {"mapping", facts_json(mapped, facts_of(run, l))},
                  {"natural", sums_json(found.natural)},
                  {"mapped", sums_json(found.mapped)},
                  {"tricks", Json::array()}};
    for (const TrickResult& trick : found.tricks) {
      layer["tricks"].push_back({{"trick", trick.trick},
                                 {"kept", trick.kept},
                                 {"before", sums_json(trick.before)},
                                 {"after", sums_json(trick.after)}});
    }
    json["layers"].push_back(std::move(layer));
  }
  if (run.test) json["test"] = test_json(run);
  json["timing"] = {{"seconds", run.seconds}, {"search_seconds", run.search_seconds}};
  return json;
}

std::string map_csv(const MappingRun& run) {
  const auto number = [](double value) { return fmt::format("{}", value); };
  std::vector<report::CsvCells> lines;
  const auto add_energies = [&](const std::string& set, const EnergyBreakdown& natural,
                                const EnergyBreakdown& mapped, report::CsvCells& cells) {
    for (const auto& [kind, energy] :
         {std::pair{"natural", &natural}, std::pair{"mapped", &mapped}}) {
      const std::string column = set + "_" + kind + "_";
      cells.emplace_back(column + "mac_dynamic_fj_per_image", number(energy->mac_dynamic_fj()));
      cells.emplace_back(column + "dynamic_fj_per_image", number(energy->dynamic_fj()));
      cells.emplace_back(column + "total_fj_per_image", number(energy->total_fj()));
    }
  };
  const std::size_t layers = run.result->layers.size();
  for (std::size_t l = 0; l <= layers; ++l) {
    const bool is_total = l == layers;
    MappingFacts facts;
    if (!is_total) facts = facts_of(run, l);
    report::CsvCells cells{
        {"layer", is_total ? "total" : report::csv_quoted(run.result->layers[l].layer)},
        {"columns", is_total ? "" : fmt::format("{}", facts.columns)},
        {"negated_columns", is_total ? "" : fmt::format("{}", facts.negated_columns)},
        {"tiles", is_total ? "" : fmt::format("{}", facts.tiles)},
        {"tiles_with_row_order", is_total ? "" : fmt::format("{}", facts.ordered_tiles)},
        {"pixel_order", facts.pixel_order},
        {"pixel_table_bytes", is_total ? "" : fmt::format("{}", facts.pixel_table_bytes)}};
    add_energies(
        "judged",
        is_total ? sum_of(*run.result, &LayerSearchResult::natural) : run.result->layers[l].natural,
        is_total ? sum_of(*run.result, &LayerSearchResult::mapped) : run.result->layers[l].mapped,
        cells);
    if (run.test) {
      add_energies("test",
                   is_total ? run.test->natural.energy_per_image()
                            : run.test->natural.layers[l].energy_per_image,
                   is_total ? run.test->mapped.energy_per_image()
                            : run.test->mapped.layers[l].energy_per_image,
                   cells);
    }
    lines.push_back(std::move(cells));
  }
  return report::csv_text(lines);
}

std::string map_text(const MappingRun& run) {
  using Table = report::ConsoleTable;
  const auto nanojoules = [](double fj) { return report::format_fixed(fj * 1e-6, 2); };
  Table layers({{"Layer", "", Table::Align::left},
                {"negated", "columns"},
                {"rows", "tiles"},
                {"pixels", "", Table::Align::left},
                {"natural", "nJ/image"},
                {"mapped", "nJ/image"},
                {"change", ""}});
  const auto add = [&](const std::string& name, const MappingFacts& facts, double natural_fj,
                       double mapped_fj) {
    const bool total = facts.tiles == 0;
    layers.add_row({name, total ? "" : fmt::format("{}/{}", facts.negated_columns, facts.columns),
                    total ? "" : fmt::format("{}/{}", facts.ordered_tiles, facts.tiles),
                    facts.pixel_order, nanojoules(natural_fj), nanojoules(mapped_fj),
                    report::format_change(report::relative_change(natural_fj, mapped_fj))});
  };
  for (std::size_t l = 0; l < run.result->layers.size(); ++l) {
    const LayerSearchResult& found = run.result->layers[l];
    add(found.layer, facts_of(run, l), found.natural.mac_dynamic_fj(),
        found.mapped.mac_dynamic_fj());
  }
  const EnergyBreakdown natural = sum_of(*run.result, &LayerSearchResult::natural);
  layers.add_rule();
  add("total", {}, natural.mac_dynamic_fj(),
      sum_of(*run.result, &LayerSearchResult::mapped).mac_dynamic_fj());

  Table tricks({{"Trick", "", Table::Align::left},
                {"kept in", "layers"},
                {"MAC dynamic", ""},
                {"dynamic", ""},
                {"total", ""}});
  for (const TrickSum& sum : trick_sums(*run.result)) {
    tricks.add_row({sum.trick, sum.tried == 0 ? "" : fmt::format("{}/{}", sum.kept, sum.tried),
                    report::format_change(-sum.mac_dynamic_fj / natural.mac_dynamic_fj()),
                    report::format_change(-sum.dynamic_fj / natural.dynamic_fj()),
                    report::format_change(-sum.total_fj / natural.total_fj())});
  }
  std::string text = fmt::format(
      "MAC dynamic energy, {} images that judged (not those that proposed), timing {}\n\n{}\n"
      "Tricks one on top of the other, against the natural mapping\n\n{}",
      run.params->judging_images, run.mapping->timing, layers.text(), tricks.text());
  if (run.mapping->partial_sum_offset != 0) {
    text += fmt::format("\nPartial sums start at {}.\n", run.mapping->partial_sum_offset);
  }
  if (!run.test) return text;
  Table test({{"Energy", "", Table::Align::left},
              {"natural", "nJ/image"},
              {"mapped", "nJ/image"},
              {"change", ""},
              {"±", "95 %"}});
  for (const NamedChange& change : changes_of(*run.test)) {
    test.add_row(
        {change.words, nanojoules(change.natural_fj), nanojoules(change.mapped_fj),
         report::format_change(change.change.fraction),
         change.change.half_width ? report::format_percent(*change.change.half_width) : "–"});
  }
  return text + fmt::format("\nOn {}, which the search has not seen\n\n{}", run.test->image_source,
                            test.text());
}

}  // namespace togglewise::cli
