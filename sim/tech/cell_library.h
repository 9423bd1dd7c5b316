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
#include "sim/tech/library_notes.h"
#include "sim/tech/lookup_table.h"

namespace togglewise::tech {

enum class PinDirection { input, output, other };

// Energy inside a cell per transition, without what its load stores. On an output pin it belongs to
// a transition of the output; on an input pin ("passive") to a transition of the input. What a
// library gives for several power rails is summed up; a group for several related pins stands once
// for each of them.
struct InternalPower {
  std::string related_pin;
  std::string when;  // as in the file, "" where there is none
  // Over LibraryCell::inputs; none where there is no `when`, or it names anything else.
  std::optional<TruthTable> when_function;
  LookupTable rise_fj;
  LookupTable fall_fj;
  // How much the group counts in the pin's mean, see LibraryPin::internal_energy_fj(). The shares
  // of a pin's groups that have a rise table sum to 1; so do those with a fall table.
  double rise_share = 1.0;
  double fall_share = 1.0;
};

struct TimingArc {
  std::string related_pin;
  std::string type;   // timing_type, "combinational" where the file gives none
  std::string sense;  // timing_sense
  std::string when;   // as in the file, "" where there is none
  std::string sdf_cond;
  std::optional<TruthTable> when_function;  // as in InternalPower
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

  // One rise and one fall of the pin: the mean over its related pins, each of them the mean over
  // the states of the other inputs in which it makes the pin toggle. For a library without `when`
  // this is the mean over the groups.
  double internal_energy_fj(double slew_ns, double load_ff) const;
};

// `ff (state, inverted_state) { … }`.
struct FlipFlop {
  std::string state;
  std::string inverted_state;
  // The input whose rising edge clocks it; else the expression, as "!CLK" for a falling edge.
  std::string clocked_on;
  // Over LibraryCell::inputs. Where the flip-flop may keep its state (an enable, a toggle), this is
  // what it becomes from 0, and next_state_from_one what it becomes from 1.
  TruthTable next_state;
  std::optional<TruthTable> next_state_from_one;
  std::optional<TruthTable> clear;  // over LibraryCell::inputs; asynchronous
  std::optional<TruthTable> preset;
};

// `latch (state, inverted_state) { … }` with one data and one enable pin, and nothing asynchronous.
// Netlists do not take latches; what is built of library cells by hand (a clock gate) may.
struct Latch {
  std::string data;
  std::string enable;
  bool enable_low = false;  // transparent while the enable pin is low
};

// Leakage in the states in which `when` holds; "" for what the library gives for all others.
struct StateLeakage {
  std::string when;
  double leakage_nw = 0.0;
};

struct LibraryCell {
  std::string name;
  int line = 0;  // in the Liberty file
  double area = 0.0;
  // Mean over the states that leakage_by_state tells apart, each input as often 0 as 1.
  double leakage_nw = 0.0;
  std::vector<StateLeakage> leakage_by_state;
  bool dont_use = false;  // the library's advice to synthesis
  std::vector<LibraryPin> pins;
  std::vector<int> inputs;  // indices into pins
  std::vector<int> outputs;
  std::optional<FlipFlop> flip_flop;
  std::optional<Latch> latch;
  // "" where the cell can be simulated, else why not (latch, three-state, too many inputs …).
  std::string unsupported_reason;

  int pin_index(const std::string& pin_name) const;  // −1 where there is none
  bool is_register() const { return flip_flop.has_value(); }
};

class CellLibrary {
 public:
  // A plain or gzip'd file, in one pass. Throws TW-FILE-001, TW-LIB-001 … TW-LIB-009.
  static std::shared_ptr<const CellLibrary> read(const std::filesystem::path& path);
  static std::shared_ptr<const CellLibrary> parse(const std::string& text, const std::string& file);

  const std::string& name() const { return name_; }
  const std::string& file() const { return file_; }
  double voltage() const { return voltage_; }
  double temperature_celsius() const { return temperature_celsius_; }
  const std::vector<LibraryCell>& cells() const { return cells_; }
  const LibraryCell* find(const std::string& cell_name) const;  // nullptr where there is none
  std::vector<std::string> cell_names() const;
  // What was skipped or not understood without being an error.
  const LibraryNotes& notes() const { return notes_; }

 private:
  friend class CellLibraryReader;

  std::string name_;
  std::string file_;
  double voltage_ = 0.0;
  double temperature_celsius_ = 25.0;
  std::vector<LibraryCell> cells_;
  std::unordered_map<std::string, std::size_t> index_;
  LibraryNotes notes_;
};

}  // namespace togglewise::tech
