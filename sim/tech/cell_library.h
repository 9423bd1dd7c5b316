// The cells of a Liberty file as energies need them: typed, in one set of units (ns, fF, fJ, V,
// nW).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/tech/boolean_function.h"
#include "sim/tech/lookup_table.h"

namespace togglewise::tech {

enum class PinDirection { input, output, other };

// Energy inside a cell per transition, without what its load stores. On an output pin it belongs to
// a transition of the output; on an input pin ("passive") to a transition of the input.
struct InternalPower {
  std::string related_pin;
  LookupTable rise_fj;
  LookupTable fall_fj;
};

struct TimingArc {
  std::string related_pin;
  std::string type;   // timing_type, "combinational" where the file gives none
  std::string sense;  // timing_sense
  LookupTable cell_rise_ns;
  LookupTable cell_fall_ns;
  LookupTable rise_transition_ns;
  LookupTable fall_transition_ns;
  LookupTable rise_constraint_ns;
  LookupTable fall_constraint_ns;
};

struct LibraryPin {
  std::string name;
  PinDirection direction = PinDirection::other;
  double capacitance_ff = 0.0;
  bool is_clock = false;
  std::string function_text;  // as in the file, "" where there is none
  // Output pins only: over LibraryCell::inputs, in their order; a register's outputs are over
  // {state, inverted state} instead.
  std::optional<TruthTable> function;
  std::vector<InternalPower> internal_power;
  std::vector<TimingArc> timing;
};

// `ff (state, inverted_state) { … }`.
struct FlipFlop {
  std::string state;
  std::string inverted_state;
  std::string clocked_on;
  TruthTable next_state;            // over LibraryCell::inputs
  std::optional<TruthTable> clear;  // over LibraryCell::inputs; asynchronous
  std::optional<TruthTable> preset;
};

struct LibraryCell {
  std::string name;
  double area = 0.0;
  double leakage_nw = 0.0;
  std::vector<LibraryPin> pins;
  std::vector<int> inputs;  // indices into pins
  std::vector<int> outputs;
  std::optional<FlipFlop> flip_flop;
  // "" where the cell can be simulated, else why not (latch, three-state, too many inputs …).
  std::string unsupported_reason;

  int pin_index(const std::string& pin_name) const;  // −1 where there is none
  bool is_register() const { return flip_flop.has_value(); }
};

class CellLibrary {
 public:
  // Throws TW-LIB-001 … TW-LIB-005.
  static std::shared_ptr<const CellLibrary> read(const std::filesystem::path& path);
  static std::shared_ptr<const CellLibrary> parse(const std::string& text, const std::string& file);

  const std::string& name() const { return name_; }
  const std::string& file() const { return file_; }
  double voltage() const { return voltage_; }
  double temperature_celsius() const { return temperature_celsius_; }
  const std::vector<LibraryCell>& cells() const { return cells_; }
  const LibraryCell* find(const std::string& cell_name) const;  // nullptr where there is none
  std::vector<std::string> cell_names() const;

 private:
  friend class CellLibraryBuilder;

  std::string name_;
  std::string file_;
  double voltage_ = 0.0;
  double temperature_celsius_ = 25.0;
  std::vector<LibraryCell> cells_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace togglewise::tech
