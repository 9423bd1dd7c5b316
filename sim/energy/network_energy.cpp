#include "sim/energy/network_energy.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include <fmt/format.h>

#include "sim/array/toggle_sequence.h"
#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/base/parallel.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/image_chunks.h"
#include "sim/energy/layer_measurement.h"
#include "sim/energy/mac_hardware.h"

namespace togglewise::energy {
std::vector<std::string> fidelity_names() { return {"layer", "table", "gate"}; }

std::string to_string(Fidelity fidelity) {
  return fidelity_names()[static_cast<std::size_t>(fidelity)];
}

Fidelity parse_fidelity(const std::string& name) {
  const std::vector<std::string> names = fidelity_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<Fidelity>(found - names.begin());
  const std::string near = nearest_name(name, names);
  throw Error::input("TW-ENERGY-001", fmt::format("there is no fidelity '{}'", name))
      .expected(list_names(names))
      .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

EnergyBreakdown NetworkEnergy::energy_per_image() const {
  EnergyBreakdown sum;
  for (const LayerEnergy& layer : layers) sum += layer.energy_per_image;
  return sum;
}

std::uint64_t NetworkEnergy::cycles_per_batch() const {
  std::uint64_t sum = 0;
  for (const LayerEnergy& layer : layers) sum += layer.cycles.cycles;
  return sum;
}

void require_whole_batches(int images, int batch_size) {
  if (batch_size >= 1 && images % batch_size == 0) return;
  throw Error::input("TW-ENERGY-003",
                     fmt::format("{} images cannot be cut into batches of {}", images, batch_size))
      .expected("a number of images that is a multiple of the workload's batch_size");
}

NetworkEnergy network_energy(const MacHardware& hardware, const network::Traces& traces,
                             Fidelity fidelity, const EnergyTables* tables, int threads,
                             const ProgressFunction& progress) {
  NetworkEnergy result;
  result.fidelity = fidelity;
  result.images = traces.layers.at(0).images;
  const TransitionGrouping* grouping =
      fidelity == Fidelity::gate ? nullptr : tables->grouping.get();
  const array::ArrayShape shape = hardware.shape();
  result.batch_size = traces.batch_size;
  require_whole_batches(result.images, result.batch_size);
  const std::vector<ImageChunk> chunks = image_chunks(result.images, result.batch_size);
  const std::vector<WeightLoading> loading = weight_loading(hardware, traces, result.images);
  std::atomic<std::uint64_t> done{0};
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    const network::TracedLayer& traced = traces.layers[l];
    const auto tiles = network::tiles_of(traced.layer.gemm(), shape.rows, shape.columns);
    LayerMeasurement measurement(hardware, grouping);
    std::mutex mutex;
    parallel_for(chunks.size(), threads, [&](std::size_t i) {
      LayerMeasurement part(hardware, grouping);
      part.chunks = 1;
      const array::LayerActivations activations = lower_chunk(traced, chunks[i], result.batch_size);
      array::TileSequence sequence(shape, hardware.config().array.double_buffered_weights);
      for (const network::TileRange& range : tiles) {
        const array::TileStreams streams = array::tile_streams(traced.layer, activations, range);
        measure_streams(hardware, grouping, streams, part);
        sequence.add(streams, part.toggles);
      }
      const std::lock_guard<std::mutex> lock(mutex);
      measurement += part;
      progress("layer energy at fidelity " + to_string(fidelity), ++done,
               chunks.size() * traces.layers.size());
    });
    result.layers.push_back(finish_layer(hardware, traced, fidelity, tables, measurement,
                                         loading[l], result.images, result.batch_size));
  }
  return result;
}

}  // namespace togglewise::energy
