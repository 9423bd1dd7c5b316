#include "sim/cli/validation.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/array/clock_counter.h"
#include "sim/array/cycle_model.h"
#include "sim/array/toggle_engine.h"
#include "sim/array/toggle_sequence.h"
#include "sim/array/weight_chain.h"
#include "sim/base/parallel.h"
#include "sim/energy/array_overhead.h"
#include "sim/energy/image_chunks.h"
#include "sim/energy/layer_measurement.h"
#include "sim/network/inference.h"

namespace togglewise::cli {
namespace {

using array::TileOperands;

// What the RTL saw of one layer in a chunk of images: [tile][batch].
using RecordedTiles = std::vector<std::vector<TileOperands>>;

std::uint64_t differences(const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b) {
  std::uint64_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

// The RTL has no memories: its cycles are those without stalls.
config::HardwareConfig without_memories(config::HardwareConfig config) {
  config.memories = {};
  return config;
}

// Networks are sequences of their own, one behind the other.
void add_to(systemc::LockstepStatistics& sum, const systemc::LockstepStatistics& network) {
  sum.cycles += network.cycles;
  sum.partial_sum_comparisons += network.partial_sum_comparisons;
  sum.weight_comparisons += network.weight_comparisons;
  sum.output_comparisons += network.output_comparisons;
  sum.accumulator_comparisons += network.accumulator_comparisons;
  sum.mismatches += network.mismatches;
  if (!sum.first_mismatch) sum.first_mismatch = network.first_mismatch;
  sum.toggles += network.toggles;
  sum.clocks += network.clocks;
}

// Toggles depend on what registers still held before a layer; which registers are clocked does not.
array::ClockCounts without_toggles(array::ClockCounts clocks) {
  clocks.activation_toggles = clocks.skew_toggles = clocks.port_toggles = 0;
  clocks.flag_toggles = clocks.skew_flag_toggles = clocks.deskew_flag_toggles = 0;
  return clocks;
}

systemc::Lockstep make_lockstep(const array::ArrayShape& shape, systemc::RtlStyle style,
                                const config::HardwareConfig& config) {
  if (config.gating.any()) return {shape, style, config.gating};
  return {shape, style, config.array.double_buffered_weights};
}

// The toggle engine's and the cycle model's view of what the RTL is given.
class Expectation {
 public:
  explicit Expectation(const energy::MacHardware& hardware)
      : config_(without_memories(hardware.config())), shape_(hardware.shape()), chain_(shape_) {}

  void begin_network() { chain_ = array::WeightChain(shape_); }

  void begin_layer(const network::TracedLayer& traced, int batch_size) {
    cycles +=
        array::layer_cycles(config_, array::shape_of(traced.layer, batch_size, traced.mapping))
            .cycles;
    sequence_.emplace(shape_, config_.array.double_buffered_weights);
    layer_tiles_.clear();
  }

  void add_tile(const TileOperands& operands) {
    const array::TileStreams streams = array::to_streams(operands);
    toggles += array::count_toggles(shape_, streams);
    toggles += chain_.load(operands.first_row, operands.used_rows, operands.used_columns,
                           operands.weights);
    sequence_->add(streams, toggles);
    if (config_.gating.any()) layer_tiles_.push_back(operands);
  }

  // A layer's tiles follow one another; the array is at rest between two layers.
  void end_layer() {
    clocks += without_toggles(array::clock_counts(shape_, config_.gating, layer_tiles_));
  }

  array::ToggleCounts toggles;
  array::ClockCounts clocks;
  std::uint64_t cycles = 0;

 private:
  config::HardwareConfig config_;
  array::ArrayShape shape_;
  array::WeightChain chain_;
  std::optional<array::TileSequence> sequence_;  // of the layer
  std::vector<TileOperands> layer_tiles_;        // kept with gated clocks only
};

class Validator {
 public:
  Validator(const energy::MacHardware& hardware, const ValidationParams& params)
      : hardware_(hardware),
        params_(params),
        shape_(hardware.shape()),
        lockstep_(make_lockstep(shape_, params.style, hardware.config())),
        expectation_(hardware) {
    if (hardware.gating()) gating_ = energy::GatingSets({hardware.gating()});
    if (params.waves) {
      const WavePlan& plan = *params.waves;
      waves_ = std::make_unique<systemc::WaveTrace>(plan.params, plan.array, plan.stream_length,
                                                    plan.waiting_cycles);
    }
  }

  NetworkValidation run(const network::QuantizedNetwork& network,
                        const std::vector<network::LayerMapping>& mapping,
                        const network::Dataset& dataset, const std::vector<std::size_t>& indices,
                        const std::string& label, const ProgressFunction& progress) {
    NetworkValidation result;
    expectation_.begin_network();
    network::Traces traces =
        network::trace_network(network, dataset, indices, "validation", params_.threads);
    traces.batch_size = params_.batch_size;
    for (std::size_t l = 0; l < mapping.size(); ++l) traces.layers.at(l).mapping = mapping[l];
    const network::IntegerInference inference(network);
    const int images = static_cast<int>(indices.size());
    std::vector<energy::LayerMeasurement> measurements(
        traces.layers.size(),
        energy::LayerMeasurement(hardware_, energy::Fidelity::gate, {}, gating_));
    for (const energy::ImageChunk& chunk : energy::image_chunks(images, params_.batch_size)) {
      std::vector<RecordedTiles> recorded(traces.layers.size());
      for (int first = chunk.first; first < chunk.first + chunk.count;
           first += params_.batch_size) {
        const std::vector<Accumulators> expected =
            infer_batch(inference, dataset, indices, first, result);
        for (std::size_t l = 0; l < traces.layers.size(); ++l)
          run_layer(traces.layers[l], first, expected[l], recorded[l], result);
        progress(label, static_cast<std::uint64_t>(first + params_.batch_size), indices.size());
      }
      for (std::size_t l = 0; l < recorded.size(); ++l) {
        measurements[l] += measure(traces.layers[l], recorded[l],
                                   energy::weights_before_layer(hardware_, traces, l),
                                   energy::place_before_layer(hardware_, traces, l),
                                   l == 0 && chunk.first == 0, chunk.first, images);
      }
    }
    add_to(lockstep_statistics_, lockstep_.finish());
    const auto loading = energy::weight_loading(hardware_, traces, images, gating_);
    result.gate.fidelity = energy::Fidelity::gate;
    result.gate.timing = hardware_.engine().timing();
    result.gate.images = images;
    result.gate.batch_size = params_.batch_size;
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      result.gate.layers.push_back(
          energy::finish_layer(hardware_, traces.layers[l], energy::Fidelity::gate, nullptr,
                               measurements[l], loading[l], images, params_.batch_size));
      if (gating_.empty()) continue;
      energy::LayerEnergy& layer = result.gate.layers.back();
      layer =
          energy::finish_gated_layer(hardware_, energy::Fidelity::gate, nullptr, measurements[l],
                                     loading[l], gating_, 0, images, params_.batch_size, layer);
    }
    return result;
  }

  // The waves are those of the next network's first batch.
  void arm_waves() { waves_armed_ = waves_ != nullptr; }

  void finish(Validation& validation) {
    validation.lockstep = lockstep_statistics_;
    validation.engine_toggles = expectation_.toggles;
    validation.model_cycles = expectation_.cycles;
    validation.gated = hardware_.config().gating.any();
    validation.model_clocks = expectation_.clocks;
  }

 private:
  // Of one layer, image by image: [output channel][output pixel].
  using Accumulators = std::vector<std::vector<std::int32_t>>;

  // Integer inference of a batch: the accumulators of each layer.
  std::vector<Accumulators> infer_batch(const network::IntegerInference& inference,
                                        const network::Dataset& dataset,
                                        const std::vector<std::size_t>& indices, int first,
                                        NetworkValidation& result) {
    std::vector<Accumulators> expected;
    for (int image = first; image < first + params_.batch_size; ++image) {
      const std::size_t index = indices[static_cast<std::size_t>(image)];
      std::size_t l = 0;
      const std::vector<double> logits =
          inference.logits(dataset.image(index), [&](const network::LayerTrace& layer) {
            if (l == expected.size()) expected.emplace_back();
            expected[l++].push_back(layer.accumulators);
          });
      const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
      result.correct += best == dataset.labels[index] ? 1 : 0;
    }
    return expected;
  }

  // The accumulators of a column block, as the RTL leaves them.
  struct ColumnBlock {
    const network::MappedTile* tile = nullptr;  // its first one
    std::vector<std::int32_t> sums;             // [vector][column]
  };

  // One batch through one layer's tiles, and its accumulators against `expected`.
  void run_layer(const network::TracedLayer& traced, int first, const Accumulators& expected,
                 RecordedTiles& recorded, NetworkValidation& result) {
    const network::GemmLayer& layer = traced.layer;
    const array::LayerActivations activations =
        energy::lower_chunk(traced, {first, params_.batch_size}, params_.batch_size);
    const std::vector<network::MappedTile> tiles =
        network::mapped_tiles(layer.gemm(), traced.mapping, shape_.rows, shape_.columns);
    recorded.resize(tiles.size());
    expectation_.begin_layer(traced, params_.batch_size);
    const bool traced_layer = waves_armed_ && layer.name == params_.waves->layer_name;

    std::deque<ColumnBlock> blocks;  // the RTL's accumulators are written into them later
    std::deque<std::pair<std::size_t, TileOperands>> pending;  // records come later than pushes
    const auto take = [&](std::vector<systemc::TileRecord> records) {
      for (systemc::TileRecord& record : records) {
        const auto [t, operands] = std::move(pending.front());
        pending.pop_front();
        result.operands_compared += operands.weights.size() + operands.activations.size();
        result.operand_mismatches += differences(record.seen.weights, operands.weights) +
                                     differences(record.seen.activations, operands.activations);
        recorded[t].push_back(std::move(record.seen));
      }
    };
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      TileOperands operands = array::tile_operands(layer, activations, 0, tiles[t]);
      expectation_.add_tile(operands);
      pending.emplace_back(t, operands);
      if (tiles[t].starts_block) blocks.push_back(begin_block(tiles[t], operands.stream_length));
      if (traced_layer && t == params_.waves->tile) {
        lockstep_.observe([&](const systemc::LockstepCycle& cycle) { waves_->record(cycle); });
      }
      take(lockstep_.push(std::move(operands), &blocks.back().sums));
    }
    take(lockstep_.drain());
    expectation_.end_layer();
    if (traced_layer) finish_waves();
    compare(accumulators_of(traced, blocks, expected), expected, result);
  }

