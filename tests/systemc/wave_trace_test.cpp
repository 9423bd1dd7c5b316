// The FST file, read back with GTKWave's own reader, against what the timing contract says of each
// register in each cycle.
#include "sim/systemc/wave_trace.h"

#include <fstapi.h>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "tests/systemc/tiles.h"

namespace togglewise::systemc {
namespace {

using array::TileOperands;
using ::testing::HasSubstr;
using testing::random_tile;
using testing::shape_of;

constexpr std::uint64_t period_ps = 2500;

// Every value change of a file by the variable's full name.
class Waves {
 public:
  explicit Waves(const std::filesystem::path& file) {
    void* reader = fstReaderOpen(file.c_str());
    if (!reader) return;
    std::string scope;
    while (const fstHier* item = fstReaderIterateHier(reader)) {
      if (item->htyp == FST_HT_SCOPE) scope += std::string(item->u.scope.name) + ".";
      if (item->htyp == FST_HT_UPSCOPE) scope.erase(scope.rfind('.', scope.size() - 2) + 1);
      if (item->htyp == FST_HT_VAR) names_[item->u.var.handle] = scope + item->u.var.name;
    }
    end_ = fstReaderGetEndTime(reader);
    fstReaderSetFacProcessMaskAll(reader);
    fstReaderIterBlocks2(reader, change, change_of_length, this, nullptr);
    fstReaderClose(reader);
  }

  std::size_t variables() const { return names_.size(); }
  std::uint64_t end() const { return end_; }

  // As it was written: bits, or the letters of a string.
  std::string at(const std::string& name, std::uint64_t time) const {
    const auto changes = changes_.find(name);
    if (changes == changes_.end()) return "no such variable";
    auto later = changes->second.upper_bound(time);
    return later == changes->second.begin() ? "before the first change" : std::prev(later)->second;
  }

  // In cycle `cycle` of the trace, as a two's complement number.
  std::int64_t number(const std::string& name, std::uint64_t cycle) const {
    const std::string bits = at(name, cycle * period_ps);
    std::int64_t value = 0;
    for (const char bit : bits) {
      if (bit != '0' && bit != '1') return INT64_MIN;
      value = value * 2 + (bit - '0');
    }
    return bits.size() > 1 && bits[0] == '1' ? value - (std::int64_t{1} << bits.size()) : value;
  }

 private:
  static void change(void* self, std::uint64_t time, fstHandle handle, const unsigned char* value) {
    auto* waves = static_cast<Waves*>(self);
    waves->changes_[waves->names_[handle]][time] = reinterpret_cast<const char*>(value);
  }
  static void change_of_length(void* self, std::uint64_t time, fstHandle handle,
                               const unsigned char* value, std::uint32_t length) {
    auto* waves = static_cast<Waves*>(self);
    waves->changes_[waves->names_[handle]][time] =
        std::string(reinterpret_cast<const char*>(value), length);
  }

  std::map<fstHandle, std::string> names_;
  std::map<std::string, std::map<std::uint64_t, std::string>> changes_;
  std::uint64_t end_ = 0;
};

std::string pe(int row, int column, const std::string& name) {
  return "array.pe_" + std::to_string(row) + "_" + std::to_string(column) + "." + name;
}

WaveTraceParams params_of(const std::filesystem::path& file, WaveRange rows, WaveRange columns) {
  WaveTraceParams params;
  params.file = file;
  params.rows = rows;
  params.columns = columns;
  params.clock_period_ps = static_cast<double>(period_ps);
  return params;
}

int weight_of(const TileOperands& tile, int row, int column) {
  return row < tile.used_rows && column < tile.used_columns
             ? tile.weights[static_cast<std::size_t>(row * tile.used_columns + column)]
             : 0;
}

int activation_of(const TileOperands& tile, int row, int vector) {
  return row < tile.used_rows && vector >= 0 && vector < tile.stream_length
             ? tile.activations[static_cast<std::size_t>(vector * tile.used_rows + row)]
             : 0;
}

// The register of PE (r,c) in the cycle after the one in which it took vector `vector`.
int partial_sum_of(const TileOperands& tile, int row, int column, int vector) {
  int sum = 0;
  for (int r = 0; r <= row; ++r) sum += weight_of(tile, r, column) * activation_of(tile, r, vector);
  return sum;
}

TEST(WaveTrace, HoldsEveryRegisterOfEveryCycle_WithSingleBufferedWeights) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const TemporaryDirectory folder;
  const array::ArrayShape shape = shape_of(6, 5);
  Random random(41);
  const TileOperands tile = random_tile(random, 5, 4, 12);
  Lockstep lockstep(shape, RtlStyle::loop);
  WaveTrace trace(params_of(folder.path() / "tile.fst", {1, 5}, {0, 4}), {shape, false},
                  tile.stream_length);
  lockstep.observe([&](const LockstepCycle& cycle) { trace.record(cycle); });
  lockstep.run(tile);
  ASSERT_TRUE(trace.complete());
  trace.commit();
  lockstep.run(random_tile(random, 6, 5, 3));  // no longer traced
  EXPECT_EQ(lockstep.finish().mismatches, 0u);

