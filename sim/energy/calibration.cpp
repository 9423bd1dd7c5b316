#include "sim/energy/calibration.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "sim/array/tile_streams.h"
#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/base/version.h"
#include "sim/energy/table_shrinkage.h"

namespace togglewise::energy {
namespace {

using array::TileStreams;

// Every tile's streams of every layer.
std::vector<std::vector<TileStreams>> all_streams(const array::ArrayShape& shape,
                                                  const network::Traces& traces) {
  std::vector<std::vector<TileStreams>> layers;
  for (const network::TracedLayer& traced : traces.layers) {
    const array::LayerActivations activations = array::lower_activations(
        traced.layer, traced.ifmaps.data(), traced.images, traces.batch_size);
    std::vector<TileStreams> tiles;
    for (const network::TileRange& range :
         network::tiles_of(traced.layer.gemm(), shape.rows, shape.columns)) {
      tiles.push_back(array::tile_streams(traced.layer, activations, range));
    }
    layers.push_back(std::move(tiles));
  }
  return layers;
}

// One PE's operands over consecutive segments; the step from one segment to the next is no
// transition.
struct SampledStream {
  std::vector<std::int8_t> activation;
  std::vector<std::int32_t> partial_sum;
  std::vector<std::size_t> segment_begin;  // first cycle of every segment, then the end
};

void append_segment(const TileStreams& tile, int row, int column, std::size_t begin,
                    std::size_t cycles, SampledStream& stream) {
  stream.segment_begin.push_back(stream.activation.size());
  for (std::size_t t = begin; t < begin + cycles; ++t) {
    std::int32_t partial_sum = 0;
    for (int r = 0; r < row; ++r) partial_sum += tile.weight(r, column) * tile.row(r)[t];
    stream.partial_sum.push_back(partial_sum);
    stream.activation.push_back(tile.row(row)[t]);
  }
}

SampledStream sample_stream(const std::vector<std::vector<TileStreams>>& layers,
                            const CalibrationParams& params, Random& random) {
  SampledStream stream;
  std::uint64_t transitions = 0;
  while (transitions < params.transitions_per_weight) {
    const std::vector<TileStreams>& tiles = layers[random.below(layers.size())];
    const TileStreams& tile = tiles[random.below(tiles.size())];
    const int row = random.between(0, tile.used_rows - 1);
    const int column = random.between(0, tile.used_columns - 1);
    const std::size_t length = std::min(params.segment_transitions, tile.cycles - 1);
    const std::size_t begin = random.below(tile.cycles - length);
    append_segment(tile, row, column, begin, length + 1, stream);
    transitions += length;
  }
  stream.segment_begin.push_back(stream.activation.size());
  return stream;
}

// Mean and its standard error over segments, weighted by their length.
void set_mean(const std::vector<std::pair<double, double>>& sum_and_count, WeightEnergy& weight) {
  double sum = 0;
  double count = 0;
  for (const auto& [s, n] : sum_and_count) {
    sum += s;
    count += n;
  }
  weight.transitions = static_cast<std::uint64_t>(count);
  weight.mean_fj = sum / count;
  double square = 0;
  for (const auto& [s, n] : sum_and_count) {
    const double residual = s - weight.mean_fj * n;
    square += residual * residual;
  }
  const auto segments = static_cast<double>(sum_and_count.size());
  weight.standard_error_fj =
      segments < 2 ? 0 : std::sqrt(square * segments / (segments - 1)) / count;
}

struct WeightSamples {
  std::vector<double> sum_fj;  // [cell]
  std::vector<std::uint64_t> count;
  double square_sum = 0;
};

WeightSamples measure_weight(const MacHardware& hardware, const TransitionGrouping& grouping,
                             int weight, const SampledStream& stream, WeightEnergy& summary) {
  WeightSamples samples{std::vector<double>(grouping.cells(), 0),
                        std::vector<std::uint64_t>(grouping.cells(), 0)};
  const std::size_t cycles = stream.activation.size();
  std::vector<float> energy(cycles - 1);
  hardware.engine().transition_energies_fj(weight, stream.activation.data(),
                                           stream.partial_sum.data(), cycles, energy.data());
  std::vector<std::pair<double, double>> segments;
  for (std::size_t s = 0; s + 1 < stream.segment_begin.size(); ++s) {
    const std::size_t begin = stream.segment_begin[s];
    const std::size_t end = stream.segment_begin[s + 1] - 1;  // transitions begin..end−1
    double sum = 0;
    for (std::size_t t = begin; t < end; ++t) {
      const double e = energy[t];
      const std::size_t cell = grouping.cell(stream.activation[t], stream.activation[t + 1],
                                             stream.partial_sum[t], stream.partial_sum[t + 1]);
      samples.sum_fj[cell] += e;
      ++samples.count[cell];
      samples.square_sum += e * e;
      sum += e;
    }
    segments.emplace_back(sum, static_cast<double>(end - begin));
  }
  set_mean(segments, summary);
  summary.share = hardware.component_shares(weight, stream.activation, stream.partial_sum);
  return samples;
}

// 1 − (variance inside the cells) / (variance over all transitions).
double r_squared(const std::vector<WeightSamples>& all) {
  double within = 0;
  double square_sum = 0;
  double sum = 0;
  double count = 0;
  for (const WeightSamples& samples : all) {
    square_sum += samples.square_sum;
    within += samples.square_sum;
    for (std::size_t i = 0; i < samples.count.size(); ++i) {
      if (samples.count[i] == 0) continue;
      const auto n = static_cast<double>(samples.count[i]);
      within -= samples.sum_fj[i] * samples.sum_fj[i] / n;
      sum += samples.sum_fj[i];
      count += n;
    }
  }
  return 1 - within / (square_sum - sum * sum / count);
}

}  // namespace

EnergyTables calibrate(const MacHardware& hardware, const network::Traces& traces,
                       const CalibrationParams& params, const ProgressFunction& progress) {
  const config::HardwareConfig& config = hardware.config();
  EnergyTables tables;
  tables.tool_version = kVersion;
  tables.hardware_name = config.name;
  tables.hardware_key = hardware.key();
  tables.timing = hardware.engine().timing();
  tables.traces_hash = traces.model_hash;
  tables.seed = params.seed;
  tables.weight_bits = config.array.weight_bits;
  tables.activation_bits = config.array.activation_bits;
  tables.partial_sum_bits = config.array.partial_sum_bits;
  tables.grouping_name = config.energy.grouping;
  tables.grouping =
      make_grouping(config.energy.grouping, tables.activation_bits, tables.partial_sum_bits);

  const auto streams = all_streams(hardware.shape(), traces);
  const int low = -(1 << (tables.weight_bits - 1));
  const auto values = static_cast<std::size_t>(1) << tables.weight_bits;
  std::vector<WeightSamples> samples(values);
  std::atomic<std::uint64_t> done{0};
  parallel_for(values, params.threads, [&](std::size_t i) {
    const int weight = low + static_cast<int>(i);
    Random random(params.seed * 1000003 + i);
    const SampledStream stream = sample_stream(streams, params, random);
    samples[i] = measure_weight(hardware, *tables.grouping, weight, stream,
                                tables.weights[weight_index(weight)]);
    progress("gate-level energy per weight value", ++done, values);
  });

  tables.r_squared = r_squared(samples);
  const std::size_t cells = tables.cells();
  tables.samples.assign(kWeightValues * cells, 0);
  std::vector<double> sum_fj(kWeightValues * cells, 0);
  for (std::size_t i = 0; i < values; ++i) {
    const std::size_t first = weight_index(low + static_cast<int>(i)) * cells;
    std::copy(samples[i].count.begin(), samples[i].count.end(),
              tables.samples.begin() + static_cast<std::ptrdiff_t>(first));
    std::copy(samples[i].sum_fj.begin(), samples[i].sum_fj.end(),
              sum_fj.begin() + static_cast<std::ptrdiff_t>(first));
  }
  tables.energy_fj = shrunk_means(*tables.grouping, sum_fj, tables.samples, params.prior_strength);
  return tables;
}

}  // namespace togglewise::energy
