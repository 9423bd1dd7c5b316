// Reading typed values out of the Liberty tree: numbers, units, tables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/tech/liberty_parser.h"
#include "sim/tech/lookup_table.h"

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

// Axis variables and default indices of the library's table templates, by name.
struct TableTemplate {
  std::vector<std::string> variables;
  std::vector<std::vector<double>> indices;
};
using TableTemplates = std::map<std::string, TableTemplate>;

// Looks things up in one library's tree; messages carry the file and line.
class LibertyValues {
 public:
  LibertyValues(const LibertyGroup& library, std::string file);

  const LibertyUnits& units() const { return units_; }
  const std::string& file() const { return file_; }

  // The attribute as a number, `fallback` where it is missing. Throws TW-LIB-003.
  double number(const LibertyGroup& group, const std::string& attribute, double fallback) const;
  // As above, but TW-LIB-003 where it is missing.
  double required_number(const LibertyGroup& group, const std::string& attribute) const;
  std::string text(const LibertyGroup& group, const std::string& attribute) const;  // "" if missing
  // The table in subgroup `name` of `group`, values scaled by `value_unit`; empty where there is
  // none. Throws TW-LIB-005 where its shape and axes do not agree.
  LookupTable table(const LibertyGroup& group, const std::string& name, double value_unit) const;

 private:
  double to_number(const std::string& text, const LibertyAttribute& attribute) const;
  std::vector<double> numbers(const LibertyAttribute& attribute) const;
  double unit(const LibertyGroup& library, const std::string& attribute, const std::string& base,
              double fallback) const;

  std::string file_;
  LibertyUnits units_;
  TableTemplates templates_;
};

}  // namespace togglewise::tech
