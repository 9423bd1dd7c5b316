// What a library says outside its cells: units, operating conditions, defaults and the templates of
// its tables.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/tech/liberty_values.h"

namespace togglewise::tech {

// What one unit of the library is in ours.
struct LibertyUnits {
  double time_ns = 1.0;
  double capacitance_ff = 1000.0;
  double voltage_v = 1.0;
  double leakage_nw = 1.0;

  // Internal energy in Liberty is in capacitance unit · (voltage unit)²; 1 fF·V² is 1 fJ.
  double energy_fj() const { return capacitance_ff * voltage_v * voltage_v; }
};

// Axis variables and default indices of a table.
struct TableTemplate {
  std::vector<std::string> variables;
  std::vector<std::vector<double>> indices;  // empty where the template leaves them to its tables
};

enum class TemplateKind { delay, power };

struct OperatingConditions {
  std::string name;
  std::optional<double> voltage;  // in the library's unit
  std::optional<double> temperature_celsius;
};

// Filled statement by statement; throws TW-LIB-003.
class LibertyHead {
 public:
  explicit LibertyHead(LibertyValues values) : values_(std::move(values)) {}

  // Whether cells are read differently after this statement; others are taken in, too.
  bool read(const LibertyAttribute& attribute);
  bool read(const LibertyGroup& group);

  const LibertyUnits& units() const { return units_; }
  // 0 where the library does not give it.
  double default_number(std::string_view attribute) const;
  // nullptr where there is none. A template of the other kind serves where only that exists.
  const TableTemplate* table_template(const std::string& name, TemplateKind kind) const;
  // nom_voltage; else the voltage of the default operating conditions, else of the first.
  std::optional<double> voltage() const;
  double temperature_celsius() const;  // found like the voltage; 25 where there is none

 private:
  const OperatingConditions* default_conditions() const;

  LibertyValues values_;
  LibertyUnits units_;
  std::map<std::string, double, std::less<>> defaults_;
  std::optional<double> nominal_voltage_;
  std::optional<double> nominal_temperature_;
  std::string default_conditions_;
  std::vector<OperatingConditions> conditions_;
  std::map<std::string, TableTemplate> templates_[2];
};

}  // namespace togglewise::tech
