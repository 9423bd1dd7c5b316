// Groups of MAC transitions that are taken to cost the same for one weight value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/array/toggle_kernels.h"

namespace togglewise::energy {

// A transition is (a0, p0) → (a1, p1): the activation and the incoming partial sum of one PE in two
// consecutive cycles. A grouping sorts it into the cell
//   activation_group(a0, a1) · partial_sum_groups() + partial_sum_group(p0, p1).
// To add one: derive in a file of its own and name it in transition_grouping.cpp.
class TransitionGrouping {
 public:
  virtual ~TransitionGrouping() = default;

  virtual std::string name() const = 0;
  virtual std::string formula() const = 0;  // for people, in reports
  virtual std::size_t activation_groups() const = 0;
  virtual std::size_t partial_sum_groups() const = 0;
  virtual std::size_t activation_group(int a0, int a1) const = 0;
  virtual std::size_t partial_sum_group(std::int32_t p0, std::int32_t p1) const = 0;

  // group[t] = partial_sum_group(p[t], p[t+1]) for t in [0, count).
  virtual void group_partial_sums(const std::int32_t* partial_sum, std::size_t count,
                                  std::uint16_t* group) const = 0;

  // The toggle engine's numbering that partial_sum_group() equals, if there is one: histograms are
  // then counted with vector instructions.
  virtual std::optional<array::ToggleGroup> engine_groups() const { return std::nullopt; }

  std::size_t cells() const { return activation_groups() * partial_sum_groups(); }
  std::size_t cell(int a0, int a1, std::int32_t p0, std::int32_t p1) const {
    return activation_group(a0, a1) * partial_sum_groups() + partial_sum_group(p0, p1);
  }
};

std::vector<std::string> grouping_names();

// Throws TW-GROUP-001 for a name that is not in grouping_names().
std::unique_ptr<TransitionGrouping> make_grouping(const std::string& name, int activation_bits,
                                                  int partial_sum_bits);

}  // namespace togglewise::energy
