#include "sim/energy/image_sample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "sim/array/toggle_engine.h"
#include "sim/base/random.h"
#include "sim/gate/bit_planes.h"
#include "sim/network/tiling.h"

namespace togglewise::energy {
namespace {

constexpr std::size_t kGateBatches = 8;
constexpr std::size_t kSampledPes = 8;
// Where a batch is far shorter than a block of the gate engine, the batches of a PE go through the
// gates together, transition by transition, and more PEs can be afforded.
constexpr std::size_t kShortBatch = 40;  // transitions
constexpr std::size_t kSampledPesOfShortBatches = 128;
// Beyond these a factor is one of too few images.
constexpr double kLeastFactor = 0.5;
constexpr double kMostFactor = 2;
constexpr std::uint64_t kSeed = 0x696d61676573;

// `count` of 0 … total−1, ascending: one from each of as many stretches.
std::vector<std::size_t> stratified(std::size_t count, std::size_t total, Random& random) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * total / count;
    const std::size_t end = (i + 1) * total / count;
    chosen.push_back(begin + random.below(end - begin));
  }
  return chosen;
}

template <typename Value>
double toggles(const Value* values, std::size_t transitions, std::uint32_t mask) {
  std::uint64_t sum = 0;
  for (std::size_t t = 0; t < transitions; ++t) {
    const auto changed = static_cast<std::uint32_t>(values[t] ^ values[t + 1]);
    sum += static_cast<std::uint64_t>(__builtin_popcount(changed & mask));
  }
  return static_cast<double>(sum);
}

std::uint32_t low_bits(int bits) {
  return bits >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << bits) - 1;
}

// One batch of a tile.
array::TileStreams window_of(const array::TileStreams& streams, std::size_t first,
                             std::size_t cycles) {
  array::TileStreams window;
  window.used_rows = streams.used_rows;
  window.used_columns = streams.used_columns;
  window.first_row = streams.first_row;
  window.partial_sum_offset = streams.partial_sum_offset;
  window.batches = 1;
  window.stream_length = streams.stream_length;
  window.cycles = cycles;
  window.weights = streams.weights;
  window.activations.reserve(static_cast<std::size_t>(streams.used_rows) * cycles);
  for (int r = 0; r < streams.used_rows; ++r) {
    const std::int8_t* begin = streams.row(r) + first;
    window.activations.insert(window.activations.end(), begin, begin + cycles);
  }
  return window;
}

}  // namespace

BatchActivity& BatchActivity::operator+=(const BatchActivity& other) {
  toggles += other.toggles;
  pe_energy_fj += other.pe_energy_fj;
  pe_partial_sum_toggles += other.pe_partial_sum_toggles;
  pe_activation_toggles += other.pe_activation_toggles;
  idle_row_energy_fj += other.idle_row_energy_fj;
  idle_row_toggles += other.idle_row_toggles;
  return *this;
}

ImageSample& ImageSample::operator+=(const ImageSample& other) {
  if (batches.empty()) batches.resize(other.batches.size());
  for (std::size_t i = 0; i < other.batches.size(); ++i) batches[i] += other.batches[i];
  return *this;
}

ImageSampler::ImageSampler(const MacHardware& hardware, const network::GemmLayer& layer, int images,
                           int batch_size)
    : hardware_(hardware),
      transitions_(static_cast<std::size_t>(layer.gemm().output_pixels) *
                       static_cast<std::size_t>(batch_size) +
                   1) {
  const int all = images / batch_size;
  if (all < 2) return;
  const auto count = static_cast<std::size_t>(std::min(all, kSampledBatches));
  const bool short_batches = transitions_ < kShortBatch;
  const std::size_t gate_batches = short_batches ? count : std::min(count, kGateBatches);
  for (std::size_t i = 0; i < count; ++i) {
    batches_.push_back(static_cast<int>(i * static_cast<std::size_t>(all) / count));
    through_gates_.push_back((i + 1) * gate_batches / count > i * gate_batches / count);
  }
  const array::ArrayShape shape = hardware.shape();
  const auto tiles = network::tiles_of(layer.gemm(), shape.rows, shape.columns);
  std::vector<std::pair<std::size_t, int>> places;  // (tile, column)
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    for (int c = 0; c < tiles[t].columns(); ++c) places.emplace_back(t, c);
  }
  const std::size_t pes = short_batches ? kSampledPesOfShortBatches : kSampledPes;
  Random random(kSeed);
  for (const std::size_t place : stratified(std::min(pes, places.size()), places.size(), random)) {
    const auto [tile, column] = places[place];
    columns_.push_back({tile, column, random.between(0, tiles[tile].rows() - 1)});
  }
}

