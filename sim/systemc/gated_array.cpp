#include "sim/systemc/gated_array.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include <verilated.h>

#include "sim/base/error.h"
#include "sim/systemc/clock_recorder.h"
#include "sim/systemc/gated_builds.h"
#include "sim/systemc/verilated_ports.h"

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::ClockCounts;
using array::Gating;

constexpr int operand_bits = 8;  // of every build

template <class Model>
constexpr bool is_loop =
    std::is_same_v<Model, Vgatedloop64x64> || std::is_same_v<Model, Vgatedloop256x256>;

template <class Root>
ClockView structural_clocks(const Root& root) {
  ClockView view;
  view.activation = register_view(root.gated_tile_engine__DOT__u_array__DOT__activation_edges);
  view.partial_sum = register_view(root.gated_tile_engine__DOT__u_array__DOT__partial_sum_edges);
  view.weight = register_view(root.gated_tile_engine__DOT__u_array__DOT__weight_edges);
  view.skew = register_view(root.gated_tile_engine__DOT__u_array__DOT__skew_edges);
  view.deskew = register_view(root.gated_tile_engine__DOT__u_array__DOT__deskew_edges);
  view.row = &root.gated_tile_engine__DOT__u_array__DOT__row_edges[0];
  view.column = &root.gated_tile_engine__DOT__u_array__DOT__column_edges[0];
  view.zero_flags = flag_view(root.gated_tile_engine__DOT__u_array__DOT__zero_flags);
  view.move_flags = flag_view(root.gated_tile_engine__DOT__u_array__DOT__move_flags);
  view.changed_flags = flag_view(root.gated_tile_engine__DOT__u_array__DOT__changed_flags);
  view.skew_zero_flags = flag_view(root.gated_tile_engine__DOT__u_array__DOT__skew_zero_flags);
  view.skew_move_flags = flag_view(root.gated_tile_engine__DOT__u_array__DOT__skew_move_flags);
  view.deskew_changed_flags =
      flag_view(root.gated_tile_engine__DOT__u_array__DOT__deskew_changed_flags);
  view.port_registers = &root.gated_tile_engine__DOT__u_array__DOT__port_registers[0];
  return view;
}

template <class Root>
ClockView loop_clocks(const Root& root) {
  ClockView view;
  view.added_up = true;
  view.activation = {&root.gated_tile_engine_loop__DOT__u_array__DOT__activation_edges, 0};
  view.partial_sum = {&root.gated_tile_engine_loop__DOT__u_array__DOT__partial_sum_edges, 0};
  view.weight = {&root.gated_tile_engine_loop__DOT__u_array__DOT__weight_edges, 0};
  view.skew = {&root.gated_tile_engine_loop__DOT__u_array__DOT__skew_edges, 0};
  view.deskew = {&root.gated_tile_engine_loop__DOT__u_array__DOT__deskew_edges, 0};
  view.row = &root.gated_tile_engine_loop__DOT__u_array__DOT__row_edges[0];
  view.column = &root.gated_tile_engine_loop__DOT__u_array__DOT__column_edges[0];
  view.zero_flags = packed_flag_view(root.gated_tile_engine_loop__DOT__u_array__DOT__zero_flags);
  view.move_flags = packed_flag_view(root.gated_tile_engine_loop__DOT__u_array__DOT__move_flags);
  view.changed_flags =
      packed_flag_view(root.gated_tile_engine_loop__DOT__u_array__DOT__changed_flags);
  view.skew_zero_flags =
      packed_flag_view(root.gated_tile_engine_loop__DOT__u_array__DOT__skew_zero_flags);
  view.skew_move_flags =
      packed_flag_view(root.gated_tile_engine_loop__DOT__u_array__DOT__skew_move_flags);
  view.deskew_changed_flags =
      packed_flag_view(root.gated_tile_engine_loop__DOT__u_array__DOT__deskew_changed_flags);
  view.port_registers = &root.gated_tile_engine_loop__DOT__u_array__DOT__port_registers[0];
  return view;
}

template <class Root>
ArrayRegisters structural_registers(const Root& root) {
  ArrayRegisters registers;
  registers.partial_sum =
      register_view(root.gated_tile_engine__DOT__u_array__DOT__partial_sum_registers);
  registers.activation =
      register_view(root.gated_tile_engine__DOT__u_array__DOT__activation_registers);
  registers.weight = register_view(root.gated_tile_engine__DOT__u_array__DOT__weight_registers);
  registers.shadow = register_view(root.gated_tile_engine__DOT__u_array__DOT__shadow_registers);
  registers.skew = register_view(root.gated_tile_engine__DOT__u_array__DOT__skew_registers);
  registers.deskew = register_view(root.gated_tile_engine__DOT__u_array__DOT__deskew_registers);
  return registers;
}

