// Local search for short tours: 2-opt and Or-opt with neighbour lists and don't-look bits, as in
// J. L. Bentley, "Fast algorithms for geometric traveling salesman problems", ORSA Journal on
// Computing 4 (1992); kicks by exchanging neighbouring parts, as in O. Martin, S. W. Otto,
// E. W. Felten, "Large-step Markov chains for the traveling salesman problem", Complex Systems 5
// (1991).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/random.h"
#include "sim/mapping/pixel_distance.h"
#include "sim/mapping/tour.h"

namespace togglewise::mapping {

class TourSearch {
 public:
  // Tries to place every node beside the `neighbours` nearest ones of those with known distances.
  TourSearch(const PixelDistances& distances, std::vector<std::uint32_t> tour,
             std::size_t neighbours);

  // Until no exchange that is tried makes the tour shorter.
  void improve();
  // One random exchange, improved, and taken back if the tour has become longer.
  void kick(Random& random);

  const Tour& tour() const { return tour_; }

 private:
  bool improve_node(std::uint32_t a);
  bool try_reversal(std::uint32_t a, std::uint32_t c, bool forwards);
  bool try_move_beside(std::uint32_t a, std::uint32_t c, bool forwards);
  bool try_fetch(std::uint32_t a, std::uint32_t c, bool forwards);
  // Moves the part between `first` and `last` so that `first` stands beside `beside_first` and
  // `last` beside `beside_last`, which are neighbours.
  void move_part(std::uint32_t first, std::uint32_t last, std::uint32_t beside_first,
                 std::uint32_t beside_last);
  double distance(std::uint32_t a, std::uint32_t b) const { return double{distances_(a, b)}; }
  void look_at(std::uint32_t node);
  double empty_queue();  // what it has gained

  const PixelDistances& distances_;
  Tour tour_;
  std::size_t neighbours_;
  std::vector<std::uint32_t> near_;  // [node][neighbours], nearest first
  std::vector<std::uint32_t> queue_;
  std::size_t queue_begin_ = 0;
  std::vector<std::uint8_t> queued_;
  double gained_ = 0;
  double least_gain_;  // below it sums of floating-point numbers say nothing
};

}  // namespace togglewise::mapping