  static ColumnBlock begin_block(const network::MappedTile& tile, int stream_length) {
    ColumnBlock block{&tile, {}};
    for (int m = 0; m < stream_length; ++m) {
      block.sums.insert(block.sums.end(), tile.accumulator_start.begin(),
                        tile.accumulator_start.end());
    }
    return block;
  }

  // Vectors and columns back in the order of pixels and channels, in the form of `expected`.
  static Accumulators accumulators_of(const network::TracedLayer& traced,
                                      const std::deque<ColumnBlock>& blocks,
                                      const Accumulators& expected) {
    const network::GemmShape gemm = traced.layer.gemm();
    const std::vector<std::uint32_t> pixels =
        traced.mapping.pixel_order.pixels(traced.layer.output.height, traced.layer.output.width);
    Accumulators accumulators(expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) accumulators[i].resize(expected[i].size());
    for (const ColumnBlock& block : blocks) {
      const std::vector<int>& channels = block.tile->channels;
      const int first_channel = block.tile->range.group * gemm.output_channels;
      const std::int32_t* sum = block.sums.data();
      for (std::vector<std::int32_t>& image : accumulators) {
        for (const std::uint32_t pixel : pixels) {
          for (const int channel : channels) {
            image[static_cast<std::size_t>(first_channel + channel) * pixels.size() + pixel] =
                *sum++;
          }
        }
      }
    }
    return accumulators;
  }

