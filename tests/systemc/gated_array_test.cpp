// The arrays with gated clocks compute in every cycle what the array without gating does, and clock
// their registers exactly when the scalar reference says.
#include "sim/systemc/gated_array.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/array/clock_reference.h"
#include "tests/config/expect_error.h"
#include "tests/systemc/gated_tiles.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::ClockCounts;
using array::Gating;
using array::TileOperands;
using testing::gating_of;
using testing::shape_of;

// The same tiles through an array with gated clocks and through the one without, side by side;
// every register that gating must not change is compared after every clock edge.
class SideBySide {
 public:
  SideBySide(const ArrayShape& shape, RtlStyle style, const Gating& gating, std::uint64_t seed)
      : shape_(shape),
        random_(seed),
        gated_(make_gated_array(shape, style, gating)),
        plain_(make_verilated_array(shape, style)),
        weights_(shape.columns),
        activations_(shape.rows) {}

  void set_offset(std::int32_t offset) {
    gated_->set_partial_sum_offset(offset);
    plain_->set_partial_sum_offset(offset);
    for (int i = 0; i < shape_.rows + 2 * shape_.columns; ++i) {
      plain_->settle(false, 0);
      plain_->clock_edge(weights_.data(), activations_.data());
    }
  }

  // As closely behind one another as the array takes them, and until all is at rest.
  void run(const std::vector<TileOperands>& tiles) {
    for (const TileOperands& tile : tiles) {
      const int cycles = 2 * shape_.rows + shape_.columns + tile.stream_length - 2;
      for (int i = 0; i < cycles; ++i) step(&tile, i == 0);
    }
    idle(2 + static_cast<int>(random_.below(3)));
  }
  void idle(int cycles) {
    for (int i = 0; i < cycles; ++i) step(nullptr, false);
  }

  ClockCounts counts() const { return gated_->clock_counts(); }
  GatedArray& gated() { return *gated_; }
  std::uint64_t comparisons() const { return comparisons_; }
  std::uint64_t mismatches() const { return mismatches_; }
  const std::string& first_mismatch() const { return first_mismatch_; }

 private:
  void step(const TileOperands* tile, bool start) {
    const std::uint32_t length = tile ? static_cast<std::uint32_t>(tile->stream_length) : 0;
    if (start) gated_->set_used_area(tile->first_row, tile->used_rows, tile->used_columns);
    const ControllerRequest request = gated_->settle(start, length);
    const ControllerRequest plain_request = plain_->settle(start, length);
    expect(request.busy == (tile != nullptr), "busy", 0, 0);
    expect(request.weight_row == plain_request.weight_row &&
               request.activation_index == plain_request.activation_index &&
               request.done == plain_request.done,
           "request", 0, 0);
    std::fill(weights_.begin(), weights_.end(), std::int8_t{0});
    std::fill(activations_.begin(), activations_.end(), std::int8_t{0});
    if (tile) stand_at_ports(*tile, request);
    set_accumulators();
    gated_->clock_edge(weights_.data(), activations_.data());
    plain_->clock_edge(weights_.data(), activations_.data());
    compare(request);
    if (tile) tile_ = *tile;
    ++cycle_;
  }

  void stand_at_ports(const TileOperands& tile, const ControllerRequest& request) {
    const int row = request.weight_row - tile.first_row;
    if (request.weight_shift && row >= 0 && row < tile.used_rows) {
      std::copy_n(tile.weights.begin() + std::ptrdiff_t{row} * tile.used_columns, tile.used_columns,
                  weights_.begin());
    }
    if (request.activation_valid &&
        request.activation_index < static_cast<std::uint32_t>(tile.stream_length)) {
      std::copy_n(
          tile.activations.begin() + std::ptrdiff_t{request.activation_index} * tile.used_rows,
          tile.used_rows, activations_.begin() + tile.first_row);
    }
  }

  // Any addends: both arrays' accumulators get the same ones.
  void set_accumulators() {
    std::vector<std::int32_t> addends;
    std::vector<std::uint8_t> subtract;
    for (int c = 0; c < shape_.columns; ++c) {
      addends.push_back(random_.between(-1'000'000, 1'000'000));
      subtract.push_back(random_.below(2) == 0 ? 1 : 0);
    }
    gated_->set_accumulators(addends.data(), subtract.data());
    plain_->set_accumulators(addends.data(), subtract.data());
    accumulated_columns_ = gated_->output().valid ? tile_.used_columns : 0;
  }

