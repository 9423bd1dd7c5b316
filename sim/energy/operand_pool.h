// Operand streams that calibration puts through the gates: sampled from traces, the same for every
// weight value, so that weights are compared on equal terms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/array/tile.h"
#include "sim/array/tile_streams.h"
#include "sim/base/random.h"
#include "sim/network/traces.h"

namespace togglewise::energy {

// Consecutive cycles of PEs, one segment behind the other. A transition from one segment to the
// next is none: `counted` tells.
struct OperandStream {
  std::vector<std::int8_t> activation;    // [cycle]
  std::vector<std::int32_t> partial_sum;  // [cycle], that enters
  std::vector<std::uint8_t> counted;      // [cycle]: whether cycle → cycle + 1 is a transition
  std::size_t cycles() const { return activation.size(); }
};

// A series of consecutive transitions of one PE.
struct Segment {
  std::size_t layer = 0;
  std::size_t begin = 0;  // first cycle in the stream
  std::size_t transitions = 0;
};

struct OperandPool {
  OperandStream stream;
  std::vector<Segment> segments;
  std::uint64_t transitions = 0;
};

// Draws segments from traces: the layers in turn; in each a tile, a PE and a start, uniformly. The
// partial sums that enter are the true ones of that PE: they depend on the weights above it, not on
// its own. Any beginning of the pool has as many segments of one layer as of another.
class OperandSampler {
 public:
  OperandSampler(const array::ArrayShape& shape, const network::Traces& traces);

  // Appends segments of at most `segment_transitions` until the pool has `transitions` in all.
  void extend(std::uint64_t transitions, std::size_t segment_transitions, Random& random,
              OperandPool& pool) const;

  std::size_t layers() const { return tiles_.size(); }

 private:
  std::vector<std::vector<array::TileStreams>> tiles_;  // [layer][tile]
};

// Whether any activation of the traces is below zero.
bool has_negative_activations(const network::Traces& traces);

// Every ordered pair of activations from `lowest` to `highest`, `visits` times or more, with
// partial sums that are consecutive in the pool: covers the pairs that the pool has seldom or
// never.
OperandStream covering_stream(const OperandPool& pool, int lowest, int highest, int visits,
                              Random& random);

}  // namespace togglewise::energy