  static void compare(const Accumulators& accumulators, const Accumulators& expected,
                      NetworkValidation& result) {
    for (std::size_t image = 0; image < expected.size(); ++image) {
      result.outputs_compared += expected[image].size();
      for (std::size_t i = 0; i < expected[image].size(); ++i)
        result.output_mismatches += accumulators[image][i] == expected[image][i] ? 0 : 1;
    }
  }

  void finish_waves() {
    lockstep_.observe({});
    waves_->commit();
    waves_armed_ = false;
  }

  energy::LayerMeasurement measure(const network::TracedLayer& traced, const RecordedTiles& tiles,
                                   energy::ArrayWeights weights_before,
                                   const array::ClockCounter::Place& place_before, bool first_batch,
                                   int first_image, int images) const {
    energy::LayerMeasurement sum(hardware_, energy::Fidelity::gate, {}, gating_);
    energy::TileMeasurement measurement(hardware_, energy::Fidelity::gate, nullptr,
                                        std::move(weights_before), first_batch, !gating_.empty());
    const std::size_t batches = tiles.empty() ? 0 : tiles[0].size();
    energy::GatingMeasurement gated(shape_, gating_, place_before, batches - (first_batch ? 1 : 0));
    const std::vector<network::MappedTile> mapped =
        network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape_.rows, shape_.columns);
    const energy::ImageSampler sampler(hardware_, traced.layer, images, params_.batch_size);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const array::TileStreams streams = array::to_streams(tiles[t]);
      measurement.add(mapped[t], 0, streams, params_.threads, sum);
      if (!gating_.empty()) gated.add(streams, sum.gating);
      sampler.add(mapped[t].index, streams, first_image / params_.batch_size, sum.image_sample);
    }
    return sum;
  }

  const energy::MacHardware& hardware_;
  energy::GatingSets gating_;  // the hardware's own set, or none
  ValidationParams params_;
  array::ArrayShape shape_;
  systemc::Lockstep lockstep_;
  systemc::LockstepStatistics lockstep_statistics_;  // of the networks that have run
  Expectation expectation_;
  std::unique_ptr<systemc::WaveTrace> waves_;
  bool waves_armed_ = false;
};

}  // namespace

