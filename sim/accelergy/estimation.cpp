#include "sim/accelergy/estimation.h"

#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::accelergy {
namespace {

struct Range {
  long first = 0;
  long last = 0;
};

std::string without_brackets(const std::string& name) {
  std::string base;
  bool inside = false;
  for (const char c : name) {
    if (c == '[') inside = true;
    if (!inside) base += c;
    if (c == ']') inside = false;
  }
  return base;
}

// Of a[3].b[0..7]: {3, 3}, {0, 7}.
std::vector<Range> ranges_of(const std::string& name) {
  std::vector<Range> ranges;
  for (std::size_t begin = name.find('['); begin != std::string::npos;
       begin = name.find('[', begin + 1)) {
    const std::string inside = name.substr(begin + 1, name.find(']', begin) - begin - 1);
    const std::size_t dots = inside.find("..");
    const long first = std::atol(inside.c_str());
    ranges.push_back(
        {first, dots == std::string::npos ? first : std::atol(inside.c_str() + dots + 2)});
  }
  return ranges;
}

bool within(const std::string& counted, const std::string& described) {
  const std::vector<Range> inner = ranges_of(counted);
  if (inner.empty()) return true;
  const std::vector<Range> outer = ranges_of(described);
  if (inner.size() != outer.size()) return false;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i].first < outer[i].first || inner[i].last > outer[i].last) return false;
  }
  return true;
}

// All arguments as one text, so that entries can be found by it.
std::string key_of(const std::string& action, const Arguments& arguments) {
  std::map<std::string, const ArgumentValue*> sorted;
  for (const auto& [name, value] : arguments) sorted[name] = &value;
  std::string key = action;
  for (const auto& [name, value] : sorted) {
    if (const auto* number = std::get_if<std::int64_t>(value)) {
      key += fmt::format("\n{}\n#{}", name, *number);
    } else {
      key += fmt::format("\n{}\n\"{}", name, std::get<std::string>(*value));
    }
  }
  return key;
}

// The entries of one component. The first of equal ones counts. A count without arguments takes the
// action's first entry, whatever that entry's arguments.
struct Entries {
  std::string name;
  std::map<std::string, double> energy_pj;
};

Entries entries_of(const ComponentEnergies& component) {
  Entries entries;
  entries.name = component.name;
  for (const ActionEnergy& action : component.actions) {
    entries.energy_pj.emplace(key_of(action.name, action.arguments), action.energy_pj);
    entries.energy_pj.emplace(key_of(action.name, {}), action.energy_pj);
  }
  return entries;
}

}  // namespace

double Estimation::of(const std::string& component) const {
  for (const auto& [name, energy_pj] : component_pj) {
    if (name == component) return energy_pj;
  }
  return 0;
}

Estimation estimate(const ReferenceTable& table, const ActionCounts& counts,
                    const std::string& file) {
  std::map<std::string, Entries> components;
  for (const ComponentEnergies& component : table) {
    components.emplace(without_brackets(component.name), entries_of(component));
  }
  Estimation estimation;
  for (const ComponentCounts& component : counts) {
    const auto found = components.find(without_brackets(component.name));
    if (found == components.end() || !within(component.name, found->second.name)) {
      throw Error::input("TW-ERT-005", fmt::format("the ERT has no component '{}'", component.name))
          .at(file)
          .expected(found == components.end() ? "a component of the ERT"
                                              : "one within " + found->second.name);
    }
    double sum_pj = 0;
    for (const ActionCount& action : component.actions) {
      const auto entry = found->second.energy_pj.find(key_of(action.name, action.arguments));
      if (entry == found->second.energy_pj.end()) {
        throw Error::input("TW-ERT-005", fmt::format("the ERT has no entry for action '{}' of '{}' "
                                                     "with these arguments",
                                                     action.name, component.name))
            .at(file)
            .expected("an entry of that name and with the same values of all arguments");
      }
      sum_pj += static_cast<double>(action.count) * entry->second;
    }
    estimation.component_pj.emplace_back(component.name, sum_pj);
    estimation.total_pj += sum_pj;
  }
  return estimation;
}

}  // namespace togglewise::accelergy
