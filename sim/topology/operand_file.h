// Operands that users bring without a model: every layer as the two matrices of its GEMM.
#pragma once

#include <filesystem>

#include "sim/network/traces.h"

namespace togglewise::topology {

// Reads a .npz (numpy.savez or savez_compressed) or .h5 file. For every layer NAME it holds
//   NAME.weights      (.h5: /NAME/weights)      int8 [K, N]
//   NAME.activations  (.h5: /NAME/activations)  int8 [M, K], or [batches, M, K]
// and Togglewise's own trace files are read as they are. Layers run in the order in which they
// stand in the file; an .h5 file that does not track that order gives them by name. A layer becomes
// a 1×1 convolution of M pixels with K channels, each batch an image of its own.
//
// Throws TW-OPERANDS-001 to 005, see the README: not such a file, an array that is missing or
// stands alone, another type, sizes that do not fit, values that `weight_bits` or
// `activation_bits` cannot hold.
network::Traces read_operands(const std::filesystem::path& file, int weight_bits,
                              int activation_bits);

}  // namespace togglewise::topology