template <class Root>
ArrayRegisters loop_registers(const Root& root) {
  ArrayRegisters registers;
  registers.partial_sum =
      register_view(root.gated_tile_engine_loop__DOT__u_array__DOT__partial_sum_registers);
  registers.activation =
      register_view(root.gated_tile_engine_loop__DOT__u_array__DOT__activation_registers);
  registers.weight =
      register_view(root.gated_tile_engine_loop__DOT__u_array__DOT__weight_registers);
  registers.shadow =
      register_view(root.gated_tile_engine_loop__DOT__u_array__DOT__shadow_registers);
  registers.skew = register_view(root.gated_tile_engine_loop__DOT__u_array__DOT__skew_registers);
  registers.deskew =
      register_view(root.gated_tile_engine_loop__DOT__u_array__DOT__deskew_registers);
  return registers;
}

template <class Model>
class GatedArrayOf : public GatedArray {
 public:
  GatedArrayOf(const ArrayShape& shape, int built_rows, const Gating& gating)
      : model_(&context_),
        shape_(shape),
        partial_sum_bits_(array::required_partial_sum_bits(built_rows, operand_bits, operand_bits)),
        recorder_(shape, gating),
        no_update_(static_cast<std::size_t>(std::max(shape.rows, shape.columns)), 0),
        outputs_(shape.columns),
        sums_(shape.columns) {
    if constexpr (is_loop<Model>) {
      model_.rows = static_cast<SData>(shape.rows);
      model_.columns = static_cast<SData>(shape.columns);
      model_.idle_columns = gating.idle_columns;
      model_.idle_rows = gating.idle_rows;
      model_.zero_weight = gating.zero_weight;
      model_.zero_activation = gating.zero_activation;
      model_.unchanged_partial_sum = gating.unchanged_partial_sum;
      model_.gate_weight_registers = gating.weight_registers;
    }
    come_to_rest();
  }
  ~GatedArrayOf() override {
    // As in verilated_array.cpp: the thread's context may be another model's, and gone.
    Verilated::threadContextp(&context_);
    model_.final();
  }

  int partial_sum_bits() const override { return partial_sum_bits_; }

  void set_partial_sum_offset(std::int32_t offset) override {
    const auto bits = static_cast<std::uint32_t>(offset) & (~0u >> (32 - partial_sum_bits_));
    if (bits == model_.partial_sum_offset) return;
    model_.partial_sum_offset = bits;
    come_to_rest();
  }

  void set_accumulators(const std::int32_t* addends, const std::uint8_t* subtract) override {
    std::memcpy(static_cast<void*>(&model_.addend), addends, sums_.size() * sizeof(std::int32_t));
    std::uint8_t bits[sizeof(model_.subtract)] = {};
    for (std::size_t c = 0; c < sums_.size(); ++c) {
      bits[c / 8] = static_cast<std::uint8_t>(bits[c / 8] | (subtract[c] != 0 ? 1 : 0) << c % 8);
    }
    std::memcpy(static_cast<void*>(&model_.subtract), bits, sizeof bits);
  }

  void set_used_area(int first_row, int used_rows, int used_columns) override {
    model_.first_row = static_cast<SData>(first_row);
    model_.used_rows = static_cast<SData>(used_rows);
    model_.used_columns = static_cast<SData>(used_columns);
  }

  ControllerRequest settle(bool start, std::uint32_t stream_length) override {
    model_.clk = 0;
    model_.start = start;
    model_.stream_length = stream_length;
    model_.eval();
    ControllerRequest request;
    request.busy = model_.busy;
    request.done = model_.done;
    request.weight_shift = model_.weight_shift;
    request.weight_update = model_.weight_update;
    request.weight_row = model_.weight_row;
    request.activation_valid = model_.activation_valid;
    request.activation_index = model_.activation_index;
    return request;
  }

  void clock_edge(const std::int8_t* weights, const std::int8_t* activations) override {
    write_port(model_.weight_in, weights, shape_.columns);
    write_port(model_.activation_in, activations, shape_.rows);
    const bool counted = model_.busy || was_busy_;
    was_busy_ = model_.busy;
    if constexpr (!is_loop<Model>) model_.eval();  // latches take the enables: the clock is low
    model_.clk = 1;
    model_.eval();
    recorder_.record(clocks(), registers(), counted);
  }

  ArrayOutput output() override {
    read_fields(model_.partial_sum_out, partial_sum_bits_, outputs_);
    return {model_.output_valid != 0, model_.output_index, outputs_.data()};
  }

  const std::int32_t* accumulator_sums() override {
    std::memcpy(sums_.data(), static_cast<const void*>(&model_.sum),
                sums_.size() * sizeof(std::int32_t));
    return sums_.data();
  }

  // No array with gated clocks has a swap wave: its registers' views are of zeros.
  ArrayRegisters registers() const override {
    ArrayRegisters registers;
    if constexpr (is_loop<Model>) {
      registers = loop_registers(*model_.rootp);
    } else {
      registers = structural_registers(*model_.rootp);
    }
    registers.update = registers.update_skew = {no_update_.data(), 0};
    registers.zero = clocks().zero_flags;
    registers.partial_sum_bits = partial_sum_bits_;
    return registers;
  }

  ClockCounts clock_counts() const override { return recorder_.counts(); }
  void begin_counting() override { recorder_.clear(); }