  const Waves waves(folder.path() / "tile.fst");
  const int cycles = 2 * 6 + 5 + 12 - 2;
  EXPECT_EQ(waves.end(), static_cast<std::uint64_t>(cycles) * period_ps);
  EXPECT_EQ(waves.variables(), 1u + 10 + 5 * 5 * 4 + 5);
  EXPECT_EQ(waves.at("array.clock", 3 * period_ps), "1");
  EXPECT_EQ(waves.at("array.clock", 3 * period_ps + period_ps / 2), "0");
  EXPECT_EQ(waves.at("array.controller.phase", 0), "load");
  EXPECT_EQ(waves.at("array.controller.phase", 6 * period_ps), "stream");
  EXPECT_EQ(waves.at("array.controller.phase", (6 + 12) * period_ps), "drain");
  for (int k = 1; k <= cycles; ++k) {
    const auto cycle = static_cast<std::uint64_t>(k);
    for (int r = 1; r <= 5; ++r) {
      for (int c = 0; c <= 4; ++c) {
        const int vector = k - 1 - 6 - r - c;
        ASSERT_EQ(waves.number(pe(r, c, "activation"), cycle), activation_of(tile, r, vector));
        ASSERT_EQ(waves.number(pe(r, c, "partial_sum"), cycle), partial_sum_of(tile, r, c, vector));
        ASSERT_EQ(waves.number(pe(r, c, "weight"), cycle), k >= 6 ? weight_of(tile, r, c) : 0);
        const int shifted = std::min(k, 6);
        ASSERT_EQ(waves.number(pe(r, c, "shadow"), cycle),
                  shifted > r ? weight_of(tile, 6 - shifted + r, c) : 0);
      }
    }
    for (int c = 0; c <= 4; ++c) {
      ASSERT_EQ(waves.number("array.output.column_" + std::to_string(c), cycle),
                partial_sum_of(tile, 5, c, k - 6 - 6 - 5 + 1));
    }
  }
}

TEST(WaveTrace, ShowsTheSwapWave_WithDoubleBufferedWeights) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const TemporaryDirectory folder;
  const array::ArrayShape shape = shape_of(4, 3);
  const int length = 17;
  Random random(42);
  const TileOperands before = random_tile(random, 4, 3, length);
  const TileOperands tile = random_tile(random, 3, 3, length);
  const TileOperands after = random_tile(random, 4, 3, length);
  Lockstep lockstep(shape, RtlStyle::loop, true);
  lockstep.push(before);
  // Loaded from stream cycle R + C − 1 of the tile before on, which streams for `length`.
  const int stream_begin = length - (4 + 3 - 1);
  WaveTrace trace(params_of(folder.path() / "tile.fst", {0, 3}, {0, 2}), {shape, true}, length,
                  static_cast<std::uint64_t>(stream_begin - 4));
  lockstep.observe([&](const LockstepCycle& cycle) { trace.record(cycle); });
  lockstep.push(tile);
  lockstep.push(after);
  lockstep.drain();
  ASSERT_TRUE(trace.complete());
  trace.commit();
  EXPECT_EQ(lockstep.finish().mismatches, 0u);