  void compare(const ControllerRequest& request) {
    const ArrayRegisters gated = gated_->registers();
    const ArrayRegisters plain = plain_->registers();
    for (int r = 0; r < shape_.rows; ++r) {
      for (int c = 0; c < shape_.columns; ++c) {
        expect(gated.partial_sum.row(r)[c] == plain.partial_sum.row(r)[c], "partial sum", r, c);
        expect(gated.weight.row(r)[c] == plain.weight.row(r)[c], "weight", r, c);
        expect(gated.shadow.row(r)[c] == plain.shadow.row(r)[c], "shadow weight", r, c);
      }
    }
    for (int s = 0; s + 1 < shape_.columns; ++s) {
      for (int c = 0; c < shape_.columns - 1 - s; ++c) {
        expect(gated.deskew.row(s)[c] == plain.deskew.row(s)[c], "deskew register", s, c);
      }
    }
    const std::int32_t* sums = gated_->accumulator_sums();
    const std::int32_t* plain_sums = plain_->accumulator_sums();
    for (int c = 0; c < accumulated_columns_; ++c) {
      expect(sums[c] == plain_sums[c], "accumulator", shape_.rows, c);
    }
    const ArrayOutput output = gated_->output();
    const ArrayOutput plain_output = plain_->output();
    expect(output.valid == plain_output.valid && output.index == plain_output.index, "output", 0,
           0);
    for (int c = 0; c < shape_.columns; ++c) {
      expect(output.partial_sums[c] == plain_output.partial_sums[c], "output", shape_.rows, c);
    }
    if (request.busy && !request.weight_shift) compare_activations(gated, plain);
  }

  // What PEs that the tile uses hold stands for what it stands for without gating.
  void compare_activations(const ArrayRegisters& gated, const ArrayRegisters& plain) {
    for (int r = tile_.first_row; r < tile_.first_row + tile_.used_rows; ++r) {
      for (int c = 0; c < tile_.used_columns; ++c) {
        expect(gated.activation_value(r, c) == plain.activation_value(r, c), "activation", r, c);
      }
    }
  }

  void expect(bool equal, const char* what, int row, int column) {
    ++comparisons_;
    if (equal) return;
    if (mismatches_++ > 0) return;
    first_mismatch_ = std::string(what) + " (" + std::to_string(row) + "," +
                      std::to_string(column) + ") in cycle " + std::to_string(cycle_);
  }

  ArrayShape shape_;
  Random random_;
  std::unique_ptr<GatedArray> gated_;
  std::unique_ptr<VerilatedArray> plain_;
  std::vector<std::int8_t> weights_, activations_;
  TileOperands tile_;  // of the last cycle with one
  int accumulated_columns_ = 0;
  std::uint64_t cycle_ = 0;
  std::uint64_t comparisons_ = 0;
  std::uint64_t mismatches_ = 0;
  std::string first_mismatch_;
};

std::string differences(const ClockCounts& rtl, const ClockCounts& reference) {
  std::string text;
  const auto add = [&](const std::string& name, std::uint64_t a, std::uint64_t b) {
    if (a != b) text += name + ": " + std::to_string(a) + ", not " + std::to_string(b) + "\n";
  };
  for (const array::ClockCountField& field : array::clock_count_fields) {
    add(field.name, rtl.*field.member, reference.*field.member);
  }
  for (const array::GateCyclesField& field : array::gate_cycles_fields) {
    const std::string name = field.name;
    add(name + " arriving", (rtl.*field.member).arriving, (reference.*field.member).arriving);
    add(name + " passed", (rtl.*field.member).passed, (reference.*field.member).passed);
  }
  return text;
}

struct GatedCase {
  ArrayShape shape;
  RtlStyle style;
  int set;  // of options
  int tiles;
  int longest_stream;
  std::int32_t offset;
};

std::string case_name(const GatedCase& chosen) {
  std::string name = chosen.style == RtlStyle::loop ? "Loop" : "Structural";
  name += std::to_string(chosen.shape.rows) + "x" + std::to_string(chosen.shape.columns) + "Set" +
          std::to_string(chosen.set);
  if (chosen.offset != 0) name += "WithOffset";
  if (chosen.shape.weight_bits != 8) name += "Narrow";
  return name;
}

class GatedArrayTest : public ::testing::TestWithParam<GatedCase> {};

