#include "sim/cli/validation.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

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

// The toggle engine's and the cycle model's view of what the RTL is given.
class Expectation {
 public:
  explicit Expectation(const energy::MacHardware& hardware)
      : config_(without_memories(hardware.config())), shape_(hardware.shape()), chain_(shape_) {}

  void begin_layer(const network::GemmLayer& layer, int batch_size) {
    cycles += array::layer_cycles(config_, array::shape_of(layer, batch_size)).cycles;
    sequence_.emplace(shape_, config_.array.double_buffered_weights);
  }

  void add_tile(const TileOperands& operands) {
    const array::TileStreams streams = array::to_streams(operands);
    toggles += array::count_toggles(shape_, streams);
    toggles += chain_.load(operands.first_row, operands.used_rows, operands.used_columns,
                           operands.weights);
    sequence_->add(streams, toggles);
  }

  array::ToggleCounts toggles;
  std::uint64_t cycles = 0;

 private:
  config::HardwareConfig config_;
  array::ArrayShape shape_;
  array::WeightChain chain_;
  std::optional<array::TileSequence> sequence_;  // of the layer
};

class Validator {
 public:
  Validator(const energy::MacHardware& hardware, const ValidationParams& params)
      : hardware_(hardware),
        params_(params),
        shape_(hardware.shape()),
        lockstep_(shape_, params.style, hardware.config().array.double_buffered_weights),
        expectation_(hardware) {
    if (params.waves) {
      const WavePlan& plan = *params.waves;
      waves_ = std::make_unique<systemc::WaveTrace>(plan.params, plan.array, plan.stream_length,
                                                    plan.waiting_cycles);
    }
  }

  NetworkValidation run(const network::QuantizedNetwork& network, const network::Dataset& dataset,
                        const std::vector<std::size_t>& indices, const std::string& label,
                        const ProgressFunction& progress) {
    NetworkValidation result;
    network::Traces traces =
        network::trace_network(network, dataset, indices, "validation", params_.threads);
    traces.batch_size = params_.batch_size;
    const network::IntegerInference inference(network);
    const int images = static_cast<int>(indices.size());
    std::vector<energy::LayerMeasurement> measurements(
        traces.layers.size(), energy::LayerMeasurement(hardware_, energy::Fidelity::gate, {}));
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
                                   l == 0 && chunk.first == 0, chunk.first, images);
      }
    }
    const auto loading = energy::weight_loading(hardware_, traces, images);
    result.gate.fidelity = energy::Fidelity::gate;
    result.gate.timing = hardware_.engine().timing();
    result.gate.images = images;
    result.gate.batch_size = params_.batch_size;
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      result.gate.layers.push_back(
          energy::finish_layer(hardware_, traces.layers[l], energy::Fidelity::gate, nullptr,
                               measurements[l], loading[l], images, params_.batch_size));
    }
    return result;
  }

  // The waves are those of the next network's first batch.
  void arm_waves() { waves_armed_ = waves_ != nullptr; }

  void finish(Validation& validation) {
    validation.lockstep = lockstep_.finish();
    validation.engine_toggles = expectation_.toggles;
    validation.model_cycles = expectation_.cycles;
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

  // One batch through one layer's tiles, and its accumulators against `expected`.
  void run_layer(const network::TracedLayer& traced, int first, const Accumulators& expected,
                 RecordedTiles& recorded, NetworkValidation& result) {
    const network::GemmLayer& layer = traced.layer;
    const array::LayerActivations activations =
        energy::lower_chunk(traced, {first, params_.batch_size}, params_.batch_size);
    const auto tiles = network::tiles_of(layer.gemm(), shape_.rows, shape_.columns);
    recorded.resize(tiles.size());
    expectation_.begin_layer(layer, params_.batch_size);
    const bool traced_layer = waves_armed_ && layer.name == params_.waves->layer_name;

    Accumulators accumulators(expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) accumulators[i].resize(expected[i].size());
    std::deque<std::pair<std::size_t, TileOperands>> pending;  // records come later than pushes
    const auto take = [&](std::vector<systemc::TileRecord> records) {
      for (systemc::TileRecord& record : records) {
        const auto [t, operands] = std::move(pending.front());
        pending.pop_front();
        add_partial_sums(layer, tiles[t], record, accumulators);
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
      if (traced_layer && t == params_.waves->tile) {
        lockstep_.observe([&](const systemc::LockstepCycle& cycle) { waves_->record(cycle); });
      }
      take(lockstep_.push(std::move(operands)));
    }
    take(lockstep_.drain());
    if (traced_layer) finish_waves();
    compare(accumulators, expected, result);
  }

  void add_partial_sums(const network::GemmLayer& layer, const network::TileRange& range,
                        const systemc::TileRecord& record, Accumulators& accumulators) const {
    const network::GemmShape gemm = layer.gemm();
    const auto pixels = static_cast<std::size_t>(gemm.output_pixels);
    const auto columns = static_cast<std::size_t>(range.columns());
    const auto first_channel =
        static_cast<std::size_t>(range.group * gemm.output_channels + range.column_begin);
    for (std::size_t image = 0; image < accumulators.size(); ++image) {
      for (std::size_t p = 0; p < pixels; ++p) {
        const std::int32_t* sums = record.partial_sums.data() + (image * pixels + p) * columns;
        for (std::size_t c = 0; c < columns; ++c)
          accumulators[image][(first_channel + c) * pixels + p] += sums[c];
      }
    }
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
                                   energy::ArrayWeights weights_before, bool first_batch,
                                   int first_image, int images) const {
    energy::LayerMeasurement sum(hardware_, energy::Fidelity::gate, {});
    energy::TileMeasurement measurement(hardware_, energy::Fidelity::gate, nullptr,
                                        std::move(weights_before), first_batch);
    const std::vector<network::MappedTile> mapped =
        network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape_.rows, shape_.columns);
    const energy::ImageSampler sampler(hardware_, traced.layer, images, params_.batch_size);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const array::TileStreams streams = array::to_streams(tiles[t]);
      measurement.add(mapped[t], 0, streams, params_.threads, sum);
      sampler.add(t, streams, first_image / params_.batch_size, sum.image_sample);
    }
    return sum;
  }

  const energy::MacHardware& hardware_;
  ValidationParams params_;
  array::ArrayShape shape_;
  systemc::Lockstep lockstep_;
  Expectation expectation_;
  std::unique_ptr<systemc::WaveTrace> waves_;
  bool waves_armed_ = false;
};

}  // namespace

bool Validation::passed() const {
  bool networks_agree = true;
  for (const NetworkValidation& network : networks) {
    networks_agree =
        networks_agree && network.operand_mismatches == 0 && network.output_mismatches == 0;
  }
  return networks_agree && lockstep.mismatches == 0 && lockstep.toggles == engine_toggles &&
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
    validation.networks.push_back(validator.run(*networks[i], dataset, indices, label, progress));
  }
  validator.finish(validation);
  return validation;
}

}  // namespace togglewise::cli
