// Every diagnostic of sim/systemc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/systemc/lockstep.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using ::testing::HasSubstr;
using testing::random_tile;
using testing::shape_of;

template <class Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return Error::run("none", "nothing was thrown");
}

TEST(Diagnostics, NameTheSizesThatWereBuilt_WhenAnArrayIsTooLarge) {
  const Error error = error_of([] { Lockstep(shape_of(257, 64), RtlStyle::loop); });
  EXPECT_EQ(error.id(), "TW-RTL-001");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.what(), HasSubstr("257x64"));
  EXPECT_THAT(error.expected(), HasSubstr("1 to 256"));
}

TEST(Diagnostics, PointToTheLoopStyle_WhenAStructuralSizeWasNotBuilt) {
  const Error error = error_of([] { Lockstep(shape_of(16, 8), RtlStyle::structural); });
  EXPECT_EQ(error.id(), "TW-RTL-001");
  EXPECT_THAT(error.expected(), HasSubstr("16x16 or 8x12"));
  EXPECT_THAT(error.hint(), HasSubstr("loop"));
}

TEST(Diagnostics, RefuseOtherWidths) {
  array::ArrayShape shape = shape_of(16, 16);
  shape.weight_bits = 9;
  EXPECT_EQ(error_of([&] { Lockstep(shape, RtlStyle::loop); }).id(), "TW-RTL-001");
  shape = shape_of(16, 16);
  shape.partial_sum_bits = 33;
  EXPECT_EQ(error_of([&] { Lockstep(shape, RtlStyle::loop); }).id(), "TW-RTL-001");
}

TEST(Diagnostics, RefuseASecondLockstepInOneProcess) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const array::ArrayShape shape = shape_of(4, 4);
  Random random(1);
  Lockstep lockstep(shape, RtlStyle::loop);
  EXPECT_EQ(error_of([&] { Lockstep(shape, RtlStyle::loop); }).id(), "TW-RTL-002");
  lockstep.run(random_tile(random, 4, 4, 3));
  const Error error = error_of([&] { Lockstep(shape, RtlStyle::loop); });
  EXPECT_EQ(error.id(), "TW-RTL-002");
  EXPECT_EQ(error.exit_status(), 1);
}

TEST(Diagnostics, RefuseATileThatDoesNotFit) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(1);
  Lockstep lockstep(shape_of(4, 6), RtlStyle::loop);
  EXPECT_EQ(error_of([&] { lockstep.run(random_tile(random, 5, 6, 3)); }).id(), "TW-RTL-003");
  EXPECT_EQ(error_of([&] { lockstep.run(random_tile(random, 4, 7, 3)); }).id(), "TW-RTL-003");
  EXPECT_EQ(error_of([&] { lockstep.run(random_tile(random, 4, 6, 0)); }).id(), "TW-RTL-003");
  array::TileOperands short_stream = random_tile(random, 4, 6, 3);
  short_stream.activations.pop_back();
  const Error error = error_of([&] { lockstep.run(short_stream); });
  EXPECT_EQ(error.id(), "TW-RTL-003");
  EXPECT_THAT(error.what(), HasSubstr("11 values"));
}

TEST(Diagnostics, RefuseATileWhoseMappingDoesNotFit) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(1);
  Lockstep lockstep(shape_of(4, 6), RtlStyle::loop);
  array::TileOperands tile = random_tile(random, 3, 5, 3);
  tile.first_row = 2;
  const Error error = error_of([&] { lockstep.run(tile); });
  EXPECT_EQ(error.id(), "TW-RTL-003");
  EXPECT_THAT(error.what(), HasSubstr("from row 2 on"));
  tile.first_row = -1;
  EXPECT_EQ(error_of([&] { lockstep.run(tile); }).id(), "TW-RTL-003");
  tile.first_row = 1;
  tile.negated.assign(4, 0);
  EXPECT_EQ(error_of([&] { lockstep.run(tile); }).id(), "TW-RTL-003");
  tile.negated.assign(5, 0);
  std::vector<std::int32_t> accumulators(3 * 5 - 1);
  const Error few = error_of([&] { lockstep.push(tile, &accumulators); });
  EXPECT_EQ(few.id(), "TW-RTL-003");
  EXPECT_THAT(few.what(), HasSubstr("14 accumulators"));
  EXPECT_EQ(few.expected(), "15");
  EXPECT_EQ(error_of([&] { lockstep.run(tile); }).id(), "none");
}

TEST(Diagnostics, RefuseAnOffsetThatDoesNotFitThePartialSums) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(1);
  Lockstep lockstep(shape_of(4, 6), RtlStyle::loop);  // 18 bits
  array::TileOperands tile = random_tile(random, 4, 6, 3);
  tile.partial_sum_offset = 1 << 17;
  const Error error = error_of([&] { lockstep.run(tile); });
  EXPECT_EQ(error.id(), "TW-RTL-004");
  EXPECT_THAT(error.what(), HasSubstr("offset of 131072"));
  EXPECT_THAT(error.expected(), HasSubstr("-131072 to 131071"));
}

TEST(Diagnostics, RefuseAnOffsetThatDoesNotFitTheVerilatedPartialSums) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(1);
  array::ArrayShape shape = shape_of(64, 6);
  shape.partial_sum_bits = 30;
  Lockstep lockstep(shape, RtlStyle::loop);  // built with 22 bits
  array::TileOperands tile = random_tile(random, 64, 6, 3);
  tile.partial_sum_offset = 1 << 20;
  const Error error = error_of([&] { lockstep.run(tile); });
  EXPECT_EQ(error.id(), "TW-RTL-006");
  EXPECT_THAT(error.what(), HasSubstr("offset of 1048576"));
  EXPECT_THAT(error.expected(), HasSubstr("at most 1048575"));
  tile.partial_sum_offset = (1 << 20) - 1;
  lockstep.run(tile);
  EXPECT_EQ(lockstep.finish().mismatches, 0U);
}

TEST(Diagnostics, RefuseAnotherOffsetWithinASequence) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(1);
  Lockstep lockstep(shape_of(4, 6), RtlStyle::loop);
  array::TileOperands tile = random_tile(random, 4, 6, 3);
  tile.partial_sum_offset = 5;
  lockstep.run(tile);
  tile.partial_sum_offset = 6;
  const Error error = error_of([&] { lockstep.run(tile); });
  EXPECT_EQ(error.id(), "TW-RTL-005");
  EXPECT_THAT(error.what(), HasSubstr("offset of 6 in a sequence with 5"));
  EXPECT_THAT(error.hint(), HasSubstr("finish()"));
  lockstep.finish();
  lockstep.run(tile);
  EXPECT_EQ(lockstep.finish().mismatches, 0U);
}

TEST(Diagnostics, RefuseAValueThatDoesNotFitItsRegister) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  Random random(1);
  Lockstep lockstep(shape_of(4, 6, 4, 5), RtlStyle::loop);
  array::TileOperands tile = random_tile(random, 4, 6, 3, 4, 5);
  tile.weights[7] = 8;
  Error error = error_of([&] { lockstep.run(tile); });
  EXPECT_EQ(error.id(), "TW-RTL-004");
  EXPECT_THAT(error.what(), HasSubstr("a weight of 8"));
  EXPECT_THAT(error.expected(), HasSubstr("-8 to 7"));
  tile.weights[7] = 7;
  tile.activations[2] = -17;
  error = error_of([&] { lockstep.run(tile); });
  EXPECT_EQ(error.id(), "TW-RTL-004");
  EXPECT_THAT(error.what(), HasSubstr("an activation of -17"));
}

}  // namespace
}  // namespace togglewise::systemc