  const Waves waves(folder.path() / "tile.fst");
  const int cycles = stream_begin + length + 4 + 3 - 2;
  EXPECT_EQ(waves.end(), static_cast<std::uint64_t>(cycles) * period_ps);
  EXPECT_EQ(waves.at("array.controller.phase", 0), "load+stream");
  EXPECT_EQ(waves.at("array.controller.weight_update",
                     static_cast<std::uint64_t>(stream_begin - 1) * period_ps),
            "1");
  for (int k = 1; k < stream_begin + length; ++k) {  // then the next tile arrives
    const auto cycle = static_cast<std::uint64_t>(k);
    for (int r = 0; r < 4; ++r) {
      for (int c = 0; c < 3; ++c) {
        const int stream_cycle = k - stream_begin;
        const TileOperands& weights_of = stream_cycle >= r + c ? tile : before;
        ASSERT_EQ(waves.number(pe(r, c, "weight"), cycle), weight_of(weights_of, r, c));
        ASSERT_EQ(waves.number(pe(r, c, "update"), cycle), stream_cycle == r + c ? 1 : 0);
        const int vector = stream_cycle - 1 - r - c;
        const TileOperands& data_of = vector >= 0 ? tile : before;
        const int index = vector >= 0 ? vector : vector + length;
        ASSERT_EQ(waves.number(pe(r, c, "activation"), cycle), activation_of(data_of, r, index));
        ASSERT_EQ(waves.number(pe(r, c, "partial_sum"), cycle),
                  partial_sum_of(data_of, r, c, index));
      }
    }
  }
}

template <class Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return Error::run("none", "nothing was thrown");
}

TEST(WaveTrace, EstimatesBeforehand_AtLeastWhatTheFileTakes) {
  TOGGLEWISE_NEEDS_SYSTEMC_KERNEL();
  const TemporaryDirectory folder;
  const array::ArrayShape shape = shape_of(16, 16);
  Random random(43);
  const TileOperands tile = random_tile(random, 16, 16, 2000);
  const WaveTraceParams params = params_of(folder.path() / "tile.fst", {0, 15}, {0, 15});
  const WaveEstimate estimate = estimate_waves(params, {shape, false}, 2000);
  EXPECT_EQ(estimate.cycles, 2u * 16 + 16 + 2000 - 2);
  Lockstep lockstep(shape, RtlStyle::loop);
  WaveTrace trace(params, {shape, false}, 2000);
  lockstep.observe([&](const LockstepCycle& cycle) { trace.record(cycle); });
  lockstep.run(tile);
  EXPECT_FALSE(std::filesystem::exists(params.file));  // not before it is whole
  trace.commit();
  const Waves waves(params.file);
  EXPECT_EQ(waves.variables(), estimate.signals);
  EXPECT_LE(std::filesystem::file_size(params.file), estimate.bytes);
  EXPECT_GT(std::filesystem::file_size(params.file), estimate.bytes / 10);
}

TEST(WaveTrace, RefusesPesOutsideTheArray) {
  const TracedArray array{shape_of(6, 5), false};
  const Error rows = error_of([&] { WaveTrace(params_of("x.fst", {0, 6}, {0, 1}), array, 5); });
  EXPECT_EQ(rows.id(), "TW-WAVE-001");
  EXPECT_EQ(rows.exit_status(), 2);
  EXPECT_THAT(rows.expected(), HasSubstr("0:5"));
  const Error columns = error_of([&] { WaveTrace(params_of("x.fst", {0, 1}, {3, 2}), array, 5); });
  EXPECT_EQ(columns.id(), "TW-WAVE-001");
  EXPECT_THAT(columns.what(), HasSubstr("columns 3 to 2"));
  EXPECT_FALSE(std::filesystem::exists("x.fst"));
}

TEST(WaveTrace, RefusesMoreThanTheLimit_AndSaysHowToRaiseIt) {
  const TracedArray array{shape_of(64, 64), false};
  const Error error = error_of([&] {
    WaveTrace(params_of("x.fst", {0, 63}, {0, 63}), array, 50'000);
  });
  EXPECT_EQ(error.id(), "TW-WAVE-002");
  EXPECT_THAT(error.hint(), HasSubstr("--trace-limit"));
}

TEST(WaveTrace, RefusesAFolderThatIsNotThere) {
  const TracedArray array{shape_of(4, 4), false};
  const Error error = error_of([&] {
    WaveTrace(params_of("/no/such/folder/x.fst", {0, 1}, {0, 1}), array, 5);
  });
  EXPECT_EQ(error.id(), "TW-WAVE-003");
  EXPECT_EQ(error.file(), "/no/such/folder/x.fst");
}

}  // namespace
}  // namespace togglewise::systemc