bool Validation::toggles_equal() const {
  array::ToggleCounts rtl = lockstep.toggles;
  if (gated) {
    rtl.activation = engine_toggles.activation;
    rtl.skew = engine_toggles.skew;
  }
  return rtl == engine_toggles;
}

bool Validation::clocks_equal() const {
  return !gated || without_toggles(lockstep.clocks) == model_clocks;
}

bool Validation::passed() const {
  bool networks_agree = true;
  for (const NetworkValidation& network : networks) {
    networks_agree =
        networks_agree && network.operand_mismatches == 0 && network.output_mismatches == 0;
  }
  return networks_agree && lockstep.mismatches == 0 && toggles_equal() && clocks_equal() &&
         lockstep.cycles == model_cycles;
}

Validation validate(const energy::MacHardware& hardware,
                    const std::vector<const network::QuantizedNetwork*>& networks,
                    const network::Dataset& dataset, const std::vector<std::size_t>& indices,
                    const ValidationParams& params, const ProgressFunction& progress) {
  energy::require_whole_batches(static_cast<int>(indices.size()), params.batch_size);
  Validation validation;
  Validator validator(hardware, params);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const std::string label =
        fmt::format("RTL and SystemC in lockstep, network {} of {}", i + 1, networks.size());
    if (i + 1 == networks.size()) validator.arm_waves();
    const std::vector<network::LayerMapping> mapping =
        i < params.mappings.size() ? params.mappings[i] : std::vector<network::LayerMapping>();
    validation.networks.push_back(
        validator.run(*networks[i], mapping, dataset, indices, label, progress));
  }
  validator.finish(validation);
  return validation;
}

}  // namespace togglewise::cli
