#include "sim/cli/delays_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/energy/weight_delays_json.h"
#include "sim/report/console_table.h"
#include "sim/report/number_format.h"

namespace togglewise::cli {
namespace {

using energy::Activations;
using energy::DelayChoice;
using energy::DelayKind;
using energy::Signs;
using report::ConsoleTable;
using report::format_count;
using report::format_fixed;
using report::format_percent;
using report::Json;
using Align = ConsoleTable::Align;

std::string name_of(Activations activations) {
  return activations == Activations::any ? "any" : "nonnegative";
}
std::string name_of(Signs signs) { return signs == Signs::as_given ? "as_given" : "either"; }

Json limit_json(const DelayLimit& limit) {
  Json json = {{"limit_ps", limit.limit_ps},
               {"delay", energy::to_string(limit.choice.kind)},
               {"signs", name_of(limit.choice.signs)},
               {"activations", name_of(limit.choice.activations)},
               {"values", limit.values}};
  if (limit.percent) json["percent_of_longest"] = *limit.percent;
  return json;
}

Json network_json(const energy::NetworkDelays& network) {
  Json layers = Json::array();
  for (const energy::LayerDelays& layer : network.layers) {
    layers.push_back({{"name", layer.layer},
                      {"activations", name_of(layer.activations)},
                      {"signs", name_of(layer.signs)},
                      {"values", layer.values},
                      {"sta_ps", layer.sta_ps},
                      {"sensitized_ps", layer.sensitized_ps}});
  }
  return {{"sta_ps", network.longest_ps(DelayKind::sta)},
          {"sensitized_ps", network.longest_ps(DelayKind::sensitized)},
          {"layers", layers}};
}

Json voltage_json(const DelaysRun& run) {
  const config::HardwareConfig::Voltage& voltage = run.hardware->voltage;
  Json choices = Json::array();
  for (const energy::VoltageChoice& choice : run.supply) {
    choices.push_back(energy::voltage_choice_json(choice));
  }
  Json relation = {{"nominal_v", voltage.nominal_v}, {"minimum_v", voltage.minimum_v}};
  if (voltage.delay_factor.empty()) {
    relation["threshold_v"] = voltage.threshold_v;
    relation["alpha"] = voltage.alpha;
  } else {
    for (const auto& point : voltage.delay_factor) {
      relation["delay_factor"].push_back({point.supply_v, point.factor});
    }
  }
  return {{"assumed", relation}, {"choices", choices}};
}

std::string weights_text(const energy::WeightDelays& delays) {
  ConsoleTable table({{"Weight", ""},
                      {"static", "ps"},
                      {"seen", "ps"},
                      {"in traces", "ps"},
                      {"a ≥ 0: static", "ps"},
                      {"seen", "ps"},
                      {"in traces", "ps"}});
  for (const int weight : {-128, -64, -16, -3, -2, -1, 0, 1, 2, 3, 16, 64, 85, 127}) {
    if (weight < delays.lowest_weight() || weight > delays.highest_weight()) continue;
    const std::size_t index = energy::weight_index(weight);
    std::vector<std::string> cells{fmt::format("{}", weight)};
    for (const energy::DelayColumns* columns : {&delays.any, &delays.nonnegative}) {
      cells.push_back(format_fixed(columns->sta_ps[index], 0));
      cells.push_back(format_fixed(columns->sensitized_ps[index], 0));
      const bool traced = delays.traced_transitions > 0;
      cells.push_back(traced ? format_fixed(columns->traced_ps[index], 0) : "");
    }
    table.add_row(cells);
  }
  return table.text();
}

// How many values remain under parts of the longest delay.
std::string counts_text(const energy::WeightDelays& delays) {
  ConsoleTable table({{"Limit", "of the longest"},
                      {"static", "values"},
                      {"either sign", ""},
                      {"seen", "values"},
                      {"either sign", ""},
                      {"a ≥ 0: static", "values"},
                      {"either sign", ""},
                      {"seen", "values"},
                      {"either sign", ""}});
  for (const int percent : {100, 95, 90, 85, 80, 70}) {
    std::vector<std::string> cells{fmt::format("{} %", percent)};
    for (const Activations activations : {Activations::any, Activations::nonnegative}) {
      for (const DelayKind kind : {DelayKind::sta, DelayKind::sensitized}) {
        const double longest_ps =
            energy::longest_delay_ps(delays, {kind, Signs::as_given, Activations::any});
        for (const Signs signs : {Signs::as_given, Signs::either}) {
          const DelayChoice choice{kind, signs, activations};
          const double limit_ps = percent == 100 ? longest_ps : 0.01 * percent * longest_ps;
          cells.push_back(format_count(energy::values_within(delays, limit_ps, choice).size()));
        }
      }
    }
    table.add_row(cells);
  }
  return table.text();
}

std::string network_text(const energy::NetworkDelays& network) {
  ConsoleTable table({{"Layer", "", Align::left},
                      {"Activations", "", Align::left},
                      {"Values", ""},
                      {"static", "ps"},
                      {"seen", "ps"}});
  for (const energy::LayerDelays& layer : network.layers) {
    table.add_row({layer.layer, layer.activations == Activations::any ? "any" : "≥ 0",
                   format_count(layer.values.size()), format_fixed(layer.sta_ps, 0),
                   format_fixed(layer.sensitized_ps, 0)});
  }
  table.add_row({"all", "", "", format_fixed(network.longest_ps(DelayKind::sta), 0),
                 format_fixed(network.longest_ps(DelayKind::sensitized), 0)});
  return table.text();
}

std::string voltage_text(const std::vector<energy::VoltageChoice>& choices) {
  ConsoleTable table({{"Delay", "", Align::left},
                      {"On this supply", "", Align::left},
                      {"Weights", "", Align::left},
                      {"Clock", "ps"},
                      {"Longest", "ps"},
                      {"Supply", "V"},
                      {"Energy per toggle", "of nominal"}});
  for (const energy::VoltageChoice& choice : choices) {
    table.add_row({choice.kind == DelayKind::sta ? "static" : "seen",
                   choice.supplied == energy::Supplied::macs ? "MACs" : "MACs, accumulators",
                   choice.scope, format_fixed(choice.clock_ps, 0), format_fixed(choice.delay_ps, 0),
                   format_fixed(choice.supply.supply_v, 3) + (choice.supply.at_minimum ? "*" : ""),
                   format_percent(choice.supply.energy_factor)});
  }
  return table.text();
}

}  // namespace

report::Json delays_json(const DelaysRun& run) {
  Json json = report::result_header("delays", run.seed);
  json["hardware"] = report::hardware_json(*run.hardware);
  json["delays"] = energy::weight_delays_json(run.delays);
  if (!run.traces_file.empty()) json["traces"] = run.traces_file;
  if (run.limit) json["limit"] = limit_json(*run.limit);
  if (run.model) {
    json["model"] = report::model_json(*run.model);
    json["network"] = network_json(run.network);
  }
  if (run.hardware->voltage.given) json["voltage"] = voltage_json(run);
  json["timing"] = {{"seconds", run.seconds}};
  return json;
}

std::string delays_csv(const energy::WeightDelays& delays) {
  std::string csv =
      "weight,sta_ps,sensitized_ps,traced_ps,nonnegative_sta_ps,nonnegative_sensitized_ps,"
      "nonnegative_traced_ps\n";
  for (int weight = delays.lowest_weight(); weight <= delays.highest_weight(); ++weight) {
    const std::size_t index = energy::weight_index(weight);
    csv += fmt::format("{}", weight);
    for (const energy::DelayColumns* columns : {&delays.any, &delays.nonnegative}) {
      csv += fmt::format(",{:.3f},{:.3f},{:.3f}", columns->sta_ps[index],
                         columns->sensitized_ps[index], columns->traced_ps[index]);
    }
    csv += '\n';
  }
  return csv;
}

std::string delays_text(const DelaysRun& run) {
  const energy::WeightDelays& delays = run.delays;
  std::string text = fmt::format(
      "Critical path of the MAC {} ps, of an accumulator {} ps; clock {} ps\n"
      "Delay with the weight standing still: static timing, and the longest settling time seen in "
      "{} transitions\nper value ({} of traces); a ≥ 0: of activations that are never below "
      "zero\n\n",
      format_fixed(delays.critical_path_ps, 0), format_fixed(delays.accumulator_path_ps, 0),
      format_fixed(delays.clock_period_ps, 0),
      format_count(delays.pair_transitions + delays.directed_transitions +
                   delays.traced_transitions),
      format_count(delays.traced_transitions));
  text += weights_text(delays) + "\n" + counts_text(delays);
  if (run.limit) {
    text +=
        fmt::format("\nWithin {} ps ({}): {} values: {}\n", format_fixed(run.limit->limit_ps, 0),
                    run.limit->choice.kind == DelayKind::sta ? "static" : "seen",
                    run.limit->values.size(), fmt::join(run.limit->values, " "));
  }
  if (run.model) text += "\n" + network_text(run.network);
  if (!run.hardware->voltage.given) {
    return text + "\nNo supply voltage: the configuration has no section 'voltage'\n";
  }
  return text +
         "\nSupply voltages by the relation that the configuration assumes (* its minimum); "
         "leakage "
         "apart\n\n" +
         voltage_text(run.supply);
}

}  // namespace togglewise::cli
