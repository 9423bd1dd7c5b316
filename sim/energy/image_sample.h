// How a layer's energy varies from image to image, from some of its PEs.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/array/tile_streams.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/energy/image_spread.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/quantized_network.h"

namespace togglewise::energy {

// What a layer does while one batch streams through it.
struct BatchActivity {
  array::ToggleCounts toggles;  // of the whole layer, exact
  // Of a few PEs, in a few of the batches: at gate level, and their registers' toggles.
  double pe_energy_fj = 0;
  double pe_partial_sum_toggles = 0;
  double pe_activation_toggles = 0;
  // Of an idle PE below each of these columns.
  double idle_row_energy_fj = 0;
  double idle_row_toggles = 0;

  BatchActivity& operator+=(const BatchActivity& other);
};

struct ImageSample {
  std::vector<BatchActivity> batches;  // by sampled batch; empty: none yet

  // Batches of different images: every one of them is zero in all samples but one, so that the sum
  // does not depend on the order.
  ImageSample& operator+=(const ImageSample& other);
};

// Chooses batches evenly over the run, and PEs: columns evenly over all tiles, and in each of them
// a row, each at a pseudo-random place of its stretch. The same layer always has the same PEs.
class ImageSampler {
 public:
  // Samples nothing where the run has one batch only.
  ImageSampler(const MacHardware& hardware, const network::GemmLayer& layer, int images,
               int batch_size);

  // Tile number `tile` of the layer, with batches from number `first_batch` on.
  void add(std::size_t tile, const array::TileStreams& streams, int first_batch,
           ImageSample& sample) const;

 private:
  struct Column {
    std::size_t tile = 0;
    int column = 0;
    int row = 0;
  };
  // Sampled batches that are streamed through the sampled PEs at once.
  struct Piece {
    std::vector<std::size_t> samples;  // of ImageSample::batches
    std::vector<std::size_t> windows;  // first cycle of each in the tile's streams
  };

  std::vector<Piece> pieces_of(const array::TileStreams& streams, int first_batch) const;
  void add_column(const Column& column, const array::TileStreams& streams, const Piece& piece,
                  ImageSample& sample) const;
  // Adds the energy of a PE in each batch to `member`.
  void add_energy(int weight, const std::vector<std::int8_t>& activation,
                  const std::vector<std::int32_t>& partial_sum, const Piece& piece,
                  double BatchActivity::*member, ImageSample& sample) const;

  const MacHardware& hardware_;
  std::size_t transitions_ = 0;  // of a PE in a batch
  std::vector<int> batches_;
  std::vector<bool> through_gates_;  // by sampled batch
  std::vector<Column> columns_;
};

// Energies of the sampled batches of a layer with this mean: every line of the breakdown follows
// the toggles of the registers that cause it, batch by batch. In PEs the energy varies more than
// the toggles do, or less (multipliers, carries and glitches follow the operands' sizes too): by
// the factor by which it does in the PEs that went through the gates, where both are known on the
// same operands. What toggles do not tell of an energy counts as its spread: the factor is that of
// the standard deviations, which is wide rather than narrow; a fitted slope would be the smaller,
// the less toggles tell.
ImageEnergies image_energies(const ImageSample& sample, const EnergyBreakdown& mean_per_image);

}  // namespace togglewise::energy
