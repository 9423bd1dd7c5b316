#include "sim/systemc/verilated_array.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include <verilated.h>

#include "Vloop256x256.h"
#include "Vloop256x256___024root.h"
#include "Vloop64x64.h"
#include "Vloop64x64___024root.h"
#include "Vstructural16x16.h"
#include "Vstructural16x16___024root.h"
#include "Vstructural8x12.h"
#include "Vstructural8x12___024root.h"
#include "Vwave16x16.h"
#include "Vwave16x16___024root.h"
#include "Vwave8x12.h"
#include "Vwave8x12___024root.h"
#include "sim/base/error.h"
#include "sim/systemc/verilated_ports.h"

namespace togglewise::systemc {
namespace {

constexpr int operand_bits = 8;  // of every build
constexpr int max_size = 256;    // of the largest build

// Whether the size in use and the buffering are inputs of the model.
template <class Model>
constexpr bool is_loop = std::is_same_v<Model, Vloop64x64> || std::is_same_v<Model, Vloop256x256>;

template <class Root>
ArrayRegisters structural_registers(const Root& root, int partial_sum_bits) {
  return {register_view(root.tile_engine__DOT__u_array__DOT__partial_sum_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__activation_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__weight_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__shadow_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__skew_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__deskew_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__update_registers),
          register_view(root.tile_engine__DOT__u_array__DOT__update_skew_registers),
          partial_sum_bits};
}

template <class Root>
ArrayRegisters loop_registers(const Root& root, int partial_sum_bits) {
  return {register_view(root.tile_engine_loop__DOT__u_array__DOT__partial_sum_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__activation_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__weight_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__shadow_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__skew_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__deskew_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__update_registers),
          register_view(root.tile_engine_loop__DOT__u_array__DOT__update_skew_registers),
          partial_sum_bits};
}

template <class Model>
class VerilatedArrayOf : public VerilatedArray {
 public:
  VerilatedArrayOf(const array::ArrayShape& shape, int built_rows, bool double_buffered)
      : model_(&context_),
        shape_(shape),
        partial_sum_bits_(array::required_partial_sum_bits(built_rows, operand_bits, operand_bits)),
        outputs_(shape.columns),
        sums_(shape.columns) {
    if constexpr (is_loop<Model>) {
      model_.rows = static_cast<SData>(shape.rows);
      model_.columns = static_cast<SData>(shape.columns);
      model_.double_buffered = double_buffered;
    }
    model_.reset = 1;
    model_.clk = 0;
    model_.eval();
    model_.clk = 1;
    model_.eval();
    model_.reset = 0;
  }
  ~VerilatedArrayOf() override {
    // The model's destructor looks for its scopes in the thread's context, which another model may
    // have set and taken with it.
    Verilated::threadContextp(&context_);
    model_.final();
  }

  int partial_sum_bits() const override { return partial_sum_bits_; }

  void set_partial_sum_offset(std::int32_t offset) override {
    model_.partial_sum_offset =
        static_cast<std::uint32_t>(offset) & (0xffffffffu >> (32 - partial_sum_bits_));
  }

  void set_accumulators(const std::int32_t* addends, const std::uint8_t* subtract) override {
    std::memcpy(static_cast<void*>(&model_.addend), addends, sums_.size() * sizeof(std::int32_t));
    std::uint8_t bits[sizeof(model_.subtract)] = {};
    for (std::size_t c = 0; c < sums_.size(); ++c)
      bits[c / 8] = static_cast<std::uint8_t>(bits[c / 8] | (subtract[c] != 0 ? 1 : 0) << c % 8);
    std::memcpy(static_cast<void*>(&model_.subtract), bits, sizeof bits);
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
    model_.clk = 1;
    model_.eval();
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

  ArrayRegisters registers() const override {
    if constexpr (is_loop<Model>) {
      return loop_registers(*model_.rootp, partial_sum_bits_);
    } else {
      return structural_registers(*model_.rootp, partial_sum_bits_);
    }
  }

 private:
  VerilatedContext context_;
  Model model_;
  array::ArrayShape shape_;
  int partial_sum_bits_;
  std::vector<std::int32_t> outputs_;
  std::vector<std::int32_t> sums_;
};

std::string describe(const array::ArrayShape& shape) {
  return std::to_string(shape.rows) + "x" + std::to_string(shape.columns) + " with " +
         std::to_string(shape.weight_bits) + "-bit weights, " +
         std::to_string(shape.activation_bits) + "-bit activations and " +
         std::to_string(shape.partial_sum_bits) + "-bit partial sums";
}

template <class Model>
std::unique_ptr<VerilatedArray> make(const array::ArrayShape& shape, int built_rows,
                                     bool double_buffered) {
  return std::make_unique<VerilatedArrayOf<Model>>(shape, built_rows, double_buffered);
}

std::unique_ptr<VerilatedArray> make_structural(const array::ArrayShape& shape,
                                                bool double_buffered) {
  if (shape.rows == 16 && shape.columns == 16) {
    return double_buffered ? make<Vwave16x16>(shape, 16, true)
                           : make<Vstructural16x16>(shape, 16, false);
  }
  if (shape.rows == 8 && shape.columns == 12) {
    return double_buffered ? make<Vwave8x12>(shape, 8, true)
                           : make<Vstructural8x12>(shape, 8, false);
  }
  return nullptr;
}

std::unique_ptr<VerilatedArray> make_loop(const array::ArrayShape& shape, bool double_buffered) {
  const int size = std::max(shape.rows, shape.columns);
  if (std::min(shape.rows, shape.columns) < 1 || size > max_size) return nullptr;
  return size <= 64 ? make<Vloop64x64>(shape, 64, double_buffered)
                    : make<Vloop256x256>(shape, max_size, double_buffered);
}

bool between(int value, int least, int most) { return value >= least && value <= most; }

}  // namespace

std::unique_ptr<VerilatedArray> make_verilated_array(const array::ArrayShape& shape, RtlStyle style,
                                                     bool double_buffered) {
  std::unique_ptr<VerilatedArray> made;
  if (between(shape.weight_bits, 2, operand_bits) &&
      between(shape.activation_bits, 2, operand_bits) && between(shape.partial_sum_bits, 1, 32)) {
    made = style == RtlStyle::structural ? make_structural(shape, double_buffered)
                                         : make_loop(shape, double_buffered);
  }
  if (made) return made;
  const std::string widths = ", operands of 2 to 8 bits, partial sums of 1 to 32 bits";
  throw Error::input("TW-RTL-001", "no Verilated array was built for " + describe(shape))
      .expected((style == RtlStyle::loop ? "rows and columns of 1 to 256" : "16x16 or 8x12") +
                widths)
      .hint(style == RtlStyle::loop ? "use a smaller array in the hardware configuration"
                                    : "the loop style serves every size up to 256x256");
}

}  // namespace togglewise::systemc
