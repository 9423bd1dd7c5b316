#include "sim/mapping/pixel_path.h"

#include <algorithm>
#include <limits>
#include <set>

#include "sim/base/random.h"
#include "sim/mapping/tour_search.h"

namespace togglewise::mapping {
namespace {

constexpr int kBlockSizes[] = {2, 4, 8, 16};

// Visits the nearest pixel of those that `candidates` calls its argument with.
class Walk {
 public:
  explicit Walk(const PixelDistances& distances)
      : distances_(distances), visited_(distances.pixels()), at_(distances.zero_node()) {
    path_.reserve(distances.pixels());
  }

  void consider(std::size_t pixel) {
    if (visited_[pixel] != 0) return;
    const float distance = distances_(at_, pixel);
    if (distance < nearest_distance_) {
      nearest_distance_ = distance;
      nearest_ = pixel;
    }
  }
  // False where nothing that has not been visited was considered.
  bool step() {
    if (nearest_distance_ == std::numeric_limits<float>::infinity()) return false;
    visit(nearest_);
    return true;
  }
  void visit(std::size_t pixel) {
    visited_[pixel] = 1;
    path_.push_back(static_cast<std::uint32_t>(pixel));
    at_ = pixel;
    nearest_distance_ = std::numeric_limits<float>::infinity();
  }
  std::size_t at() const { return at_; }
  bool visited(std::size_t pixel) const { return visited_[pixel] != 0; }
  const std::vector<std::uint32_t>& path() const { return path_; }

 private:
  const PixelDistances& distances_;
  std::vector<std::uint8_t> visited_;
  std::vector<std::uint32_t> path_;
  std::size_t at_;
  std::size_t nearest_ = 0;
  float nearest_distance_ = std::numeric_limits<float>::infinity();
};

void consider_window(const PixelDistances& distances, Walk& walk) {
  const int radius = distances.window_radius();
  const int y = static_cast<int>(walk.at()) / distances.width();
  const int x = static_cast<int>(walk.at()) % distances.width();
  for (int v = std::max(0, y - radius); v <= std::min(distances.height() - 1, y + radius); ++v) {
    for (int u = std::max(0, x - radius); u <= std::min(distances.width() - 1, x + radius); ++u) {
      walk.consider(static_cast<std::size_t>(v * distances.width() + u));
    }
  }
}

}  // namespace

double path_length(const PixelDistances& distances, const std::vector<std::uint32_t>& path) {
  double length = 0;
  std::size_t at = distances.zero_node();
  for (const std::uint32_t pixel : path) {
    length += double{distances(at, pixel)};
    at = pixel;
  }
  return length + double{distances(at, distances.zero_node())};
}

std::vector<network::PixelOrder> generator_orders(int height, int width) {
  using Kind = network::PixelOrder::Kind;
  std::vector<network::PixelOrder> orders;
  std::set<std::vector<std::uint32_t>> seen;
  const auto add = [&](const network::PixelOrder& order) {
    if (seen.insert(order.pixels(height, width)).second) orders.push_back(order);
  };
  add({Kind::raster, 0, 0, {}});
  add({Kind::serpentine, 0, 0, {}});
  for (const int block_height : kBlockSizes) {
    for (const int block_width : kBlockSizes) {
      if (block_height > height || block_width > width) continue;
      add({Kind::tiled, block_height, block_width, {}});
    }
  }
  return orders;
}

network::PixelOrder best_generator(const PixelDistances& distances) {
  network::PixelOrder best;
  double best_length = std::numeric_limits<double>::infinity();
  for (network::PixelOrder& order : generator_orders(distances.height(), distances.width())) {
    const double length =
        path_length(distances, order.pixels(distances.height(), distances.width()));
    if (length >= best_length) continue;
    best_length = length;
    best = std::move(order);
  }
  return best;
}

std::vector<std::uint32_t> greedy_path(const PixelDistances& distances) {
  Walk walk(distances);
  std::size_t first_left = 0;
  while (walk.path().size() < distances.pixels()) {
    if (distances.dense() || walk.at() == distances.zero_node()) {
      for (std::size_t pixel = 0; pixel < distances.pixels(); ++pixel) walk.consider(pixel);
    } else {
      consider_window(distances, walk);
    }
    if (walk.step()) continue;
    while (walk.visited(first_left)) ++first_left;
    walk.visit(first_left);
  }
  return walk.path();
}

std::vector<std::uint32_t> improved_path(const PixelDistances& distances,
                                         const std::vector<std::uint32_t>& path,
                                         const PathImprovementParams& params, PathStats* stats) {
  const auto zero = static_cast<std::uint32_t>(distances.zero_node());
  const auto path_of = [zero](const Tour& tour) {
    std::vector<std::uint32_t> result = tour.order();
    std::rotate(result.begin(), std::find(result.begin(), result.end(), zero), result.end());
    result.erase(result.begin());
    return result;
  };
  std::vector<std::uint32_t> closed = path;
  closed.push_back(zero);
  TourSearch search(distances, std::move(closed), params.neighbours);
  search.improve();
  const double start_length = path_length(distances, path);
  const double local_length = path_length(distances, path_of(search.tour()));
  Random random(params.seed);
  const auto kicks =
      static_cast<std::size_t>(params.kicks_per_pixel * static_cast<double>(distances.pixels()));
  for (std::size_t i = 0; i < kicks; ++i) search.kick(random);
  std::vector<std::uint32_t> improved = path_of(search.tour());
  double length = path_length(distances, improved);
  if (length > start_length) {  // by rounding only
    improved = path;
    length = start_length;
  }
  if (stats != nullptr) *stats = {start_length, local_length, length};
  return improved;
}

network::PixelOrder table_order(const PixelDistances& distances,
                                const PathImprovementParams& params, PathStats* stats) {
  std::vector<std::uint32_t> start = greedy_path(distances);
  std::vector<std::uint32_t> generated =
      best_generator(distances).pixels(distances.height(), distances.width());
  if (path_length(distances, generated) < path_length(distances, start)) start = generated;
  network::PixelOrder order;
  order.kind = network::PixelOrder::Kind::table;
  order.table = improved_path(distances, start, params, stats);
  return order;
}

}  // namespace togglewise::mapping
