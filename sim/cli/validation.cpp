#include "sim/cli/validation.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "sim/array/cycle_model.h"
#include "sim/array/toggle_engine.h"
#include "sim/array/weight_chain.h"
#include "sim/base/parallel.h"
#include "sim/energy/array_overhead.h"
#include "sim/energy/image_chunks.h"
#include "sim/energy/layer_measurement.h"
#include "sim/network/inference.h"

namespace togglewise::cli {
namespace {

using array::TileOperands;

// What the RTL saw of one layer in a chunk of images: [tile][image].
using RecordedTiles = std::vector<std::vector<TileOperands>>;

std::uint64_t differences(const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b) {
  std::uint64_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

class Validator {
 public:
  Validator(const energy::MacHardware& hardware, const ValidationParams& params)
      : hardware_(hardware),
        params_(params),
        shape_(hardware.shape()),
        lockstep_(shape_, params.style),
        chain_(shape_) {}

  NetworkValidation run(const network::QuantizedNetwork& network, const network::Dataset& dataset,
                        const std::vector<std::size_t>& indices, const std::string& label,
                        const ProgressFunction& progress) {
    NetworkValidation result;
    const network::Traces traces =
        network::trace_network(network, dataset, indices, "validation", params_.threads);
    std::vector<energy::LayerMeasurement> measurements(
        traces.layers.size(), energy::LayerMeasurement(hardware_, nullptr));
    for (const energy::ImageChunk& chunk : energy::image_chunks(static_cast<int>(indices.size()), 1)) {
      std::vector<RecordedTiles> recorded(traces.layers.size());
      for (int image = chunk.first; image < chunk.first + chunk.count; ++image) {
        run_image(network, traces, dataset, indices, image, recorded, result);
        progress(label, static_cast<std::uint64_t>(image) + 1, indices.size());
      }
      for (std::size_t l = 0; l < recorded.size(); ++l) {
        measurements[l] += measure(recorded[l]);
      }
    }
    const int images = static_cast<int>(indices.size());
    const auto loading = energy::weight_loading(hardware_, traces, images);
    result.gate.fidelity = energy::Fidelity::gate;
    result.gate.images = images;
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      result.gate.layers.push_back(energy::finish_layer(hardware_, traces.layers[l],
                                                        energy::Fidelity::gate, nullptr,
                                                        measurements[l], loading[l], images, 1));
    }
    return result;
  }

  void finish(Validation& validation) {
    validation.lockstep = lockstep_.finish();
    validation.engine_toggles = engine_toggles_;
    validation.model_cycles = model_cycles_;
  }

 private:
  void run_image(const network::QuantizedNetwork& network, const network::Traces& traces,
                 const network::Dataset& dataset, const std::vector<std::size_t>& indices,
                 int image, std::vector<RecordedTiles>& recorded, NetworkValidation& result) {
    const std::size_t index = indices[static_cast<std::size_t>(image)];
    std::vector<std::vector<std::int32_t>> expected;
    const std::vector<double> logits = network::infer(
        network, dataset.image(index),
        [&](const network::LayerTrace& layer) { expected.push_back(layer.accumulators); });
    const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
    result.correct += best == dataset.labels[index] ? 1 : 0;
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      const network::TracedLayer& traced = traces.layers[l];
      const array::LayerActivations activations = energy::lower_chunk(traced, {image, 1}, 1);
      const auto tiles = network::tiles_of(traced.layer.gemm(), shape_.rows, shape_.columns);
      recorded[l].resize(tiles.size());
      std::vector<std::int32_t> accumulators(expected[l].size(), 0);
      for (std::size_t t = 0; t < tiles.size(); ++t) {
        const TileOperands operands = array::tile_operands(traced.layer, activations, 0, tiles[t]);
        recorded[l][t].push_back(run_tile(operands, tiles[t], accumulators, result));
      }
      result.outputs_compared += accumulators.size();
      for (std::size_t i = 0; i < accumulators.size(); ++i) {
        result.output_mismatches += accumulators[i] == expected[l][i] ? 0 : 1;
      }
    }
  }

  // Adds the tile's partial sums to `accumulators` [output channel][output pixel] and returns the
  // operands that the RTL saw.
  TileOperands run_tile(const TileOperands& operands, const network::TileRange& range,
                        std::vector<std::int32_t>& accumulators, NetworkValidation& result) {
    systemc::TileRecord record = lockstep_.run(operands);
    const auto pixels = static_cast<std::size_t>(operands.stream_length);
    const auto columns = static_cast<std::size_t>(operands.used_columns);
    for (std::size_t m = 0; m < pixels; ++m) {
      for (std::size_t c = 0; c < columns; ++c) {
        accumulators[(static_cast<std::size_t>(range.column_begin) + c) * pixels + m] +=
            record.partial_sums[m * columns + c];
      }
    }
    result.operands_compared += operands.weights.size() + operands.activations.size();
    result.operand_mismatches += differences(record.seen.weights, operands.weights) +
                                 differences(record.seen.activations, operands.activations);
    engine_toggles_ += array::count_toggles(shape_, array::to_streams(operands));
    engine_toggles_ += chain_.load(operands.used_rows, operands.used_columns, operands.weights);
    model_cycles_ += array::tile_cycles(shape_, operands.stream_length);
    return std::move(record.seen);
  }

  energy::LayerMeasurement measure(const RecordedTiles& tiles) const {
    energy::LayerMeasurement sum(hardware_, nullptr);
    std::mutex mutex;
    parallel_for(tiles.size(), params_.threads, [&](std::size_t t) {
      energy::LayerMeasurement part(hardware_, nullptr);
      energy::measure_streams(hardware_, nullptr, array::to_streams(tiles[t]), part);
      const std::lock_guard<std::mutex> lock(mutex);
      sum += part;
    });
    return sum;
  }

  const energy::MacHardware& hardware_;
  ValidationParams params_;
  array::ArrayShape shape_;
  systemc::Lockstep lockstep_;
  array::WeightChain chain_;
  array::ToggleCounts engine_toggles_;
  std::uint64_t model_cycles_ = 0;
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
  Validation validation;
  Validator validator(hardware, params);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const std::string label =
        fmt::format("RTL and SystemC in lockstep, network {} of {}", i + 1, networks.size());
    validation.networks.push_back(validator.run(*networks[i], dataset, indices, label, progress));
  }
  validator.finish(validation);
  return validation;
}

}  // namespace togglewise::cli