TEST_P(GatedArrayTest, RegistersEqualTheUngatedArray_AndClocksTheReference) {
  const GatedCase& chosen = GetParam();
  const Gating gating = gating_of(chosen.set);
  Random random(static_cast<std::uint64_t>(chosen.set * 1000 + chosen.shape.rows));
  SideBySide arrays(chosen.shape, chosen.style, gating, random.below(1'000'000));
  arrays.set_offset(chosen.offset);
  const std::vector<TileOperands> tiles = testing::random_gated_tiles(
      random, chosen.shape, chosen.tiles, chosen.longest_stream, chosen.offset);
  arrays.run(tiles);
  EXPECT_EQ(arrays.mismatches(), 0u) << arrays.first_mismatch();
  const ClockCounts reference = array::reference_clock_counts(chosen.shape, gating, tiles);
  EXPECT_EQ(differences(arrays.counts(), reference), "");
  const auto pes = static_cast<std::uint64_t>(chosen.shape.rows * chosen.shape.columns);
  EXPECT_GT(arrays.comparisons(), reference.cycles * pes);
  RecordProperty("comparisons", std::to_string(arrays.comparisons()));
}

std::vector<GatedCase> gated_cases() {
  std::vector<GatedCase> cases;
  for (const int set : {0, 1, 2, 4, 8, 16, 32, 26, 63}) {
    cases.push_back({shape_of(8, 12), RtlStyle::structural, set, 40, 60, set % 3 == 0 ? 0 : 77777});
  }
  for (const int set : {0, 63}) {
    cases.push_back({shape_of(16, 16), RtlStyle::structural, set, 25, 60, set == 0 ? 0 : 0x35555});
  }
  for (const int set : {0, 27, 63}) {
    cases.push_back({shape_of(64, 64), RtlStyle::loop, set, 8, 120, set % 3 == 0 ? 0 : 0x155555});
  }
  for (int set = 0; set < 64; ++set) {
    cases.push_back({shape_of(5, 7), RtlStyle::loop, set, 12, 30, 12345});
  }
  cases.push_back({shape_of(1, 1), RtlStyle::loop, 63, 30, 10, 0});
  cases.push_back({shape_of(1, 9), RtlStyle::loop, 63, 30, 20, 0});
  cases.push_back({shape_of(9, 1), RtlStyle::loop, 63, 30, 20, 1000});
  cases.push_back({shape_of(6, 10, 4, 5), RtlStyle::loop, 63, 20, 30, 0});
  cases.push_back({shape_of(70, 3), RtlStyle::loop, 63, 4, 30, 0});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Arrays, GatedArrayTest, ::testing::ValuesIn(gated_cases()),
                         [](const auto& chosen) { return case_name(chosen.param); });

TEST(GatedArray, CountsNothing_WhenNoTileRuns) {
  SideBySide arrays(shape_of(5, 7), RtlStyle::loop, gating_of(0), 1);
  arrays.idle(20);
  EXPECT_EQ(differences(arrays.counts(), {}), "");
}

TEST(GatedArray, CountsAgainFromZero_AfterBeginCounting) {
  const ArrayShape shape = shape_of(6, 6);
  Random random(3);
  const std::vector<TileOperands> tiles = testing::random_gated_tiles(random, shape, 5, 20, 0);
  SideBySide arrays(shape, RtlStyle::loop, gating_of(1 + 2 + 4 + 32), 1);
  arrays.run(tiles);
  const ClockCounts once = arrays.counts();
  arrays.gated().begin_counting();
  arrays.run(tiles);
  EXPECT_GT(once.activation, 0u);
  EXPECT_EQ(differences(arrays.counts(), once), "");
}

// The counts must notice a register that is clocked once too often: with another gating they
// differ.
TEST(GatedArray, ClockCountsDiffer_WhenTheReferenceHasOtherOptions) {
  const ArrayShape shape = shape_of(8, 12);
  Random random(4);
  const std::vector<TileOperands> tiles = testing::random_gated_tiles(random, shape, 5, 30, 0);
  SideBySide arrays(shape, RtlStyle::structural, gating_of(63), 1);
  arrays.run(tiles);
  for (int bit = 1; bit < 64; bit *= 2) {
    if (bit == 4) continue;  // hiding activations from multipliers clocks nothing
    const Gating other = gating_of(63 - bit);
    EXPECT_NE(differences(arrays.counts(), array::reference_clock_counts(shape, other, tiles)), "");
  }
}

TEST(GatedArray, Rejects_WhenNoBuildFits) {
  expect_error([] { make_gated_array(shape_of(9, 9), RtlStyle::structural, gating_of(63)); },
               {"TW-RTL-001", {"9x9", "16x16 or 8x12"}});
  expect_error([] { make_gated_array(shape_of(8, 300), RtlStyle::loop, gating_of(63)); },
               {"TW-RTL-001", {"8x300", "1 to 256"}});
  expect_error([] { make_gated_array(shape_of(8, 12), RtlStyle::structural, gating_of(62)); },
               {"TW-RTL-007", {"8x12", "loop style"}});
}

}  // namespace
}  // namespace togglewise::systemc
