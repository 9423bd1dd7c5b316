#include "sim/mapping/pixel_path.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/base/random.h"
#include "sim/mapping/tour.h"

namespace togglewise::mapping {
namespace {

// Distances that need not even obey the triangle inequality.
PixelDistances random_distances(int height, int width, Random& random) {
  PixelDistances distances(height, width, 0);
  const std::size_t nodes = distances.nodes();
  distances.values.assign(nodes * nodes, 0.0F);
  for (std::size_t a = 0; a < nodes; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const auto distance = static_cast<float>(1 + random.below(1000));
      distances.values[a * nodes + b] = distance;
      distances.values[b * nodes + a] = distance;
    }
  }
  return distances;
}

std::vector<std::uint32_t> raster(std::size_t pixels) {
  std::vector<std::uint32_t> path(pixels);
  std::iota(path.begin(), path.end(), 0U);
  return path;
}

std::vector<std::uint32_t> random_path(std::size_t pixels, Random& random) {
  std::vector<std::uint32_t> path = raster(pixels);
  for (std::size_t i = pixels; i > 1; --i) std::swap(path[i - 1], path[random.below(i)]);
  return path;
}

bool is_permutation_of_all(std::vector<std::uint32_t> path, std::size_t pixels) {
  std::sort(path.begin(), path.end());
  return path == raster(pixels);
}

double shortest_length(const PixelDistances& distances) {
  std::vector<std::uint32_t> path = raster(distances.pixels());
  double shortest = path_length(distances, path);
  while (std::next_permutation(path.begin(), path.end())) {
    shortest = std::min(shortest, path_length(distances, path));
  }
  return shortest;
}

TEST(PathLength, CountsTheWaysFromAndToTheZeroVector) {
  Random random(1);
  const PixelDistances d = random_distances(1, 3, random);
  EXPECT_FLOAT_EQ(static_cast<float>(path_length(d, {2, 0, 1})),
                  d(3, 2) + d(2, 0) + d(0, 1) + d(1, 3));
}

TEST(ImprovedPath, IsAPermutationAndNeverLonger_WhateverItStartsFrom) {
  rc::check([] {
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    const PixelDistances distances =
        random_distances(random.between(1, 7), random.between(1, 9), random);
    const std::vector<std::uint32_t> start = random_path(distances.pixels(), random);
    PathImprovementParams params;
    params.neighbours = static_cast<std::size_t>(random.between(1, 12));
    params.kicks_per_pixel = random.between(0, 3);
    PathStats stats;
    const std::vector<std::uint32_t> path = improved_path(distances, start, params, &stats);
    RC_ASSERT(is_permutation_of_all(path, distances.pixels()));
    RC_ASSERT(path_length(distances, path) <= path_length(distances, start));
    RC_ASSERT(stats.length == path_length(distances, path));
    RC_ASSERT(stats.start_length == path_length(distances, start));
    RC_ASSERT(stats.local_length <= stats.start_length * (1 + 1e-12));
    RC_ASSERT(stats.length <= stats.local_length * (1 + 1e-12));
  });
}

TEST(TableOrder, IsTheShortestOfAllPaths_OfUpToEightPixels) {
  Random random(2);
  for (const int pixels : {1, 2, 3, 4, 5, 6, 7, 8}) {
    for (int trial = 0; trial < (pixels == 8 ? 3 : 10); ++trial) {
      const PixelDistances distances = random_distances(1, pixels, random);
      PathImprovementParams params;
      params.kicks_per_pixel = 100;
      const network::PixelOrder order = table_order(distances, params);
      ASSERT_EQ(order.kind, network::PixelOrder::Kind::table);
      ASSERT_TRUE(is_permutation_of_all(order.table, distances.pixels()));
      EXPECT_DOUBLE_EQ(path_length(distances, order.table), shortest_length(distances)) << pixels;
    }
  }
}

// Pixels and the zero vector stand on a line: the shortest way passes all on its way out or back.
TEST(TableOrder, GoesAlongALine_WherePixelsStandOnOne) {
  Random random(3);
  PixelDistances distances(20, 15, 0);
  const std::size_t nodes = distances.nodes();
  std::vector<double> at(nodes);
  for (double& position : at) position = random.unit();
  for (std::size_t a = 0; a < nodes; ++a) {
    for (std::size_t b = 0; b < nodes; ++b) {
      distances.values.push_back(static_cast<float>(std::abs(at[a] - at[b])));
    }
  }
  const auto [low, high] = std::minmax_element(at.begin(), at.end());
  const network::PixelOrder order = table_order(distances);
  EXPECT_TRUE(is_permutation_of_all(order.table, distances.pixels()));
  EXPECT_NEAR(path_length(distances, order.table), 2 * (*high - *low), 1e-5);
}

TEST(TableOrder, IsNeverLongerThanAnyGeneratorOrTheGreedyPath) {
  Random random(4);
  for (int trial = 0; trial < 5; ++trial) {
    const PixelDistances distances =
        random_distances(random.between(2, 12), random.between(2, 12), random);
    const double length = path_length(distances, table_order(distances).table);
    EXPECT_LE(length, path_length(distances, greedy_path(distances)));
    for (const network::PixelOrder& order :
         generator_orders(distances.height(), distances.width())) {
      EXPECT_LE(length,
                path_length(distances, order.pixels(distances.height(), distances.width())));
    }
  }
}

TEST(TableOrder, IsTheSameWheneverItIsAskedFor) {
  Random random(5);
  const PixelDistances distances = random_distances(9, 9, random);
  EXPECT_EQ(table_order(distances).table, table_order(distances).table);
}

TEST(TableOrder, IsAPermutation_WhenOnlyDistancesInAWindowAreKnown) {
  Random random(6);
  PixelDistances distances(40, 30, 2);
  const PixelDistances known = random_distances(40, 30, random);
  for (std::size_t m = 0; m < distances.pixels(); ++m) {
    for (int dy = -2; dy <= 2; ++dy) {
      for (int dx = -2; dx <= 2; ++dx) {
        const int y = static_cast<int>(m) / 30 + dy;
        const int x = static_cast<int>(m) % 30 + dx;
        const bool inside = y >= 0 && y < 40 && x >= 0 && x < 30;
        distances.values.push_back(inside ? known(m, static_cast<std::size_t>(y * 30 + x)) : 0.0F);
      }
    }
  }
  distances.from_zero.assign(distances.nodes(), 500.0F);
  distances.set_far_distance(700.0F);
  const std::vector<std::uint32_t> greedy = greedy_path(distances);
  EXPECT_TRUE(is_permutation_of_all(greedy, distances.pixels()));
  const network::PixelOrder order = table_order(distances);
  EXPECT_TRUE(is_permutation_of_all(order.table, distances.pixels()));
  // Near neighbours are drawn from [1, 1000]: a path that chooses among a dozen does far better.
  EXPECT_LT(path_length(distances, order.table), 0.5 * path_length(distances, raster(1200)));
  EXPECT_LE(path_length(distances, order.table), path_length(distances, greedy));
}

TEST(GreedyPath, GoesToTheNearestPixelThatIsLeft_TheFirstOfEquals) {
  PixelDistances distances(1, 3, 0);
  distances.values = {0, 5, 2, 4,   //
                      5, 0, 2, 4,   //
                      2, 2, 0, 9,   //
                      4, 4, 9, 0};  // the zero vector is as far from pixel 0 as from pixel 1
  EXPECT_EQ(greedy_path(distances), (std::vector<std::uint32_t>{0, 2, 1}));
}

TEST(GeneratorOrders, AreAllDifferentPermutations_OnRaggedShapes) {
  for (const auto& [height, width] : std::vector<std::pair<int, int>>{
           {1, 1}, {1, 5}, {2, 2}, {7, 5}, {8, 8}, {14, 14}, {17, 33}}) {
    std::vector<std::vector<std::uint32_t>> seen;
    for (const network::PixelOrder& order : generator_orders(height, width)) {
      const std::vector<std::uint32_t> pixels = order.pixels(height, width);
      EXPECT_TRUE(is_permutation_of_all(pixels, static_cast<std::size_t>(height * width)));
      EXPECT_EQ(std::count(seen.begin(), seen.end(), pixels), 0)
          << height << "×" << width << ": " << network::to_string(order.kind) << " "
          << order.block_height << "×" << order.block_width;
      seen.push_back(pixels);
    }
  }
}

TEST(BestGenerator, IsTheShortestOfThem) {
  // Dear: steps beyond the neighbours, and across a boundary between blocks of 4 columns.
  PixelDistances distances(16, 16, 0);
  const std::size_t nodes = distances.nodes();
  for (std::size_t a = 0; a < nodes; ++a) {
    for (std::size_t b = 0; b < nodes; ++b) {
      const int dy = static_cast<int>(a) / 16 - static_cast<int>(b) / 16;
      const int dx = static_cast<int>(a) % 16 - static_cast<int>(b) % 16;
      const bool near = std::abs(dy) <= 1 && std::abs(dx) <= 3;
      const bool cheap = near && a < 256 && b < 256 && a % 16 / 4 == b % 16 / 4;
      distances.values.push_back(cheap ? 1.0F : 10.0F);
    }
  }
  const network::PixelOrder best = best_generator(distances);
  EXPECT_EQ(best.kind, network::PixelOrder::Kind::tiled);
  EXPECT_EQ(best.block_height, 16);
  EXPECT_EQ(best.block_width, 4);
}

TEST(Tour, IsWhatItWas_WhenChangesAreUndone) {
  rc::check([] {
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    const auto nodes = static_cast<std::size_t>(random.between(2, 40));
    Tour tour(random_path(nodes, random));
    const std::vector<std::uint32_t> before = tour.order();
    for (int i = 0; i < 20; ++i) {
      tour.reverse(static_cast<std::uint32_t>(random.below(nodes)),
                   static_cast<std::uint32_t>(random.below(nodes)));
      RC_ASSERT(is_permutation_of_all(tour.order(), nodes));
    }
    for (std::uint32_t node = 0; node < nodes; ++node) {
      RC_ASSERT(tour.previous(tour.next(node)) == node);
    }
    tour.undo_changes();
    RC_ASSERT(tour.order() == before);
  });
}

}  // namespace
}  // namespace togglewise::mapping
