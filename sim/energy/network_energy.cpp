#include "sim/energy/network_energy.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/base/parallel.h"
#include "sim/energy/energy_tables.h"
#include "sim/energy/image_chunks.h"
#include "sim/energy/layer_measurement.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/table_lookup.h"

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

ImageEnergies NetworkEnergy::image_energies() const {
  ImageEnergies sum;
  for (const LayerEnergy& layer : layers) sum += layer.image_energies;
  return sum;
}

std::optional<HalfWidths> NetworkEnergy::half_widths() const {
  return energy::half_widths(image_energies(), batches());
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

namespace {

// Some images of one layer.
struct Work {
  std::size_t layer = 0;
  ImageChunk images;
  std::uint64_t cost = 0;  // transitions of PEs, in thousands
};

struct LayerProgress {
  std::size_t missing = 0;                        // pieces of work
  std::unique_ptr<LayerMeasurement> measurement;  // of the others
};

std::vector<Work> work_of(const network::Traces& traces) {
  std::vector<Work> work;
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    const network::TracedLayer& traced = traces.layers[l];
    const auto pixels = static_cast<std::uint64_t>(traced.layer.gemm().output_pixels);
    for (const ImageChunk& chunk : image_chunks(traced.layer, traced.images, traces.batch_size)) {
      const std::uint64_t cycles = static_cast<std::uint64_t>(chunk.count) * (pixels + 1);
      work.push_back({l, chunk, cycles * traced.layer.weights.size() / 1000 + 1});
    }
  }
  return work;
}

}  // namespace

namespace {

// Measures one piece of work.
LayerMeasurement measure(const MacHardware& hardware, const network::Traces& traces,
                         Fidelity fidelity, const TableLookup* lookup, const GatingSets& sets,
                         const Work& item, int inner_threads) {
  const array::ArrayShape shape = hardware.shape();
  const network::TracedLayer& traced = traces.layers[item.layer];
  const network::GemmShape gemm = traced.layer.gemm();
  const int batch_size = traces.batch_size;
  const bool first_batch = item.layer == 0 && item.images.first == 0;
  LayerMeasurement part(hardware, fidelity, gemm, sets);
  const array::LayerActivations activations = lower_chunk(traced, item.images, batch_size);
  TileMeasurement measurement(hardware, fidelity, lookup,
                              weights_before_layer(hardware, traces, item.layer), first_batch,
                              !sets.empty());
  std::optional<GatingMeasurement> gating;
  if (!sets.empty()) {
    const int behind = item.images.count / batch_size - (first_batch ? 1 : 0);
    gating.emplace(shape, sets, place_before_layer(hardware, traces, item.layer),
                   static_cast<std::uint64_t>(behind));
  }
  const ImageSampler sampler(hardware, traced.layer, traces.layers.at(0).images, batch_size);
  for (const network::MappedTile& tile :
       network::mapped_tiles(gemm, traced.mapping, shape.rows, shape.columns)) {
    const array::TileStreams streams = array::tile_streams(traced.layer, activations, tile);
    measurement.add(tile, gemm.reduction, streams, inner_threads, part);
    if (gating) gating->add(streams, part.gating);
    sampler.add(tile.index, streams, item.images.first / batch_size, part.image_sample);
  }
  return part;
}

}  // namespace

std::vector<NetworkEnergy> gated_network_energies(const MacHardware& hardware,
                                                  const network::Traces& traces, Fidelity fidelity,
                                                  const EnergyTables* tables, int threads,
                                                  const GatingSets& sets,
                                                  const ProgressFunction& progress) {
  NetworkEnergy result;
  result.fidelity = fidelity;
  result.timing = hardware.engine().timing();
  result.images = traces.layers.at(0).images;
  std::optional<TableLookup> lookup;
  if (fidelity != Fidelity::gate) lookup.emplace(*tables, !sets.empty());
  result.batch_size = traces.batch_size;
  require_whole_batches(result.images, result.batch_size);
  const std::vector<WeightLoading> loading = weight_loading(hardware, traces, result.images, sets);
  const std::vector<Work> work = work_of(traces);
  std::uint64_t cost = 0;
  for (const Work& item : work) cost += item.cost;
  std::uint64_t done = 0;
  std::vector<LayerProgress> layers(traces.layers.size());
  for (const Work& item : work) ++layers[item.layer].missing;
  result.layers.resize(traces.layers.size());
  std::vector<NetworkEnergy> results(1 + sets.sets.size(), result);
  std::mutex mutex;
  // Columns are shared as well where there are few pieces of work.
  const int inner_threads = work.size() < 4 * static_cast<std::size_t>(threads) ? threads : 1;
  parallel_for(work.size(), threads, [&](std::size_t i) {
    const Work& item = work[i];
    LayerMeasurement part =
        measure(hardware, traces, fidelity, lookup ? &*lookup : nullptr, sets, item, inner_threads);
    std::unique_ptr<LayerMeasurement> finished;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      LayerProgress& layer = layers[item.layer];
      if (layer.measurement) {
        *layer.measurement += part;
      } else {
        layer.measurement = std::make_unique<LayerMeasurement>(std::move(part));
      }
      if (--layer.missing == 0) finished = std::move(layer.measurement);
      done += item.cost;
      progress("layer energy at fidelity " + to_string(fidelity), done, cost);
    }
    if (!finished) return;
    const LayerEnergy ungated =
        finish_layer(hardware, traces.layers[item.layer], fidelity, tables, *finished,
                     loading[item.layer], result.images, result.batch_size);
    results[0].layers[item.layer] = ungated;
    for (std::size_t set = 0; set < sets.sets.size(); ++set) {
      results[set + 1].layers[item.layer] =
          finish_gated_layer(hardware, fidelity, tables, *finished, loading[item.layer], sets, set,
                             result.images, result.batch_size, ungated);
    }
  });
  return results;
}

NetworkEnergy network_energy(const MacHardware& hardware, const network::Traces& traces,
                             Fidelity fidelity, const EnergyTables* tables, int threads,
                             const ProgressFunction& progress) {
  GatingSets sets;
  if (hardware.gating()) sets = GatingSets({hardware.gating()});
  return gated_network_energies(hardware, traces, fidelity, tables, threads, sets, progress).back();
}

}  // namespace togglewise::energy