// Long batches one by one: the gate engine counts toggles of a whole stream. Short ones together:
// the engine gives each transition's energy.
std::vector<ImageSampler::Piece> ImageSampler::pieces_of(const array::TileStreams& streams,
                                                         int first_batch) const {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const int batch = batches_[i] - first_batch;
    if (!through_gates_[i] || batch < 0 || batch >= streams.batches) continue;
    if (pieces.empty() || transitions_ >= kShortBatch) pieces.emplace_back();
    pieces.back().samples.push_back(i);
    pieces.back().windows.push_back(static_cast<std::size_t>(batch) * transitions_);
  }
  return pieces;
}

void ImageSampler::add(std::size_t tile, const array::TileStreams& streams, int first_batch,
                       ImageSample& sample) const {
  sample.batches.resize(batches_.size());
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const int batch = batches_[i] - first_batch;
    if (batch < 0 || batch >= streams.batches) continue;
    const std::size_t first = static_cast<std::size_t>(batch) * transitions_;
    sample.batches[i].toggles +=
        array::count_toggles(hardware_.shape(), window_of(streams, first, transitions_ + 1));
  }
  const std::vector<Piece> pieces = pieces_of(streams, first_batch);
  for (const Column& column : columns_) {
    if (column.tile != tile) continue;
    for (const Piece& piece : pieces) add_column(column, streams, piece, sample);
  }
}

void ImageSampler::add_column(const Column& column, const array::TileStreams& streams,
                              const Piece& piece, ImageSample& sample) const {
  const array::ArrayShape shape = hardware_.shape();
  const std::size_t cycles = piece.windows.size() * transitions_ + 1;  // a zero is shared
  std::vector<std::int8_t> activation(cycles, 0);
  std::vector<std::int32_t> partial_sum(cycles, streams.partial_sum_offset);
  const bool idle_rows = streams.rows_below(shape.rows) > 0;
  const auto add_toggles = [&](const auto& values, int bits, double BatchActivity::*member) {
    for (std::size_t i = 0; i < piece.windows.size(); ++i) {
      sample.batches[piece.samples[i]].*member +=
          toggles(values.data() + i * transitions_, transitions_, low_bits(bits));
    }
  };
  for (int r = 0; r < (idle_rows ? streams.used_rows : column.row + 1); ++r) {
    for (std::size_t i = 0; i < piece.windows.size(); ++i) {
      std::copy_n(streams.row(r) + piece.windows[i], transitions_,
                  activation.begin() + static_cast<std::ptrdiff_t>(i * transitions_));
    }
    const int weight = streams.weight(r, column.column);
    if (r == column.row) {
      add_energy(weight, activation, partial_sum, piece, &BatchActivity::pe_energy_fj, sample);
    }
    for (std::size_t t = 0; t < cycles; ++t) partial_sum[t] += weight * activation[t];
    if (r == column.row) {
      add_toggles(activation, shape.activation_bits, &BatchActivity::pe_activation_toggles);
      add_toggles(partial_sum, shape.partial_sum_bits, &BatchActivity::pe_partial_sum_toggles);
    }
  }
  if (!idle_rows) return;
  std::fill(activation.begin(), activation.end(), std::int8_t{0});
  add_energy(0, activation, partial_sum, piece, &BatchActivity::idle_row_energy_fj, sample);
  add_toggles(partial_sum, shape.partial_sum_bits, &BatchActivity::idle_row_toggles);
}

void ImageSampler::add_energy(int weight, const std::vector<std::int8_t>& activation,
                              const std::vector<std::int32_t>& partial_sum, const Piece& piece,
                              double BatchActivity::*member, ImageSample& sample) const {
  const gate::MacEngine& engine = hardware_.engine();
  if (transitions_ >= kShortBatch) {
    const array::ArrayShape shape = hardware_.shape();
    const gate::TimeOrder order = engine.time_order();
    gate::ToggleTally tally = engine.make_tally();
    gate::BitPlanes out;
    engine.run(weight, gate::BitPlanes::from_int8(activation, shape.activation_bits, order),
               gate::BitPlanes::from_int32(partial_sum, shape.partial_sum_bits, order), out, tally);
    sample.batches[piece.samples[0]].*member += engine.weight_energy_fj(tally, weight);
    return;
  }
  std::vector<float> energy_fj(activation.size() - 1);
  engine.transition_energies_fj(weight, activation.data(), partial_sum.data(), activation.size(),
                                energy_fj.data());
  for (std::size_t t = 0; t < energy_fj.size(); ++t) {
    sample.batches[piece.samples[t / transitions_]].*member += static_cast<double>(energy_fj[t]);
  }
}

