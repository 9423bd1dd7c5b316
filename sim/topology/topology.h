// A network given by its shapes alone, as SCALE-Sim's topology files do: no weights, no data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/network/quantized_network.h"

namespace togglewise::topology {

struct TopologyLayer {
  std::string name;  // unique: a name that repeats gets "_2", "_3", …
  int line = 0;      // of the file
  bool is_gemm = false;
  network::FeatureMapShape input;
  network::FeatureMapShape output;
  network::Window window;
  int groups = 1;

  // The layer as Togglewise computes it, without weights and bias; its scales are 1: outputs leave
  // the array requantized.
  network::GemmLayer geometry() const;
};

struct Topology {
  std::filesystem::path file;
  std::string name;       // the file's, without folder and ending
  std::string text_hash;  // hash_bytes of the file
  std::vector<TopologyLayer> layers;
};

// Reads a topology file of SCALE-Sim v2 or v3. Each line is one layer; which of the two forms it
// has is seen from the header, or, in a file without one, from the number of its columns:
//   convolution  name, IFMAP height, IFMAP width, filter height, filter width, channels,
//                number of filters, stride [, stride along the width] [, sparsity "1:1"]
//   GEMM         name, M, N, K [, sparsity "1:1"]
// The comma at a line's end may be there or not; blank lines, '#' comments (also behind a layer),
// quoted names, a byte-order mark and any line ends are understood. SCALE-Sim itself always skips
// the first line.
//
// There is no padding column. Outputs are ceil((ifmap − filter + stride) / stride) in each
// direction, as in SCALE-Sim: where the stride leaves a rest, the last window hangs over the bottom
// or right edge, which stands for zeros there. A layer with "DP" in its name is depthwise: it runs
// once for every channel, with `number of filters` filters of one channel each.
//
// Throws TW-TOPO-001 to TW-TOPO-006, see the README.
Topology read_topology(const std::filesystem::path& file);

}  // namespace togglewise::topology
