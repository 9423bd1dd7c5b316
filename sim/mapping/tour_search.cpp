#include "sim/mapping/tour_search.h"

#include <algorithm>
#include <array>
#include <utility>

namespace togglewise::mapping {
namespace {

constexpr int kMostMoved = 3;            // nodes, by Or-opt
constexpr std::size_t kMostKicked = 50;  // nodes of a part that a kick moves
constexpr std::size_t kLeastNodes = 8;   // for kicks

// Nodes whose distances to `node` are known, itself apart.
std::vector<std::uint32_t> known_nodes(const PixelDistances& distances, std::size_t node) {
  std::vector<std::uint32_t> known;
  if (distances.dense()) {
    for (std::size_t i = 0; i < distances.nodes(); ++i) {
      if (i != node) known.push_back(static_cast<std::uint32_t>(i));
    }
    return known;
  }
  if (node == distances.zero_node()) {
    for (std::size_t i = 0; i < distances.pixels(); ++i) {
      known.push_back(static_cast<std::uint32_t>(i));
    }
    return known;
  }
  known.push_back(static_cast<std::uint32_t>(distances.zero_node()));
  const int radius = distances.window_radius();
  const int y = static_cast<int>(node) / distances.width();
  const int x = static_cast<int>(node) % distances.width();
  for (int v = std::max(0, y - radius); v <= std::min(distances.height() - 1, y + radius); ++v) {
    for (int u = std::max(0, x - radius); u <= std::min(distances.width() - 1, x + radius); ++u) {
      if (v != y || u != x) known.push_back(static_cast<std::uint32_t>(v * distances.width() + u));
    }
  }
  return known;
}

std::vector<std::uint32_t> nearest_nodes(const PixelDistances& distances, std::size_t count) {
  std::vector<std::uint32_t> nearest;
  nearest.reserve(distances.nodes() * count);
  for (std::size_t node = 0; node < distances.nodes(); ++node) {
    std::vector<std::uint32_t> known = known_nodes(distances, node);
    const auto nearer = [&](std::uint32_t a, std::uint32_t b) {
      return std::make_pair(distances(node, a), a) < std::make_pair(distances(node, b), b);
    };
    const auto end = known.begin() + static_cast<std::ptrdiff_t>(std::min(count, known.size()));
    std::partial_sort(known.begin(), end, known.end(), nearer);
    nearest.insert(nearest.end(), known.begin(), end);
    nearest.resize((node + 1) * count, known.front());
  }
  return nearest;
}

}  // namespace

TourSearch::TourSearch(const PixelDistances& distances, std::vector<std::uint32_t> tour,
                       std::size_t neighbours)
    : distances_(distances),
      tour_(std::move(tour)),
      neighbours_(std::min(neighbours, distances.nodes() - 1)),
      near_(nearest_nodes(distances, neighbours_)),
      queued_(distances.nodes()) {
  double length = 0;
  for (std::uint32_t i = 0; i < tour_.size(); ++i) length += distance(i, tour_.next(i));
  least_gain_ = 1e-9 * length / static_cast<double>(tour_.size());
}

void TourSearch::look_at(std::uint32_t node) {
  if (queued_[node] != 0) return;
  queued_[node] = 1;
  queue_.push_back(node);
}

double TourSearch::empty_queue() {
  gained_ = 0;
  while (queue_begin_ < queue_.size()) {
    const std::uint32_t node = queue_[queue_begin_++];
    queued_[node] = 0;
    while (improve_node(node)) {
    }
  }
  queue_.clear();
  queue_begin_ = 0;
  return gained_;
}

void TourSearch::improve() {
  if (tour_.size() < 4) return;
  for (const std::uint32_t node : std::vector<std::uint32_t>(tour_.order())) look_at(node);
  empty_queue();
  tour_.keep_changes();
}

// One of a's two edges gives way to one that is shorter: the other end of it is one of the nearest.
bool TourSearch::improve_node(std::uint32_t a) {
  for (const bool forwards : {true, false}) {
    const double present = distance(a, tour_.neighbour(a, forwards));
    for (std::size_t i = 0; i < neighbours_; ++i) {
      const std::uint32_t c = near_[a * neighbours_ + i];
      if (present - distance(a, c) <= least_gain_) break;
      if (try_reversal(a, c, forwards) || try_move_beside(a, c, forwards) ||
          try_fetch(a, c, forwards)) {
        return true;
      }
    }
  }
  return false;
}

// 2-opt: edges (a, b) and (c, d), b and d behind a and c, become (a, c) and (b, d).
bool TourSearch::try_reversal(std::uint32_t a, std::uint32_t c, bool forwards) {
  const std::uint32_t b = tour_.neighbour(a, forwards);
  const std::uint32_t d = tour_.neighbour(c, forwards);
  if (c == b || d == a) return false;
  const double gain = distance(a, b) + distance(c, d) - distance(a, c) - distance(b, d);
  if (gain <= least_gain_) return false;
  if (forwards) {
    tour_.reverse(b, c);
  } else {
    tour_.reverse(a, d);
  }
  for (const std::uint32_t node : {a, b, c, d}) look_at(node);
  gained_ += gain;
  return true;
}

// Or-opt: the part that begins at a, on the side that is not b's, moves to c, a beside c.
bool TourSearch::try_move_beside(std::uint32_t a, std::uint32_t c, bool forwards) {
  const std::uint32_t b = tour_.neighbour(a, forwards);
  std::uint32_t last = a;
  for (int moved = 1; moved <= kMostMoved; ++moved, last = tour_.neighbour(last, !forwards)) {
    if (last == c) return false;
    const std::uint32_t after = tour_.neighbour(last, !forwards);
    if (after == b || tour_.neighbour(after, !forwards) == b) return false;
    const double removed = distance(a, b) + distance(last, after) - distance(b, after);
    for (const bool side : {true, false}) {
      const std::uint32_t e = tour_.neighbour(c, side);
      const double gain = removed + distance(c, e) - distance(a, c) - distance(last, e);
      if (gain <= least_gain_) continue;
      // c has not been met, but e may still lie in the part.
      bool inside = false;
      for (std::uint32_t node = a; !inside; node = tour_.neighbour(node, !forwards)) {
        inside = node == e;
        if (node == last) break;
      }
      if (inside) continue;
      move_part(a, last, c, e);
      for (const std::uint32_t node : {a, b, c, e, last, after}) look_at(node);
      gained_ += gain;
      return true;
    }
  }
  return false;
}

// Or-opt the other way: the part that begins at c, on either side, moves between a and b.
bool TourSearch::try_fetch(std::uint32_t a, std::uint32_t c, bool forwards) {
  const std::uint32_t b = tour_.neighbour(a, forwards);
  for (const bool side : {true, false}) {
    const std::uint32_t before = tour_.neighbour(c, !side);
    std::uint32_t last = c;
    for (int moved = 1; moved <= kMostMoved; ++moved, last = tour_.neighbour(last, side)) {
      if (last == a || last == b) break;
      const std::uint32_t after = tour_.neighbour(last, side);
      if (after == before || tour_.neighbour(after, side) == before) break;
      const double gain = distance(a, b) + distance(before, c) + distance(last, after) -
                          distance(a, c) - distance(last, b) - distance(before, after);
      if (gain <= least_gain_) continue;
      move_part(c, last, a, b);
      for (const std::uint32_t node : {a, b, c, last, before, after}) look_at(node);
      gained_ += gain;
      return true;
    }
  }
  return false;
}

// With p [first … last] n … x y the way round, and {x, y} the two that it goes between:
//   p x … n last … first y        reversed from first to x
//   p n … x last … first y        reversed from x to n
//   p n … x first … last y        reversed from last to first, where first belongs beside x
void TourSearch::move_part(std::uint32_t first, std::uint32_t last, std::uint32_t beside_first,
                           std::uint32_t beside_last) {
  // A part of one node has a direction only by what stands around it: take the tour's.
  bool forwards = true;
  if (first != last) {
    std::uint32_t node = first;
    for (int i = 0; i < kMostMoved - 1 && node != last; ++i) node = tour_.next(node);
    forwards = node == last;
  }
  const std::uint32_t p = tour_.neighbour(first, !forwards);
  const std::uint32_t n = tour_.neighbour(last, forwards);
  const bool same_direction = tour_.neighbour(beside_first, forwards) == beside_last;
  const std::uint32_t x = same_direction ? beside_first : beside_last;
  tour_.reverse_beside(p, first, x);
  tour_.reverse_beside(p, x, n);
  if (same_direction) tour_.reverse_beside(x, last, first);
}

void TourSearch::kick(Random& random) {
  if (tour_.size() < kLeastNodes) return;
  const std::size_t most = std::min(kMostKicked, (tour_.size() - 2) / 2);
  const std::size_t begin = random.below(tour_.size());
  const std::size_t middle = begin + 1 + random.below(most);
  const std::size_t end = middle + 1 + random.below(most);
  // before [first … second] [third … fourth] after: the parts change places.
  const std::uint32_t first = tour_.node(begin);
  const std::uint32_t second = tour_.node(middle - 1);
  const std::uint32_t third = tour_.node(middle);
  const std::uint32_t fourth = tour_.node(end - 1);
  const std::uint32_t before = tour_.previous(first);
  const std::uint32_t after = tour_.next(fourth);
  const double loss = distance(before, third) + distance(fourth, first) + distance(second, after) -
                      distance(before, first) - distance(second, third) - distance(fourth, after);
  tour_.reverse(first, fourth);
  tour_.reverse_beside(before, fourth, third);
  tour_.reverse_beside(after, first, second);
  for (const std::uint32_t node : {before, first, second, third, fourth, after}) look_at(node);
  if (empty_queue() - loss < 0) {
    tour_.undo_changes();
  } else {
    tour_.keep_changes();
  }
}

}  // namespace togglewise::mapping
