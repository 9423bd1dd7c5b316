// The SystemC system model, cycle by cycle and with data, against the closed forms and the
// recurrence of sim/array/cycle_model.h and against integer arithmetic.
#include "sim/systemc/system_model.h"

#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/systemc/system_memory.h"
#include "tests/systemc/random_system.h"

namespace togglewise::systemc {
namespace {

using namespace testing;

struct Drawn {
  config::HardwareConfig hardware;
  network::GemmLayer layer;
  network::LayerMapping mapping;
  int batch = 1;
  std::vector<std::int8_t> ifmaps;
};

Drawn draw_run(bool with_memories, int largest_array = 9) {
  Drawn drawn;
  drawn.hardware = draw_array(largest_array);
  drawn.layer = draw_layer();
  drawn.batch = draw_corner(1, 2);
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  fill(drawn.layer, random);
  drawn.ifmaps = random_bytes(random, drawn.layer.input.size() * drawn.batch);
  if (with_memories)
    drawn.hardware.memories = draw_memories(drawn.hardware, drawn.layer, drawn.batch);
  return drawn;
}

// One run through the model must equal layer_cycles() and integer arithmetic.
array::LayerCycles require_equal(const Drawn& drawn) {
  RC_LOG() << described(drawn.hardware, drawn.layer, drawn.batch) << described(drawn.mapping)
           << "\n";
  const SystemRun run = system_model().run_layer(drawn.hardware, drawn.layer, drawn.ifmaps.data(),
                                                 drawn.batch, drawn.mapping);
  const array::LayerCycles expected =
      array::layer_cycles(drawn.hardware, array::shape_of(drawn.layer, drawn.batch, drawn.mapping));
  RC_ASSERT(described(run.cycles) == described(expected));
  RC_ASSERT(run.cycles.compute + run.cycles.weight_load + run.cycles.fill_drain +
                run.cycles.stall ==
            run.cycles.cycles);
  RC_ASSERT(outputs_of(run) ==
            expected_outputs(drawn.hardware, drawn.layer, drawn.ifmaps, drawn.batch));
  return run.cycles;
}

TEST(SystemModel, EqualsTheClosedForms_WithoutMemories) {
  EXPECT_TRUE(holds([] {
    const Drawn drawn = draw_run(false);
    const array::LayerCycles cycles = require_equal(drawn);
    const auto rows = static_cast<std::uint64_t>(drawn.hardware.array.rows);
    const auto columns = static_cast<std::uint64_t>(drawn.hardware.array.columns);
    const auto length = static_cast<std::uint64_t>(drawn.layer.gemm().output_pixels * drawn.batch);
    const std::uint64_t closed =
        drawn.hardware.array.double_buffered_weights
            ? rows + (cycles.tiles - 1) * std::max(length, 2 * rows + columns - 1) + length + rows +
                  columns - 2
            : cycles.tiles * (2 * rows + columns + length - 2);
    RC_ASSERT(cycles.cycles == closed);
    RC_ASSERT(cycles.stall == 0u);
  }));
}

TEST(SystemModel, EqualsTheRecurrence_WithMemories) {
  std::uint64_t stalled = 0;
  std::uint64_t refetched = 0;
  EXPECT_TRUE(holds([&] {
    const Drawn drawn = draw_run(true);
    const array::LayerCycles cycles = require_equal(drawn);
    stalled += cycles.stall > 0;
    refetched += cycles.accesses.dram_ifmap.read_bytes >
                 drawn.layer.input.size() * static_cast<std::size_t>(drawn.batch);
  }));
  // The cases that make the recurrence worth having did occur.
  EXPECT_GT(stalled, 100u);
  EXPECT_GT(refetched, 20u);
}

void draw_random_mapping(Drawn& drawn) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  drawn.mapping = draw_mapping(drawn.hardware, drawn.layer, random);
}

// The mapping changes neither outputs nor, without memories, cycles.
TEST(SystemModel, GivesTheSameOutputs_WithAnyMapping_WithoutMemories) {
  EXPECT_TRUE(holds([] {
    Drawn drawn = draw_run(false);
    draw_random_mapping(drawn);
    const array::LayerCycles cycles = require_equal(drawn);
    const array::LayerCycles natural =
        array::layer_cycles(drawn.hardware, array::shape_of(drawn.layer, drawn.batch));
    RC_ASSERT(cycles.cycles == natural.cycles);
    RC_ASSERT(cycles.weight_load == natural.weight_load);
    RC_ASSERT(cycles.accesses.ifmap_sram.read_bytes == natural.accesses.ifmap_sram.read_bytes);
  }));
}

TEST(SystemModel, EqualsTheRecurrence_WithAnyMapping_WithMemories) {
  std::uint64_t stalled = 0;
  std::uint64_t saved = 0;
  std::uint64_t with_table = 0;
  EXPECT_TRUE(holds([&] {
    Drawn drawn = draw_run(true);
    draw_random_mapping(drawn);
    const array::LayerCycles cycles = require_equal(drawn);
    const array::LayerCycles natural =
        array::layer_cycles(drawn.hardware, array::shape_of(drawn.layer, drawn.batch));
    RC_ASSERT(cycles.accesses.dram_ifmap.read_bytes <= natural.accesses.dram_ifmap.read_bytes);
    stalled += cycles.stall > 0;
    saved += cycles.accesses.dram_ifmap.read_bytes < natural.accesses.dram_ifmap.read_bytes;
    with_table += cycles.accesses.pixel_table.read_bytes > 0;
  }));
  EXPECT_GT(stalled, 100u);
  EXPECT_GT(saved, 20u);
  EXPECT_GT(with_table, 100u);
}

// Loads that end after the stream before, through a narrow port: with used rows on the bottom they
// shift first, and more of the zeros above them are left when the stream has ended.
TEST(SystemModel, EqualsTheRecurrence_WhenUsedRowsShiftFirst) {
  std::uint64_t shifted_later = 0;
  EXPECT_TRUE(holds([&] {
    Drawn drawn;
    config::HardwareConfig& hardware = drawn.hardware;
    hardware.array.rows = draw(2, 7);
    hardware.array.columns = draw(1, 4);
    hardware.array.double_buffered_weights = true;
    hardware.array.partial_sum_bits = config::derived_partial_sum_bits(hardware.array);
    hardware.memories.given = true;
    hardware.memories.dram.bytes_per_cycle = 10000;
    hardware.memories.dram.latency_cycles = draw_corner(0, 9);
    hardware.memories.filter_sram.bytes_per_cycle = draw(1, 2);
    network::GemmLayer& layer = drawn.layer;
    layer.name = "pointwise";
    layer.input = {draw(3, 25), draw(1, 4), draw(2, 6)};
    layer.output = {draw(1, 8), layer.input.height, layer.input.width};
    layer.input_scale = 0.02F;
    layer.output_scale = 0.3F;
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    fill(layer, random);
    drawn.ifmaps = random_bytes(random, layer.input.size());
    const array::LayerCycles natural = require_equal(drawn);
    draw_random_mapping(drawn);
    drawn.mapping.unused_rows_on_top = true;
    const array::LayerCycles mapped = require_equal(drawn);
    RC_ASSERT(mapped.cycles == natural.cycles);
    shifted_later += mapped.weight_load > natural.weight_load;
  }));
  EXPECT_GT(shifted_later, 20u);
}

// Wide arrays with little to load: sums still leave, and are requantized and written, while the
// next tile streams, at another pace and with writes that outlast it.
TEST(SystemModel, EqualsTheRecurrence_WhenTilesDrainUnderTheNextOnes) {
  EXPECT_TRUE(holds([] {
    Drawn drawn = draw_run(true);
    drawn.hardware.array.rows = draw(1, 3);
    drawn.hardware.array.columns = draw(1, 14);
    drawn.hardware.array.double_buffered_weights = true;
    network::GemmLayer& layer = drawn.layer;
    layer = {};
    layer.name = "pointwise";
    layer.input = {draw(1, 4), draw(2, 5), draw(3, 9)};
    layer.output = {draw(1, 50), layer.input.height, layer.input.width};
    layer.input_scale = 0.02F;
    layer.output_scale = 0.3F;
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    fill(layer, random);
    drawn.ifmaps = random_bytes(random, layer.input.size() * drawn.batch);
    drawn.hardware.memories = draw_memories(drawn.hardware, layer, drawn.batch);
    drawn.hardware.memories.dram.bytes_per_cycle = *rc::gen::element(1.0, 2.0, 4.0, 6.0, 9.0);
    require_equal(drawn);
  }));
}

// Sizes beyond those that are drawn by the hundred, rows and columns unlike each other.
TEST(SystemModel, EqualsTheRecurrence_OnLargeArrays) {
  Random random(11);
  for (const auto& [rows, columns] : {std::pair{64, 17}, {5, 130}, {256, 3}, {33, 64}}) {
    Drawn drawn;
    drawn.hardware.array.rows = rows;
    drawn.hardware.array.columns = columns;
    drawn.hardware.array.double_buffered_weights = rows != 64;
    drawn.hardware.array.partial_sum_bits = config::derived_partial_sum_bits(drawn.hardware.array);
    drawn.hardware.memories.given = true;
    drawn.hardware.memories.dram.bytes_per_cycle = 12.5;
    drawn.hardware.memories.ifmap_sram = {8 * 1024, 20, 0, 0};
    drawn.hardware.memories.ofmap_sram = {64 * 1024, 96, 0, 0};
    network::GemmLayer& layer = drawn.layer;
    layer.name = "grouped";
    layer.groups = 2;
    layer.input = {24, 11, 9};
    layer.output = {140, 6, 5};
    layer.window = network::square_window(3, 2, 1);
    layer.input_scale = 0.02F;
    layer.output_scale = 0.3F;
    layer.weights.clear();
    fill(layer, random);
    drawn.ifmaps = random_bytes(random, layer.input.size());
    const SystemRun run = system_model().run_layer(drawn.hardware, layer, drawn.ifmaps.data(), 1);
    EXPECT_EQ(described(run.cycles),
              described(array::layer_cycles(drawn.hardware, array::shape_of(layer, 1))));
    EXPECT_EQ(outputs_of(run), expected_outputs(drawn.hardware, layer, drawn.ifmaps, 1));
    EXPECT_GT(run.cycles.stall, 0U);
  }
}

TEST(SystemModel, WrapsPartialSums_AtTheHardwaresWidth) {
  EXPECT_TRUE(holds([] {
    Drawn drawn = draw_run(false);
    drawn.hardware.array.partial_sum_bits = draw(9, 16);
    require_equal(drawn);
  }));
}

TEST(SystemModel, RunsLeNetsConvolution_On16x16) {
  Drawn drawn;
  drawn.hardware.array.rows = drawn.hardware.array.columns = 16;
  drawn.hardware.array.partial_sum_bits = 20;
  drawn.hardware.memories.given = true;
  network::GemmLayer& layer = drawn.layer;
  layer.name = "conv2";
  layer.input = {6, 14, 14};
  layer.output = {16, 10, 10};
  layer.window = network::square_window(5, 1, 0);
  layer.input_scale = 0.02F;
  layer.output_scale = 0.3F;
  layer.relu = true;
  Random random(7);
  fill(layer, random);
  drawn.ifmaps = random_bytes(random, layer.input.size());
  const SystemRun run = system_model().run_layer(drawn.hardware, layer, drawn.ifmaps.data(), 1);
  EXPECT_EQ(outputs_of(run), expected_outputs(drawn.hardware, layer, drawn.ifmaps, 1));
  EXPECT_EQ(described(run.cycles),
            described(array::layer_cycles(drawn.hardware, array::shape_of(layer, 1))));
  EXPECT_EQ(run.cycles.tiles, 10u);
  // 96 of its bytes at 16 a cycle, then 100 cycles of latency, before the first weights shift.
  EXPECT_GT(run.cycles.stall, 100u);
}

TEST(SystemModel, RefusesATile_ThatDoesNotFitAMemory) {
  Drawn drawn;
  drawn.hardware.file = "small.yaml";
  drawn.hardware.memories.given = true;
  drawn.hardware.memories.ofmap_sram.bytes = 30;
  drawn.layer.name = "fc";
  drawn.layer.input = {8, 1, 1};
  drawn.layer.output = {4, 1, 1};
  Random random(1);
  fill(drawn.layer, random);
  const std::vector<std::int8_t> ifmap(8, 0);
  try {
    system_model().run_layer(drawn.hardware, drawn.layer, ifmap.data(), 1);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-ARRAY-001");
  }
}

TEST(SystemModel, SaysThatThereIsOneKernel_WhenMadeTwice) {
  system_model();
  try {
    const SystemModel second;
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-SYS-001");
    EXPECT_EQ(error.exit_status(), 1);
  }
}

TEST(CountedBytes, RefuseAnAddress_BehindTheirEnd) {
  CountedBytes bytes;
  bytes.assign(std::size_t{10});
  *bytes.write(9, 1) = 5;
  EXPECT_EQ(*bytes.read(9, 1), 5);
  EXPECT_EQ(bytes.accesses().write_bytes, 1u);
  try {
    bytes.read(8, 3);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-SYS-002");
  }
}

}  // namespace
}  // namespace togglewise::systemc
