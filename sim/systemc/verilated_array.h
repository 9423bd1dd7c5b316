// The Verilated arrays behind one small interface. Only verilated_array.cpp and gated_array.cpp see
// generated headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "sim/array/tile.h"

namespace togglewise::systemc {

enum class RtlStyle { structural, loop };

// A 2-D block of registers inside the Verilated model; only the size in use means anything.
template <class Element>
struct RegisterView {
  const Element* data = nullptr;
  int stride = 0;  // elements from one row to the next

  const Element* row(int r) const { return data + static_cast<std::ptrdiff_t>(r) * stride; }
};

// The same of flags: a byte each, or bits of one word per row (little-endian).
struct FlagView {
  const std::uint8_t* data = nullptr;
  int stride = 0;  // bytes from one row to the next
  int pitch = 8;   // bits from one flag to the next: 8 or 1

  const std::uint8_t* row(int r) const { return data + static_cast<std::ptrdiff_t>(r) * stride; }
  bool at(int r, int c) const { return (row(r)[c * pitch / 8] >> (c * pitch % 8) & 1) != 0; }
};

// Registers as they are now. Elements hold the register's bits, not sign-extended.
struct ArrayRegisters {
  RegisterView<std::uint32_t> partial_sum;  // [row][column]
  RegisterView<std::uint8_t> activation;    // [row][column]
  RegisterView<std::uint8_t> weight;        // [row][column]
  RegisterView<std::uint8_t> shadow;        // [row][column]
  RegisterView<std::uint8_t> skew;          // [stage][row], stage < row
  RegisterView<std::uint32_t> deskew;       // [stage][column], stage < columns−1−column
  // The swap wave, one bit each; zero in an array with single-buffered weights.
  RegisterView<std::uint8_t> update;       // [row][column]
  RegisterView<std::uint8_t> update_skew;  // [stage][row], stage < row

  int partial_sum_bits = 0;  // of the build
  // [row][column], or null: where an activation register stands for zero, whatever it holds
  // (gating).
  FlagView zero = {};
  std::int8_t activation_value(int r, int c) const {
    return zero.data && zero.at(r, c) ? std::int8_t{0}
                                      : static_cast<std::int8_t>(activation.row(r)[c]);
  }
  std::int32_t signed_partial_sum(int r, int c) const {
    const int unused_bits = 32 - partial_sum_bits;
    return static_cast<std::int32_t>(partial_sum.row(r)[c] << unused_bits) >> unused_bits;
  }
};

// What rtl/tile_controller.sv says in one cycle.
struct ControllerRequest {
  bool busy = false;
  bool done = false;
  bool weight_shift = false;
  bool weight_update = false;
  int weight_row = 0;
  bool activation_valid = false;
  std::uint32_t activation_index = 0;
};

struct ArrayOutput {
  bool valid = false;
  std::uint32_t index = 0;                     // the vector whose sums stand at the outputs
  const std::int32_t* partial_sums = nullptr;  // [columns], sign-extended
};

// One clock cycle is settle(), then clock_edge(). Registers start at zero. What is set stays so
// until it is set again.
class VerilatedArray {
 public:
  virtual ~VerilatedArray() = default;

  virtual int partial_sum_bits() const = 0;  // of the build
  // What enters every column at the top; zero at first.
  virtual void set_partial_sum_offset(std::int32_t offset) = 0;
  // What each column's accumulator adds the sum to that stands at the outputs now, and whether it
  // takes it off instead: [columns].
  virtual void set_accumulators(const std::int32_t* addends, const std::uint8_t* subtract) = 0;
  virtual ControllerRequest settle(bool start, std::uint32_t stream_length) = 0;
  virtual void clock_edge(const std::int8_t* weights, const std::int8_t* activations) = 0;
  virtual ArrayOutput output() = 0;
  // [columns]: of the sums that stood at the outputs before the last clock edge.
  virtual const std::int32_t* accumulator_sums() = 0;
  virtual ArrayRegisters registers() const = 0;
};

// Throws TW-RTL-001 when no build fits `shape`: structural is built for 16×16 and 8×12, loop for
// every size up to 256×256 (the smallest build that holds the shape is taken). All have 8-bit
// weights and activations; narrower ones are fed in sign-extended.
std::unique_ptr<VerilatedArray> make_verilated_array(const array::ArrayShape& shape, RtlStyle style,
                                                     bool double_buffered = false);

}  // namespace togglewise::systemc
