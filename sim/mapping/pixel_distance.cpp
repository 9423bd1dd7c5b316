#include "sim/mapping/pixel_distance.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "sim/base/parallel.h"
#include "sim/base/random.h"
#include "sim/mapping/coded_layer.h"
#include "sim/mapping/distance_block.h"

namespace togglewise::mapping {
namespace {

constexpr int kFarPairs = 2048;  // drawn for far_distance()

// Sum over the images.
float distance_sum(const CodedLayer& coded, std::size_t a, std::size_t b) {
  float sum = 0;
  for (std::size_t image = 0; image < coded.images; ++image) {
    for (std::size_t r = 0; r < coded.rows.size(); ++r) {
      const std::uint8_t* codes = coded.codes_of(image, r);
      sum += coded.table_of(r)[codes[a] * coded.rows[r].values + codes[b]];
    }
  }
  return sum;
}

void fill_dense(const CodedLayer& coded, int threads, PixelDistances& distances) {
  const std::size_t nodes = coded.nodes;
  distances.values.resize(nodes * nodes);
  const float scale = 1.0F / static_cast<float>(coded.images);
  float* values = distances.values.data();
  parallel_for(coded.stride / kBlockNodes, threads, [&](std::size_t b) {
    const std::size_t begin = b * kBlockNodes;
    const std::size_t width = std::min(kBlockNodes, nodes - begin);
    const std::vector<float> block = distance_block(coded, begin);
    for (std::size_t m = begin; m < nodes; ++m) {
      const float* line = block.data() + (m - begin) * kBlockNodes;
      for (std::size_t j = 0; j < width; ++j) {
        if (begin + j > m) continue;  // the same distance stands on the other side of the diagonal
        const float distance = begin + j == m ? 0.0F : line[j] * scale;
        values[m * nodes + begin + j] = distance;
        values[(begin + j) * nodes + m] = distance;
      }
    }
  });
}

void fill_window(const CodedLayer& coded, const PixelDistanceParams& params, int threads,
                 PixelDistances& distances) {
  const int radius = distances.window_radius();
  const auto side = static_cast<std::size_t>(2 * radius + 1);
  const float scale = 1.0F / static_cast<float>(coded.images);
  distances.values.assign(distances.pixels() * side * side, 0.0F);
  const int width = distances.width();
  parallel_for(static_cast<std::size_t>(distances.height()), threads, [&](std::size_t line) {
    const int y = static_cast<int>(line);
    for (int x = 0; x < width; ++x) {
      const auto from = static_cast<std::size_t>(y * width + x);
      float* values = distances.values.data() + from * side * side;
      for (int v = std::max(0, y - radius); v <= std::min(distances.height() - 1, y + radius);
           ++v) {
        for (int u = std::max(0, x - radius); u <= std::min(width - 1, x + radius); ++u) {
          if (v == y && u == x) continue;
          const auto to = static_cast<std::size_t>(v * width + u);
          // In one order for both directions, so that they are the same to the last bit.
          values[static_cast<std::size_t>(v - y + radius) * side +
                 static_cast<std::size_t>(u - x + radius)] =
              distance_sum(coded, std::min(from, to), std::max(from, to)) * scale;
        }
      }
    }
  });
  distances.from_zero.resize(distances.nodes(), 0.0F);
  parallel_for(distances.pixels(), threads, [&](std::size_t m) {
    distances.from_zero[m] = distance_sum(coded, m, distances.zero_node()) * scale;
  });
  Random random(params.seed);
  double sum = 0;
  for (int i = 0; i < kFarPairs; ++i) {
    const std::size_t a = random.below(distances.pixels());
    const std::size_t b = random.below(distances.pixels());
    sum += double{distance_sum(coded, a, b) * scale};
  }
  distances.set_far_distance(static_cast<float>(sum / kFarPairs));
}

// Moves every distance between pixels towards the mean of all those with the same offset.
void blend_with_offsets(double offset_weight, std::size_t images, PixelDistances& distances) {
  const int height = distances.height();
  const int width = distances.width();
  const auto spread = static_cast<std::size_t>(2 * width - 1);
  const auto offset_of = [&](std::size_t a, std::size_t b) {  // a < b
    const int dy = static_cast<int>(b) / width - static_cast<int>(a) / width;
    const int dx = static_cast<int>(b) % width - static_cast<int>(a) % width;
    return static_cast<std::size_t>(dy) * spread + static_cast<std::size_t>(dx + width - 1);
  };
  std::vector<double> sum(static_cast<std::size_t>(height) * spread);
  std::vector<double> count(sum.size());
  const std::size_t pixels = distances.pixels();
  const std::size_t nodes = distances.nodes();
  for (std::size_t a = 0; a < pixels; ++a) {
    for (std::size_t b = a + 1; b < pixels; ++b) {
      sum[offset_of(a, b)] += double{distances.values[a * nodes + b]};
      ++count[offset_of(a, b)];
    }
  }
  const double of_pair =
      static_cast<double>(images) / (static_cast<double>(images) + offset_weight);
  for (std::size_t a = 0; a < pixels; ++a) {
    for (std::size_t b = a + 1; b < pixels; ++b) {
      float& distance = distances.values[a * nodes + b];
      const std::size_t offset = offset_of(a, b);
      distance = static_cast<float>(of_pair * double{distance} +
                                    (1 - of_pair) * sum[offset] / count[offset]);
      distances.values[b * nodes + a] = distance;
    }
  }
}

}  // namespace

PixelDistances::PixelDistances(int height, int width, int window_radius)
    : height_(height), width_(width), radius_(window_radius) {}

float PixelDistances::windowed(std::size_t a, std::size_t b) const {
  if (a == zero_node()) return from_zero[b];
  if (b == zero_node()) return from_zero[a];
  const int dy = static_cast<int>(b) / width_ - static_cast<int>(a) / width_ + radius_;
  const int dx = static_cast<int>(b) % width_ - static_cast<int>(a) % width_ + radius_;
  const int side = 2 * radius_ + 1;
  if (dy < 0 || dy >= side || dx < 0 || dx >= side) return far_;
  return values[a * static_cast<std::size_t>(side * side) +
                static_cast<std::size_t>(dy * side + dx)];
}

PixelDistances& PixelDistances::operator+=(const PixelDistances& other) {
  const auto add = [](const std::vector<float>& from, std::vector<float>& to) {
    std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>());
  };
  add(other.values, values);
  add(other.from_zero, from_zero);
  far_ += other.far_;
  return *this;
}

PixelDistances pixel_distances(const network::TracedLayer& traced, const std::vector<int>& images,
                               const ActivationCosts& costs, const PixelDistanceParams& params,
                               int threads) {
  const CodedLayer coded = code_layer(traced, images, costs, params, threads);
  const bool dense = traced.layer.gemm().output_pixels <= params.most_dense_pixels;
  PixelDistances distances(traced.layer.output.height, traced.layer.output.width,
                           dense ? 0 : params.window_radius);
  if (dense) {
    fill_dense(coded, threads, distances);
    if (params.offset_weight > 0) {
      blend_with_offsets(params.offset_weight, images.size(), distances);
    }
  } else {
    fill_window(coded, params, threads, distances);
  }
  return distances;
}

}  // namespace togglewise::mapping
