// Whole layers through the Verilated RTL: its controller's cycles, by what they are spent on, equal
// the closed forms and the SystemC system model without memories, and so do the sums.
#include <gtest/gtest.h>

#include "sim/systemc/system_model.h"
#include "sim/systemc/verilated_array.h"
#include "tests/systemc/random_system.h"

namespace togglewise::systemc {
namespace {

using namespace testing;

// Feeds a layer's tiles to the RTL, each as soon as the controller takes it.
class RtlLayer {
 public:
  RtlLayer(const config::HardwareConfig& hardware, const network::GemmLayer& layer,
           const std::vector<std::int8_t>& ifmaps, int batch)
      : array_(hardware.array),
        gemm_(layer.gemm()),
        layer_(layer),
        vectors_(gemm_.output_pixels * batch),
        tiles_(network::tiles_of(gemm_, array_.rows, array_.columns)),
        sums_(layer.output.size() * static_cast<std::size_t>(batch), 0),
        rtl_(make_verilated_array({array_.rows, array_.columns, 8, 8, array_.partial_sum_bits},
                                  RtlStyle::loop, array_.double_buffered_weights)) {
    for (int image = 0; image < batch; ++image) {
      const auto matrix = network::im2col(layer, ifmaps.data() + image * layer.input.size());
      matrix_.insert(matrix_.end(), matrix.begin(), matrix.end());
    }
    cycles_.tiles = tiles_.size();
    while (cycle()) {
    }
  }

  const array::LayerCycles& cycles() const { return cycles_; }
  // [image][output channel][output pixel], with bias.
  std::vector<std::int32_t> accumulators() const {
    std::vector<std::int32_t> result = sums_;
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] += layer_.bias[i / static_cast<std::size_t>(gemm_.output_pixels) %
                               static_cast<std::size_t>(layer_.output.channels)];
    return result;
  }

 private:
  // False once all tiles have drained.
  bool cycle() {
    const bool start = loading_ + 1 < static_cast<int>(tiles_.size());
    const ControllerRequest request = rtl_->settle(start, static_cast<std::uint32_t>(vectors_));
    if (!request.busy) return false;
    ++cycles_.cycles;
    ++(request.activation_valid ? cycles_.compute
       : request.weight_shift   ? cycles_.weight_load
                                : cycles_.fill_drain);
    rtl_->clock_edge(weights(request).data(), activations(request).data());
    const ArrayOutput output = rtl_->output();
    if (output.valid) add(output);
    return true;
  }

  std::vector<std::int8_t> weights(const ControllerRequest& request) {
    std::vector<std::int8_t> row(static_cast<std::size_t>(array_.columns), 0);
    if (!request.weight_shift) return row;
    if (request.weight_row == array_.rows - 1) ++loading_;
    const network::TileRange& tile = tiles_[loading_];
    if (request.weight_row >= tile.rows()) return row;
    for (int c = 0; c < tile.columns(); ++c) {
      const int channel = tile.group * gemm_.output_channels + tile.column_begin + c;
      row[c] = layer_.weights[channel * gemm_.reduction + tile.row_begin + request.weight_row];
    }
    return row;
  }

  std::vector<std::int8_t> activations(const ControllerRequest& request) {
    std::vector<std::int8_t> vector(static_cast<std::size_t>(array_.rows), 0);
    if (!request.activation_valid) return vector;
    if (request.activation_index == 0) ++streaming_;
    const network::TileRange& tile = tiles_[streaming_];
    const std::size_t row =
        (std::size_t{request.activation_index} * gemm_.groups + tile.group) * gemm_.reduction;
    for (int r = 0; r < tile.rows(); ++r) vector[r] = matrix_[row + tile.row_begin + r];
    return vector;
  }

  void add(const ArrayOutput& output) {
    if (output.index == 0) ++leaving_;
    const network::TileRange& tile = tiles_[leaving_];
    const std::size_t image = output.index / gemm_.output_pixels;
    const std::size_t pixel = output.index % gemm_.output_pixels;
    for (int c = 0; c < tile.columns(); ++c) {
      const int channel = tile.group * gemm_.output_channels + tile.column_begin + c;
      sums_[(image * layer_.output.channels + channel) * gemm_.output_pixels + pixel] +=
          output.partial_sums[c];
    }
  }

  const config::HardwareConfig::Array& array_;
  const network::GemmShape gemm_;
  const network::GemmLayer& layer_;
  const int vectors_;
  const std::vector<network::TileRange> tiles_;
  std::vector<std::int8_t> matrix_;  // [vector][groups · K]
  std::vector<std::int32_t> sums_;
  std::unique_ptr<VerilatedArray> rtl_;
  array::LayerCycles cycles_;
  int loading_ = -1, streaming_ = -1, leaving_ = -1;  // tiles
};

// tiles, cycles, compute, weight_load, fill_drain
std::vector<std::uint64_t> spent(const array::LayerCycles& c) {
  return {c.tiles, c.cycles, c.compute, c.weight_load, c.fill_drain};
}

TEST(LayerOnRtl, TakesTheCyclesOfTheClosedFormsAndOfTheSystemModel) {
  int runs[2] = {0, 0};
  EXPECT_TRUE(holds([&] {
    config::HardwareConfig hardware = draw_array(9);
    network::GemmLayer layer = draw_layer();
    layer.output_scale = 0;  // accumulators, as the RTL leaves them
    const int batch = draw_corner(1, 2);
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    fill(layer, random);
    const auto ifmaps = random_bytes(random, layer.input.size() * static_cast<std::size_t>(batch));
    RC_LOG() << described(hardware, layer, batch) << "\n";

    const RtlLayer rtl(hardware, layer, ifmaps, batch);
    const SystemRun model = system_model().run_layer(hardware, layer, ifmaps.data(), batch);
    const auto closed = array::layer_cycles(hardware, array::shape_of(layer, batch));
    RC_ASSERT(spent(rtl.cycles()) == spent(closed));
    RC_ASSERT(spent(rtl.cycles()) == spent(model.cycles));
    RC_ASSERT(rtl.accumulators() == model.accumulators);
    ++runs[hardware.array.double_buffered_weights];
  }));
  EXPECT_GT(runs[0], 100);
  EXPECT_GT(runs[1], 100);
}

}  // namespace
}  // namespace togglewise::systemc