 private:
  ClockView clocks() const {
    if constexpr (is_loop<Model>) {
      return loop_clocks(*model_.rootp);
    } else {
      return structural_clocks(*model_.rootp);
    }
  }

  void clock() {
    model_.clk = 0;
    model_.eval();
    model_.clk = 1;
    model_.eval();
  }

  // As rtl/gated_tile_engine.sv says. Zeros stand at the ports of activations, whatever is written
  // there: the controller does not stream.
  void come_to_rest() {
    model_.start = 0;
    model_.reset = 1;
    const int cycles = shape_.rows + 2 * shape_.columns;
    for (int cycle = 0; cycle < 2 * cycles; ++cycle) {
      model_.open_gates = cycle < cycles;
      clock();
      recorder_.record(clocks(), registers(), false);
    }
    model_.reset = 0;
    was_busy_ = false;
  }

  VerilatedContext context_;
  Model model_;
  array::ArrayShape shape_;
  int partial_sum_bits_;
  ClockRecorder recorder_;
  bool was_busy_ = false;
  std::vector<std::uint8_t> no_update_;
  std::vector<std::int32_t> outputs_;
  std::vector<std::int32_t> sums_;
};

template <class Model>
std::unique_ptr<GatedArray> make(const ArrayShape& shape, int built_rows, const Gating& gating) {
  return std::make_unique<GatedArrayOf<Model>>(shape, built_rows, gating);
}

// The numbers of gated_builds.cmake.
int set_of(const Gating& gating) {
  return (gating.idle_columns ? 1 : 0) + (gating.idle_rows ? 2 : 0) + (gating.zero_weight ? 4 : 0) +
         (gating.zero_activation ? 8 : 0) + (gating.unchanged_partial_sum ? 16 : 0) +
         (gating.weight_registers ? 32 : 0);
}

struct StructuralBuild {
  int rows;
  int columns;
  int set;
  std::unique_ptr<GatedArray> (*make)(const ArrayShape&, int, const Gating&);
};
constexpr StructuralBuild structural_builds[] = {
    {8, 12, 0, make<Vgated8x12_0>},    {8, 12, 1, make<Vgated8x12_1>},
    {8, 12, 2, make<Vgated8x12_2>},    {8, 12, 4, make<Vgated8x12_4>},
    {8, 12, 8, make<Vgated8x12_8>},    {8, 12, 16, make<Vgated8x12_16>},
    {8, 12, 32, make<Vgated8x12_32>},  {8, 12, 26, make<Vgated8x12_26>},
    {8, 12, 63, make<Vgated8x12_63>},  {16, 16, 0, make<Vgated16x16_0>},
    {16, 16, 63, make<Vgated16x16_63>}};

bool between(int value, int least, int most) { return value >= least && value <= most; }

std::string size_of(const ArrayShape& shape) {
  return std::to_string(shape.rows) + "x" + std::to_string(shape.columns);
}

std::unique_ptr<GatedArray> make_structural(const ArrayShape& shape, const Gating& gating) {
  bool built = false;
  for (const StructuralBuild& build : structural_builds) {
    if (build.rows != shape.rows || build.columns != shape.columns) continue;
    built = true;
    if (build.set == set_of(gating)) return build.make(shape, build.rows, gating);
  }
  if (!built) return nullptr;
  throw Error::input("TW-RTL-007", "no structural array of " + size_of(shape) +
                                       " was Verilated with these gating options")
      .expected("all of them, none, or another set in sim/systemc/gated_builds.cmake")
      .hint("the loop style serves every set of options");
}

std::unique_ptr<GatedArray> make_loop(const ArrayShape& shape, const Gating& gating) {
  const int size = std::max(shape.rows, shape.columns);
  if (std::min(shape.rows, shape.columns) < 1 || size > 256) return nullptr;
  return size <= 64 ? make<Vgatedloop64x64>(shape, 64, gating)
                    : make<Vgatedloop256x256>(shape, 256, gating);
}

}  // namespace

std::unique_ptr<GatedArray> make_gated_array(const ArrayShape& shape, RtlStyle style,
                                             const Gating& gating) {
  std::unique_ptr<GatedArray> made;
  if (between(shape.weight_bits, 2, operand_bits) &&
      between(shape.activation_bits, 2, operand_bits) && between(shape.partial_sum_bits, 1, 32)) {
    made =
        style == RtlStyle::structural ? make_structural(shape, gating) : make_loop(shape, gating);
  }
  if (made) return made;
  throw Error::input("TW-RTL-001", "no Verilated array with gated clocks was built for " +
                                       size_of(shape) + " and these widths")
      .expected(
          std::string(style == RtlStyle::loop ? "rows and columns of 1 to 256" : "16x16 or 8x12") +
          ", operands of 2 to 8 bits, partial sums of 1 to 32 bits")
      .hint(style == RtlStyle::loop ? "use a smaller array in the hardware configuration"
                                    : "the loop style serves every size up to 256x256");
}

}  // namespace togglewise::systemc
