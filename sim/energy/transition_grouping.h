// Groups of MAC transitions that are taken to cost the same for one weight value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace togglewise::energy {

// What groupings need to know of the operands.
struct OperandWidths {
  int activation_bits = 8;
  int partial_sum_bits = 22;
  // Whether activations below zero occur: tables over pairs of activations are then four times as
  // large.
  bool negative_activations = false;
};

// One transition of a PE: two consecutive cycles of its activation, of the partial sum that enters,
// and of the one that leaves, out = in + weight·activation.
struct Transition {
  int a0 = 0;
  int a1 = 0;
  std::int32_t in0 = 0;
  std::int32_t in1 = 0;
  std::int32_t out0 = 0;
  std::int32_t out1 = 0;
};

// A code of partial sums that vector instructions can compute:
//   signs · sign_factor + (HD >> distance_shift) · distance_factor,
// with HD = popcount((p0 ^ p1) & mask) and signs = 2·[p0 < 0] + [p1 < 0], or, where zeros are told
// apart, signs = 3·class(p0) + class(p1) of the classes 0 (zero), 1 (positive), 2 (negative).
// Factors are below 2^15.
struct CodeRecipe {
  int sign_factor = 0;
  int distance_shift = 0;
  int distance_factor = 0;
  std::uint32_t mask = ~0U;
  bool zeros_apart = false;  // only with a sign factor

  bool is_zero() const { return sign_factor == 0 && distance_factor == 0; }
};

// Sorts transitions into the cells
//   activation_group(a0, a1) · partial_sum_groups() + in_code(in0, in1) + out_code(out0, out1).
// Codes of the two partial sums are added, so that each is computed once where a partial sum leaves
// one PE and enters the next.
class GroupingPart {
 public:
  virtual ~GroupingPart() = default;

  virtual std::size_t activation_groups() const = 0;
  virtual std::size_t partial_sum_groups() const = 0;
  virtual std::size_t activation_group(int a0, int a1) const = 0;
  virtual std::size_t in_code(std::int32_t p0, std::int32_t p1) const = 0;
  virtual std::size_t out_code(std::int32_t p0, std::int32_t p1) const = 0;

  // code[t] = in_code(p[t], p[t+1]), out_code(p[t], p[t+1]) for t in [0, count).
  virtual void in_codes(const std::int32_t* p, std::size_t count, std::uint16_t* code) const = 0;
  virtual void out_codes(const std::int32_t* p, std::size_t count, std::uint16_t* code) const = 0;

  // The same as recipes, for fast look-ups; parts without them are looked up more slowly.
  virtual std::optional<CodeRecipe> in_recipe() const { return std::nullopt; }
  virtual std::optional<CodeRecipe> out_recipe() const { return std::nullopt; }

  std::size_t cells() const { return activation_groups() * partial_sum_groups(); }
  std::size_t cell(const Transition& t) const {
    return activation_group(t.a0, t.a1) * partial_sum_groups() + in_code(t.in0, t.in1) +
           out_code(t.out0, t.out1);
  }
};

// The energy of a transition is the sum of one table entry per part. Most groupings have one part;
// those by operands have T1[w][a0][a1] and a correction R[w][…] by partial sums.
class TransitionGrouping {
 public:
  using Parts = std::vector<std::unique_ptr<const GroupingPart>>;

  TransitionGrouping(std::string name, std::string formula, const OperandWidths& widths,
                     Parts parts)
      : name_(std::move(name)),
        formula_(std::move(formula)),
        widths_(widths),
        parts_(std::move(parts)) {}

  const std::string& name() const { return name_; }
  const std::string& formula() const { return formula_; }  // for people, in reports
  const OperandWidths& widths() const { return widths_; }
  const Parts& parts() const { return parts_; }
  std::size_t cells() const {  // of all parts
    std::size_t sum = 0;
    for (const auto& part : parts_) sum += part->cells();
    return sum;
  }

 private:
  std::string name_;
  std::string formula_;
  OperandWidths widths_;
  Parts parts_;
};

// How a grouping is made: one in a header of its own (*_grouping.h). To add one, write such a
// header and name it in transition_grouping.cpp.
struct GroupingDescription {
  const char* name;
  const char* formula;
  TransitionGrouping::Parts (*parts)(const OperandWidths& widths);
};

const std::vector<GroupingDescription>& grouping_descriptions();
std::vector<std::string> grouping_names();

// Throws TW-GROUP-001 for a name that is not in grouping_names().
std::unique_ptr<TransitionGrouping> make_grouping(const std::string& name,
                                                  const OperandWidths& widths);

}  // namespace togglewise::energy
