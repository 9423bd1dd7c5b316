#include "sim/systemc/lockstep.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string>
#include <utility>

#include <systemc>

#include "sim/base/error.h"
#include "sim/network/tiling.h"
#include "sim/systemc/gated_array.h"
#include "sim/systemc/lockstep_harness.h"

namespace togglewise::systemc {
namespace {

using array::ArrayShape;
using array::TileOperands;

const char* harness_name = "togglewise_lockstep";

void require_free_kernel() {
  const sc_core::sc_status status = sc_core::sc_get_status();
  if (status == sc_core::SC_ELABORATION && !sc_core::sc_find_object(harness_name)) return;
  throw Error::run("TW-RTL-002", "a second lockstep run was begun in this process")
      .expected("one per process: SystemC has one kernel and cannot add modules once it has run")
      .hint("start another process, or use the first one's Lockstep for all tiles");
}

void require_fitting_size(const ArrayShape& shape, const TileOperands& tile) {
  const auto used_rows = static_cast<std::size_t>(std::max(tile.used_rows, 0));
  const auto used_columns = static_cast<std::size_t>(std::max(tile.used_columns, 0));
  const auto length = static_cast<std::size_t>(std::max(tile.stream_length, 0));
  if (tile.used_rows >= 1 && tile.first_row >= 0 && tile.first_row <= shape.rows - tile.used_rows &&
      tile.used_columns >= 1 && tile.used_columns <= shape.columns && tile.stream_length >= 1 &&
      tile.weights.size() == used_rows * used_columns &&
      tile.activations.size() == length * used_rows &&
      (tile.negated.empty() || tile.negated.size() == used_columns))
    return;
  throw Error::run("TW-RTL-003", "a tile of " + std::to_string(tile.used_rows) + "x" +
                                     std::to_string(tile.used_columns) + " weights (" +
                                     std::to_string(tile.weights.size()) + " given) from row " +
                                     std::to_string(tile.first_row) + " on and " +
                                     std::to_string(tile.stream_length) + " activation vectors (" +
                                     std::to_string(tile.activations.size()) +
                                     " values given) does not fit the array")
      .expected("1 to " + std::to_string(shape.rows) + " rows, 1 to " +
                std::to_string(shape.columns) +
                " columns, at least one vector, and as many "
                "values as these say");
}

void require_fitting_values(const std::vector<std::int8_t>& values, int bits,
                            const std::string& what) {
  const int limit = 1 << (bits - 1);
  const auto range = std::minmax_element(values.begin(), values.end());
  if (*range.first >= -limit && *range.second < limit) return;
  const int value = *range.first < -limit ? *range.first : *range.second;
  throw Error::run("TW-RTL-004", what + " of " + std::to_string(value) +
                                     " does not fit its register of " + std::to_string(bits) +
                                     " bits")
      .expected(std::to_string(-limit) + " to " + std::to_string(limit - 1));
}

// Registers of the hardware's width must hold it, and those of the build all sums with it: the
// build's are sign-extended where the hardware has more bits.
void require_fitting_offset(const ArrayShape& shape, std::int32_t offset, int built_bits) {
  const std::int64_t limit = std::int64_t{1} << (shape.partial_sum_bits - 1);
  if (offset < -limit || offset >= limit) {
    throw Error::run("TW-RTL-004", "a partial-sum offset of " + std::to_string(offset) +
                                       " does not fit its register of " +
                                       std::to_string(shape.partial_sum_bits) + " bits")
        .expected(std::to_string(-limit) + " to " + std::to_string(limit - 1));
  }
  if (built_bits >= shape.partial_sum_bits) return;
  const std::int32_t largest = network::largest_partial_sum_offset(
      shape.rows, shape.weight_bits, shape.activation_bits, built_bits);
  if (std::abs(std::int64_t{offset}) <= largest) return;
  throw Error::run("TW-RTL-006", "a partial-sum offset of " + std::to_string(offset) +
                                     " is too large for the Verilated array's partial sums of " +
                                     std::to_string(built_bits) + " bits")
      .expected("at most " + std::to_string(largest))
      .hint("use a smaller offset in the mapping");
}

void require_fitting_accumulators(const TileOperands& tile,
                                  const std::vector<std::int32_t>* accumulators) {
  const auto vectors = static_cast<std::size_t>(tile.stream_length);
  const std::size_t expected = vectors * static_cast<std::size_t>(tile.used_columns);
  if (!accumulators || accumulators->size() == expected) return;
  throw Error::run("TW-RTL-003", std::to_string(accumulators->size()) +
                                     " accumulators for a tile of " +
                                     std::to_string(tile.used_columns) + " columns and " +
                                     std::to_string(tile.stream_length) + " activation vectors")
      .expected(std::to_string(expected));
}

void require_fitting(const ArrayShape& shape, const TileOperands& tile) {
  require_fitting_size(shape, tile);
  require_fitting_values(tile.weights, shape.weight_bits, "a weight");
  require_fitting_values(tile.activations, shape.activation_bits, "an activation");
}

}  // namespace

const char* to_string(MismatchKind kind) {
  switch (kind) {
    case MismatchKind::partial_sum:
      return "partial sum";
    case MismatchKind::weight:
      return "weight";
    case MismatchKind::output:
      return "output";
    case MismatchKind::accumulator:
      return "accumulator";
    case MismatchKind::cycles:
      return "cycles";
  }
  return "";
}

Lockstep::Lockstep(const ArrayShape& shape, RtlStyle style, bool double_buffered) : shape_(shape) {
  std::unique_ptr<VerilatedArray> rtl = make_verilated_array(shape, style, double_buffered);
  built_bits_ = rtl->partial_sum_bits();
  require_free_kernel();
  harness_ = std::make_unique<Harness>(harness_name, shape, double_buffered, std::move(rtl));
}

Lockstep::Lockstep(const ArrayShape& shape, RtlStyle style, const array::Gating& gating)
    : shape_(shape) {
  std::unique_ptr<GatedArray> gated;
  std::unique_ptr<VerilatedArray> plain;
  if (gating.any()) {
    gated = make_gated_array(shape, style, gating);
  } else {
    plain = make_verilated_array(shape, style);
  }
  GatedArray* const with_gates = gated.get();
  if (gated) plain = std::move(gated);
  built_bits_ = plain->partial_sum_bits();
  require_free_kernel();
  harness_ = std::make_unique<Harness>(harness_name, shape, false, std::move(plain), with_gates);
}

Lockstep::~Lockstep() = default;

std::vector<TileRecord> Lockstep::push(TileOperands operands,
                                       std::vector<std::int32_t>* accumulators) {
  TileOperands model_operands = operands;
  return checked_push(std::move(operands), std::move(model_operands), accumulators);
}

std::vector<TileRecord> Lockstep::push(TileOperands rtl_operands, TileOperands model_operands) {
  return checked_push(std::move(rtl_operands), std::move(model_operands), nullptr);
}

std::vector<TileRecord> Lockstep::checked_push(TileOperands rtl_operands,
                                               TileOperands model_operands,
                                               std::vector<std::int32_t>* accumulators) {
  require_fitting(shape_, rtl_operands);
  require_fitting(shape_, model_operands);
  require_fitting_offset(shape_, rtl_operands.partial_sum_offset, built_bits_);
  require_fitting_accumulators(rtl_operands, accumulators);
  harness_->require_offset(rtl_operands.partial_sum_offset);
  return harness_->push(std::move(rtl_operands), std::move(model_operands), accumulators);
}

std::vector<TileRecord> Lockstep::drain() { return harness_->drain(); }

TileRecord Lockstep::run(const TileOperands& rtl_operands, const TileOperands& model_operands) {
  drain();
  push(rtl_operands, model_operands);
  return std::move(harness_->drain().back());
}

std::vector<TileRecord> Lockstep::run_sequence(const std::vector<TileOperands>& tiles) {
  std::vector<TileRecord> records;
  const auto append = [&](std::vector<TileRecord> more) {
    std::move(more.begin(), more.end(), std::back_inserter(records));
  };
  for (const TileOperands& tile : tiles) append(push(tile));
  append(drain());
  return records;
}

LockstepStatistics Lockstep::finish() { return harness_->finish(); }

void Lockstep::observe(std::function<void(const LockstepCycle&)> observer) {
  harness_->observer = std::move(observer);
}

}  // namespace togglewise::systemc
