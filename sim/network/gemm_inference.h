// One convolution or fully connected layer, prepared for exact and fast integer inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

// Sums of one image without bias. Rows may be longer than the feature map is wide: what lies
// behind its last column is of no meaning.
struct LayerSums {
  std::vector<std::int32_t> values;
  std::size_t channel_stride = 0;
  std::size_t row_stride = 0;

  const std::int32_t* row(std::size_t channel, std::size_t y) const {
    return values.data() + channel * channel_stride + y * row_stride;
  }
};

// Refers to `layer`, which must outlive it. Its members may be called from several threads at once.
//
// The window slides over pairs of input channels, interleaved, with the padding around them: the
// pixels that one tap (channel pair, kernel row, kernel column) sees are then consecutive in
// memory, and a vector of output pixels needs one load per tap. Strides are undone beforehand: the
// image is cut into one plane for each remainder of row and column, and each tap reads one of them.
class PreparedGemm {
 public:
  explicit PreparedGemm(const GemmLayer& layer);

  const GemmLayer& layer() const { return *layer_; }
  void accumulate(const std::int8_t* ifmap, LayerSums& sums) const;
  // requantize(sums + bias), [output channel][row][column]; for layers with an output scale.
  std::vector<std::int8_t> requantized(const LayerSums& sums) const;
  // The sums as they are, [output channel][row][column].
  std::vector<std::int32_t> dense(const LayerSums& sums) const;

 private:
  struct Phase {  // input rows ≡ y modulo the stride, columns ≡ x
    int y = 0;
    int x = 0;
  };

  void prepare_dot_products();
  void prepare_convolution();
  std::size_t phase_index(Phase phase);
  void pack_weights();
  void accumulate_dot_products(const std::int8_t* ifmap, LayerSums& sums) const;
  void fill_image(const std::int8_t* ifmap, int group, std::vector<std::int32_t>& image) const;
  void fill_plane(const std::int8_t* low, const std::int8_t* high, Phase phase,
                  std::int32_t* plane) const;

  const GemmLayer* layer_;
  GemmShape gemm_;
  std::vector<FixedPointScale> requantization_;
  bool one_pixel_ = false;  // one output pixel: dot products along the reduction

  std::size_t reduction_pairs_ = 0;  // one_pixel_: pairs along the reduction, padded

  std::vector<Phase> phases_;
  std::size_t plane_rows_ = 0;
  std::size_t plane_columns_ = 0;
  std::size_t pairs_ = 0;                 // of input channels, per group
  std::vector<std::size_t> tap_offsets_;  // in the image [pair][phase][row][column]
  // [group][block of channels][tap][channel of the block]; one_pixel_: [output channel][pair]
  std::vector<std::int32_t> pair_weights_;
};

}  // namespace togglewise::network
