// One table of pixels for all layers of the same output size.
#pragma once

#include <vector>

#include "sim/mapping/pixel_distance.h"
#include "sim/mapping/pixel_path.h"
#include "sim/network/layer_mapping.h"
#include "sim/network/traces.h"

namespace togglewise::mapping {

// [layer of the traces]: the shortest path found under the sum of the distances of all layers with
// as many lines and columns of output pixels; raster where there are at most two pixels. A table
// that is shared needs its memory once, and what layers have in common shows with fewer images than
// what a layer has of its own.
std::vector<network::PixelOrder> shared_table_orders(
    const network::Traces& traces, const std::vector<int>& images, const ActivationCosts& costs,
    const PixelDistanceParams& distance, const PathImprovementParams& improvement, int threads);

}  // namespace togglewise::mapping
