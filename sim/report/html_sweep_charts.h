// The data behind the charts of a sweep's page; web/sweep.js paints them.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/report/html_sweep.h"

namespace togglewise::report {

// Indices of the points that no other one is below in x without being above in y; both are to be
// small. In the order of x. Of equal points each is there.
std::vector<std::size_t> pareto_front(const std::vector<double>& x, const std::vector<double>& y);

std::vector<const SweepPagePoint*> possible_points(const SweepPage& page, std::size_t group);

// At most about `count` of the points, in order: those on the front, and others evenly.
std::vector<const SweepPagePoint*> representative(const std::vector<const SweepPagePoint*>& points,
                                                  std::size_t count);

Json front_chart(const SweepPage& page, std::size_t group);
// Points × layers; null when there are no layers.
Json layer_chart(const SweepPage& page, std::size_t group);
// Rows × columns; null unless nothing but these two was swept, over several values each.
Json shape_chart(const SweepPage& page, std::size_t group);

}  // namespace togglewise::report
