#include "sim/systemc/verilated_array.h"

#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include <verilated.h>

#include "Vloop64x64.h"
#include "Vloop64x64___024root.h"
#include "Vstructural16x16.h"
#include "Vstructural16x16___024root.h"
#include "Vstructural8x12.h"
#include "Vstructural8x12___024root.h"
#include "sim/base/error.h"

namespace togglewise::systemc {
namespace {

constexpr int max_loop_size = 64;

constexpr int log2_ceiling(int value) {
  int bits = 0;
  while ((1 << bits) < value) ++bits;
  return bits;
}

template <class Rows>
auto view(const Rows& rows) {
  using Element = std::decay_t<decltype(rows[0][0])>;
  return RegisterView<Element>{&rows[0][0], static_cast<int>(sizeof(rows[0]) / sizeof(Element))};
}

template <class Root>
ArrayRegisters structural_registers(const Root& root) {
  return {view(root.tile_engine__DOT__u_array__DOT__partial_sum_registers),
          view(root.tile_engine__DOT__u_array__DOT__activation_registers),
          view(root.tile_engine__DOT__u_array__DOT__weight_registers),
          view(root.tile_engine__DOT__u_array__DOT__shadow_registers),
          view(root.tile_engine__DOT__u_array__DOT__skew_registers),
          view(root.tile_engine__DOT__u_array__DOT__deskew_registers)};
}

ArrayRegisters loop_registers(const Vloop64x64___024root& root) {
  return {view(root.tile_engine_loop__DOT__u_array__DOT__partial_sum_registers),
          view(root.tile_engine_loop__DOT__u_array__DOT__activation_registers),
          view(root.tile_engine_loop__DOT__u_array__DOT__weight_registers),
          view(root.tile_engine_loop__DOT__u_array__DOT__shadow_registers),
          view(root.tile_engine_loop__DOT__u_array__DOT__skew_registers),
          view(root.tile_engine_loop__DOT__u_array__DOT__deskew_registers)};
}

// Flat ports are machine words (up to 64 bits) or arrays of 32-bit words, lowest first: on a
// little-endian machine both are the bytes of the vector in order.
template <class Port>
void write_port(Port& port, const std::int8_t* bytes, int count) {
  std::memcpy(static_cast<void*>(&port), bytes, static_cast<std::size_t>(count));
}

template <class Port>
void read_fields(const Port& port, int bits, std::vector<std::int32_t>& fields) {
  std::uint32_t words[sizeof(Port) / 4 + 1] = {};  // one more, so that every field has two words
  std::memcpy(words, static_cast<const void*>(&port), sizeof(Port));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t first = i * static_cast<std::size_t>(bits);
    const std::uint64_t pair = words[first / 32] | std::uint64_t{words[first / 32 + 1]} << 32;
    const auto field = static_cast<std::uint32_t>(pair >> first % 32);
    fields[i] = static_cast<std::int32_t>(field << (32 - bits)) >> (32 - bits);
  }
}

template <class Model>
class VerilatedArrayOf : public VerilatedArray {
 public:
  VerilatedArrayOf(const array::ArrayShape& shape, int built_rows)
      : model_(&context_),
        shape_(shape),
        partial_sum_bits_(16 + log2_ceiling(built_rows)),
        outputs_(shape.columns) {
    if constexpr (std::is_same_v<Model, Vloop64x64>) {
      model_.rows = static_cast<CData>(shape.rows);
      model_.columns = static_cast<CData>(shape.columns);
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

  ArrayRegisters registers() const override {
    if constexpr (std::is_same_v<Model, Vloop64x64>) {
      return loop_registers(*model_.rootp);
    } else {
      return structural_registers(*model_.rootp);
    }
  }

 private:
  VerilatedContext context_;
  Model model_;
  array::ArrayShape shape_;
  int partial_sum_bits_;
  std::vector<std::int32_t> outputs_;
};

std::string describe(const array::ArrayShape& shape) {
  return std::to_string(shape.rows) + "x" + std::to_string(shape.columns) + " with " +
         std::to_string(shape.weight_bits) + "-bit weights, " +
         std::to_string(shape.activation_bits) + "-bit activations and " +
         std::to_string(shape.partial_sum_bits) + "-bit partial sums";
}

}  // namespace

std::unique_ptr<VerilatedArray> make_verilated_array(const array::ArrayShape& shape,
                                                     RtlStyle style) {
  const bool widths_fit = shape.weight_bits == 8 && shape.activation_bits == 8 &&
                          shape.partial_sum_bits >= 1 && shape.partial_sum_bits <= 32;
  if (widths_fit && style == RtlStyle::structural) {
    if (shape.rows == 16 && shape.columns == 16)
      return std::make_unique<VerilatedArrayOf<Vstructural16x16>>(shape, 16);
    if (shape.rows == 8 && shape.columns == 12)
      return std::make_unique<VerilatedArrayOf<Vstructural8x12>>(shape, 8);
  }
  if (widths_fit && style == RtlStyle::loop && shape.rows >= 1 && shape.rows <= max_loop_size &&
      shape.columns >= 1 && shape.columns <= max_loop_size)
    return std::make_unique<VerilatedArrayOf<Vloop64x64>>(shape, max_loop_size);

  throw Error::input("TW-RTL-001", "no Verilated array was built for " + describe(shape))
      .expected(style == RtlStyle::loop
                    ? "rows and columns of 1 to 64, 8-bit operands, partial sums of 1 to 32 bits"
                    : "16x16 or 8x12, 8-bit operands, partial sums of 1 to 32 bits")
      .hint(style == RtlStyle::loop ? "use a smaller array in the hardware configuration"
                                    : "the loop style serves every size up to 64x64");
}

}  // namespace togglewise::systemc
