// Toggles of a whole network on the array, without any energy.
#pragma once

#include <vector>

#include "sim/array/tile.h"
#include "sim/base/progress.h"
#include "sim/network/traces.h"

namespace togglewise::array {

// One entry per layer, sum over the first `images` images; weight loading included. The layers run
// in order, batch after batch of `traces.batch_size` images, from an array whose registers are
// zero. `images` must be a multiple of the batch size. The same for any number of threads.
std::vector<ToggleCounts> network_toggles(const ArrayShape& shape, bool double_buffered,
                                          const network::Traces& traces, int images, int threads,
                                          const ProgressFunction& progress = no_progress);

}  // namespace togglewise::array
