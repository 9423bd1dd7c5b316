#include "sim/energy/operand_pool.h"

#include <algorithm>
#include <utility>

namespace togglewise::energy {
namespace {

void append(OperandStream& stream, std::int8_t activation, std::int32_t partial_sum, bool counted) {
  stream.activation.push_back(activation);
  stream.partial_sum.push_back(partial_sum);
  stream.counted.push_back(counted ? 1 : 0);
}

std::int32_t partial_sum_into(const array::TileStreams& tile, int row, int column, std::size_t t) {
  std::int32_t sum = 0;
  for (int r = 0; r < row; ++r) sum += tile.weight(r, column) * tile.row(r)[t];
  return sum;
}

// A walk over the complete graph of the values, loops included: for each value i itself, then to
// every higher value and back. Every ordered pair is a step of it.
std::vector<std::int8_t> walk_over_pairs(int lowest, int highest) {
  std::vector<std::int8_t> walk;
  for (int i = lowest; i <= highest; ++i) {
    walk.push_back(static_cast<std::int8_t>(i));
    walk.push_back(static_cast<std::int8_t>(i));
    for (int j = i + 1; j <= highest; ++j) {
      walk.push_back(static_cast<std::int8_t>(j));
      walk.push_back(static_cast<std::int8_t>(i));
    }
  }
  return walk;
}

}  // namespace

OperandSampler::OperandSampler(const array::ArrayShape& shape, const network::Traces& traces) {
  for (const network::TracedLayer& traced : traces.layers) {
    const array::LayerActivations activations =
        array::lower_activations(traced.layer, traced.ifmaps.data(), traced.images,
                                 traces.batch_size, traced.mapping.pixel_order);
    std::vector<array::TileStreams> tiles;
    for (const network::MappedTile& tile :
         network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns)) {
      tiles.push_back(array::tile_streams(traced.layer, activations, tile));
    }
    tiles_.push_back(std::move(tiles));
  }
}

void OperandSampler::extend(std::uint64_t transitions, std::size_t segment_transitions,
                            Random& random, OperandPool& pool) const {
  while (pool.transitions < transitions) {
    const std::size_t layer = pool.segments.size() % tiles_.size();
    const array::TileStreams& tile = tiles_[layer][random.below(tiles_[layer].size())];
    const int row = random.between(0, tile.used_rows - 1);
    const int column = random.between(0, tile.used_columns - 1);
    const std::size_t length = std::min(segment_transitions, tile.cycles - 1);
    const std::size_t begin = random.below(tile.cycles - length);
    pool.segments.push_back({layer, pool.stream.cycles(), length});
    for (std::size_t t = begin; t <= begin + length; ++t) {
      append(pool.stream, tile.row(row)[t], partial_sum_into(tile, row, column, t),
             t < begin + length);
    }
    pool.transitions += length;
  }
}

bool has_negative_activations(const network::Traces& traces) {
  return std::any_of(
      traces.layers.begin(), traces.layers.end(), [](const network::TracedLayer& layer) {
        return std::any_of(layer.ifmaps.begin(), layer.ifmaps.end(), [](int a) { return a < 0; });
      });
}

OperandStream covering_stream(const OperandPool& pool, int lowest, int highest, int visits,
                              Random& random) {
  const std::vector<std::int8_t> walk = walk_over_pairs(lowest, highest);
  OperandStream stream;
  std::size_t left = 0;  // steps until the partial sums of this segment end
  std::size_t source = 0;
  for (int visit = 0; visit < visits; ++visit) {
    for (const std::int8_t a : walk) {
      if (left == 0) {
        // The walk goes on from where it is, with the first partial sum of another segment.
        const Segment& segment = pool.segments[random.below(pool.segments.size())];
        source = segment.begin;
        left = segment.transitions;
        if (stream.cycles() > 0) stream.counted.back() = 0;
        const std::int8_t last = stream.cycles() > 0 ? stream.activation.back() : a;
        append(stream, last, pool.stream.partial_sum[source], true);
      }
      ++source;
      --left;
      append(stream, a, pool.stream.partial_sum[source], true);
    }
  }
  if (!stream.counted.empty()) stream.counted.back() = 0;
  return stream;
}

}  // namespace togglewise::energy