namespace {

std::vector<double> relative(std::vector<double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  for (double& value : values) {
    value = sum > 0 ? value * static_cast<double>(values.size()) / sum : 1;
  }
  return values;
}

// The parts of MAC dynamic energy that follow the partial sums and the activations.
struct Shares {
  double partial_sums = 0.5;
  double activations = 0.5;

  explicit Shares(const EnergyBreakdown& mean) {
    const double mac_fj = mean.mac_dynamic_fj();
    if (mac_fj <= 0) return;
    partial_sums =
        (mean.adder_fj + mean.partial_sum_register_fj + 0.5 * mean.pin_loads_fj) / mac_fj;
    activations = 1 - partial_sums;
  }
  std::vector<double> of(const std::vector<double>& partial_sum_toggles,
                         const std::vector<double>& activation_toggles) const {
    const std::vector<double> p = relative(partial_sum_toggles);
    std::vector<double> result = relative(activation_toggles);
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = partial_sums * p[i] + activations * result[i];
    }
    return result;
  }
};

// Of the spreads of energies and of what toggles let one expect, both relative to their means.
double spread_factor(const std::vector<double>& energies_fj, const std::vector<double>& expected) {
  const std::vector<double> energies = relative(energies_fj);
  double of_energies = 0;
  double of_expected = 0;
  for (std::size_t i = 0; i < energies.size(); ++i) {
    of_energies += (energies[i] - 1) * (energies[i] - 1);
    of_expected += (expected[i] - 1) * (expected[i] - 1);
  }
  if (of_expected <= 0) return 1;
  return std::clamp(std::sqrt(of_energies / of_expected), kLeastFactor, kMostFactor);
}

// The batches that went through the gates.
std::vector<double> sampled(const ImageSample& sample, double BatchActivity::*member) {
  std::vector<double> values;
  for (const BatchActivity& batch : sample.batches) {
    if (batch.pe_activation_toggles + batch.pe_partial_sum_toggles > 0) {
      values.push_back(batch.*member);
    }
  }
  return values;
}

template <typename Member>
std::vector<double> each(const ImageSample& sample, const Member& member) {
  std::vector<double> values;
  for (const BatchActivity& batch : sample.batches) {
    values.push_back(static_cast<double>(member(batch.toggles)));
  }
  return relative(values);
}

}  // namespace

ImageEnergies image_energies(const ImageSample& sample, const EnergyBreakdown& mean) {
  using Toggles = array::ToggleCounts;
  const Shares shares(mean);
  const double factor =
      spread_factor(sampled(sample, &BatchActivity::pe_energy_fj),
                    shares.of(sampled(sample, &BatchActivity::pe_partial_sum_toggles),
                              sampled(sample, &BatchActivity::pe_activation_toggles)));
  const double idle_factor =
      spread_factor(sampled(sample, &BatchActivity::idle_row_energy_fj),
                    relative(sampled(sample, &BatchActivity::idle_row_toggles)));
  const std::vector<double> macs =
      shares.of(each(sample, [](const Toggles& t) { return t.partial_sum.active; }),
                each(sample, [](const Toggles& t) { return t.activation.active; }));
  const auto idle_columns =
      each(sample, [](const Toggles& t) { return t.activation.idle_columns; });
  const auto idle_rows = each(sample, [](const Toggles& t) { return t.partial_sum.idle_rows; });
  const auto skew = each(sample, [](const Toggles& t) { return t.skew; });
  const auto deskew = each(sample, [](const Toggles& t) { return t.deskew; });
  ImageEnergies energies;
  for (std::size_t i = 0; i < macs.size(); ++i) {
    const double mac_fj = mean.mac_dynamic_fj() * (1 + factor * (macs[i] - 1));
    energies.mac_dynamic_fj.push_back(mac_fj);
    energies.dynamic_fj.push_back(
        mac_fj + mean.weight_load_fj + mean.idle_columns_fj * idle_columns[i] +
        mean.idle_rows_fj * (1 + idle_factor * (idle_rows[i] - 1)) + mean.skew_fj * skew[i] +
        (mean.deskew_fj + mean.accumulator_fj) * deskew[i] + mean.gating_fj * macs[i]);
  }
  return energies;
}

}  // namespace togglewise::energy
