// The states of a cell (its inputs and what it stores), to weigh what a library gives for each of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/tech/cell_library.h"

namespace togglewise::tech {

// One bit a state.
using StateSet = std::vector<std::uint64_t>;
std::uint64_t count(const StateSet& states);

class CellStates {
 public:
  // The cell's functions must be there where it has any. Outputs without one count as stored.
  explicit CellStates(const LibraryCell& cell);

  // States in which a `when` holds; none where it cannot be read or the cell has too many states.
  std::optional<StateSet> where(const std::string& when) const;
  // States in which a change of the input makes the output change; none for registers, unknown
  // functions and where there are no such states.
  std::optional<StateSet> sensitised(const LibraryPin& output, const std::string& input) const;
  // "" counts as whatever the others leave. Weights of values that are given for these conditions,
  // by the number of states in `within`; all 1 where states cannot be told. They are not
  // normalised.
  std::vector<double> weights(const std::vector<std::string>& whens,
                              const std::optional<StateSet>& within = std::nullopt) const;
  // States in which none of these holds, as a share of all; 0 where states cannot be told.
  double share_of_rest(const std::vector<std::string>& whens) const;

 private:
  const LibraryCell& cell_;
  std::vector<std::string> names_;  // what a `when` may name
  std::vector<std::vector<std::uint64_t>>
      words_;     // for each block of 64 states, each name's values
  StateSet all_;  // empty: too many states
};

}  // namespace togglewise::tech
