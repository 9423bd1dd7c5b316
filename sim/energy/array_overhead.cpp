#include "sim/energy/array_overhead.h"

#include <algorithm>
#include <utility>

#include "sim/array/weight_chain.h"
#include "sim/energy/gate_measurement.h"
#include "sim/energy/image_chunks.h"

namespace togglewise::energy {

std::vector<WeightLoading> weight_loading(const MacHardware& hardware,
                                          const network::Traces& traces, int images,
                                          const GatingSets& sets) {
  const array::ArrayShape shape = hardware.shape();
  const RegisterToggleEnergies& toggle = hardware.register_toggle();
  array::WeightChain chain(shape);
  std::vector<WeightLoading> loading(traces.layers.size());
  const int batches = images / traces.batch_size;
  for (int pass = 0; pass < std::min(batches, 2); ++pass) {
    // The first batch starts from zeros; all others find the last layer's weights.
    const int repeats = pass == 0 ? 1 : batches - 1;
    for (std::size_t l = 0; l < traces.layers.size(); ++l) {
      const network::TracedLayer& traced = traces.layers[l];
      array::ToggleCounts toggles;
      double change_fj = 0;
      double control_fj = 0;
      std::vector<double> stage_fj(sets.stages.size(), 0);
      for (const network::MappedTile& tile :
           network::mapped_tiles(traced.layer.gemm(), traced.mapping, shape.rows, shape.columns)) {
        control_fj += toggle.control_fj_per_load * shape.rows * shape.columns;
        toggles += chain.load(tile.first_row, tile.range.rows(), tile.range.columns(),
                              array::tile_weights(traced.layer, tile), [&](int from, int to) {
                                change_fj += hardware.engine().weight_change_energy_fj(from, to);
                                for (std::size_t s = 0; s < stage_fj.size(); ++s) {
                                  stage_fj[s] +=
                                      sets.stages[s]->activation->weight_change_fj(from, to);
                                }
                              });
      }
      for (int i = 0; i < repeats; ++i) loading[l].toggles += toggles;
      loading[l].mac_fj += repeats * change_fj;
      loading[l].stage_fj.resize(sets.sets.size(), 0);
      for (std::size_t s = 0; s < sets.sets.size(); ++s) {
        const int stage = sets.stage_of[s];
        if (stage >= 0) {
          loading[l].stage_fj[s] += repeats * stage_fj[static_cast<std::size_t>(stage)];
        }
      }
      loading[l].register_fj +=
          repeats *
          (control_fj + static_cast<double>(toggles.shadow_weight) * toggle.shadow_weight_fj +
           static_cast<double>(toggles.weight) * toggle.weight_fj);
    }
  }
  return loading;
}

double accumulator_energy_per_image_fj(const MacHardware& hardware,
                                       const network::TracedLayer& layer, int images,
                                       int batch_size) {
  const array::ArrayShape shape = hardware.shape();
  const int batches = (std::min(images, layer.images) + batch_size - 1) / batch_size;
  const int count = batches * batch_size;
  const array::LayerActivations activations = lower_chunk(layer, {0, count}, batch_size);
  GateTally tally(hardware);
  std::vector<gate::BitPlanes> sums;  // per column of the tile
  gate::BitPlanes next;
  std::vector<std::int32_t> partial_sum(activations.cycles);
  for (const network::MappedTile& mapped :
       network::mapped_tiles(layer.layer.gemm(), layer.mapping, shape.rows, shape.columns)) {
    if (mapped.starts_block) sums = accumulator_start(mapped, activations.cycles);
    const array::TileStreams tile = array::tile_streams(layer.layer, activations, mapped);
    for (int c = 0; c < tile.used_columns; ++c) {
      std::fill(partial_sum.begin(), partial_sum.end(), tile.partial_sum_offset);
      for (int r = 0; r < tile.used_rows; ++r) {
        const std::int32_t weight = tile.weight(r, c);
        const std::int8_t* activation = tile.row(r);
        for (std::size_t t = 0; t < tile.cycles; ++t) partial_sum[t] += weight * activation[t];
      }
      gate::BitPlanes& sum = sums[static_cast<std::size_t>(c)];
      const gate::BitPlanes in = gate::BitPlanes::from_int32(partial_sum, shape.partial_sum_bits,
                                                             gate::TimeOrder::interleaved);
      tally.accumulate(hardware, tile, c, in, sum, next);
      std::swap(sum, next);
    }
  }
  return tally.accumulator_fj(hardware) / count;
}

void add_registers_and_clock(const MacHardware& hardware, const array::ToggleCounts& toggles,
                             int images, int batch_size, std::uint64_t cycles_per_batch,
                             EnergyBreakdown& per_image) {
  const RegisterToggleEnergies& toggle = hardware.register_toggle();
  per_image.skew_fj = static_cast<double>(toggles.skew) * toggle.delay_fj / images;
  per_image.deskew_fj = static_cast<double>(toggles.deskew) * toggle.delay_fj / images;
  per_image.weight_load_fj += static_cast<double>(toggles.weight_update) * toggle.delay_fj / images;
  const double cycles = static_cast<double>(cycles_per_batch) / batch_size;
  per_image.clock_fj = cycles * hardware.clock_fj_per_cycle();
  per_image.leakage_fj = cycles * hardware.leakage_fj_per_cycle();
}

}  // namespace togglewise::energy
