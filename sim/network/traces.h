// Operand traces: what every layer's array sees, as an HDF5 file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/network/dataset.h"
#include "sim/network/layer_mapping.h"
#include "sim/network/quantized_network.h"

namespace togglewise::network {

struct TracedLayer {
  GemmLayer layer;       // geometry and weights
  LayerMapping mapping;  // how it lies on the array; not in the file
  int images = 0;
  std::vector<std::int8_t> ifmaps;  // [image][channel][row][column]
};

struct Traces {
  std::string network_name;
  std::string model_hash;    // hash_bytes(to_onnx(network))
  std::string image_source;  // for people: "training images 0.. of …"
  bool synthetic = false;    // operands drawn at random, not from a network and its data
  // Images that are streamed through a tile without reloading its weights. Not in the file: whoever
  // measures the traces sets it.
  int batch_size = 1;
  std::vector<TracedLayer> layers;
};

// Runs integer inference on the images `indices` of `dataset` and keeps the IFMAP of every GEMM
// layer, in the order of the network's nodes. Throws TW-DATA-009 when the images do not fit.
Traces trace_network(const QuantizedNetwork& network, const Dataset& dataset,
                     const std::vector<std::size_t>& indices, const std::string& image_source,
                     int threads);

void write_traces(const Traces& traces, const std::filesystem::path& file);

// Whether `file` is an HDF5 file that write_traces() began, not another program's (of any content)
// and not another kind of file.
bool is_trace_file(const std::filesystem::path& file);

// Throws TW-TRACE-001 (not a trace file), TW-TRACE-002 (another format version, checksums or sizes
// that do not match).
Traces read_traces(const std::filesystem::path& file);

}  // namespace togglewise::network
