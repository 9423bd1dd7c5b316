#include "sim/topology/operand_file.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/topology/named_array.h"

namespace togglewise::topology {
namespace {

struct LayerArrays {
  std::string name;
  const NamedArray* weights = nullptr;
  const NamedArray* activations = nullptr;
};

std::vector<LayerArrays> layers_of(const std::vector<NamedArray>& arrays,
                                   const std::filesystem::path& file) {
  std::vector<LayerArrays> layers;
  for (const NamedArray& array : arrays) {
    auto found = std::find_if(layers.begin(), layers.end(),
                              [&](const LayerArrays& layer) { return layer.name == array.layer; });
    if (found == layers.end()) {
      found = layers.insert(layers.end(), LayerArrays{array.layer, nullptr, nullptr});
    }
    const NamedArray*& slot = array.kind == "weights" ? found->weights : found->activations;
    if (slot != nullptr) {
      throw Error::input("TW-OPERANDS-002",
                         fmt::format("'{}.{}' is there twice", array.layer, array.kind))
          .at(file.string())
          .expected("every array once");
    }
    slot = &array;
  }
  for (const LayerArrays& layer : layers) {
    if (layer.weights != nullptr && layer.activations != nullptr) continue;
    throw Error::input("TW-OPERANDS-002",
                       fmt::format("layer '{}' has {} but no {}", layer.name,
                                   layer.weights != nullptr ? "weights" : "activations",
                                   layer.weights != nullptr ? "activations" : "weights"))
        .at(file.string())
        .expected(fmt::format("both '{0}.weights' and '{0}.activations'", layer.name));
  }
  if (layers.empty()) {
    throw Error::input("TW-OPERANDS-002", "the file holds no layer")
        .at(file.string())
        .expected(
            "arrays named 'NAME.weights' and 'NAME.activations' (.npz), or /NAME/weights and "
            "/NAME/activations (.h5)");
  }
  return layers;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

struct GemmSizes {
  std::uint64_t k = 0, n = 0, m = 0, batches = 1;
};

GemmSizes sizes_of(const LayerArrays& layer, const std::filesystem::path& file) {
  const auto& weights = layer.weights->shape;
  const auto& activations = layer.activations->shape;
  const auto wrong = [&](const std::string& expected) {
    return Error::input("TW-OPERANDS-004",
                        fmt::format("layer '{}': weights are {}, activations {}", layer.name,
                                    shape_text(weights), shape_text(activations)))
        .at(file.string())
        .expected(expected);
  };
  const bool dimensions =
      weights.size() == 2 && (activations.size() == 2 || activations.size() == 3);
  if (!dimensions) throw wrong("weights [K, N] and activations [M, K] or [batches, M, K]");
  GemmSizes sizes;
  sizes.k = weights[0];
  sizes.n = weights[1];
  sizes.m = activations[activations.size() - 2];
  sizes.batches = activations.size() == 3 ? activations[0] : 1;
  if (activations.back() != sizes.k) {
    throw wrong(fmt::format("activations whose last dimension is K = {}", sizes.k));
  }
  const std::uint64_t largest = std::numeric_limits<int>::max();
  for (const std::uint64_t size : {sizes.k, sizes.n, sizes.m, sizes.batches}) {
    if (size < 1 || size > largest) throw wrong(fmt::format("sizes from 1 to {}", largest));
  }
  return sizes;
}

void require_bits(const LayerArrays& layer, const NamedArray& array, int bits,
                  const std::filesystem::path& file) {
  const int low = -(1 << (bits - 1));
  const int high = (1 << (bits - 1)) - 1;
  const auto outside = std::find_if(array.values.begin(), array.values.end(),
                                    [&](std::int8_t value) { return value < low || value > high; });
  if (outside == array.values.end()) return;
  throw Error::input("TW-OPERANDS-005",
                     fmt::format("layer '{}': {} hold {} at place {}", layer.name, array.kind,
                                 int{*outside}, outside - array.values.begin()))
      .at(file.string())
      .expected(fmt::format("{} to {}, what the array's {} bits hold", low, high, bits));
}

network::TracedLayer traced_layer(const LayerArrays& arrays, const GemmSizes& sizes) {
  network::TracedLayer traced;
  network::GemmLayer& layer = traced.layer;
  const auto k = static_cast<std::size_t>(sizes.k);
  const auto n = static_cast<std::size_t>(sizes.n);
  const auto m = static_cast<std::size_t>(sizes.m);
  const auto batches = static_cast<std::size_t>(sizes.batches);
  layer.name = arrays.name;
  layer.fully_connected = m == 1;
  layer.input = {static_cast<int>(k), static_cast<int>(m), 1};
  layer.output = {static_cast<int>(n), static_cast<int>(m), 1};
  layer.weights.resize(n * k);
  for (std::size_t row = 0; row < k; ++row) {
    for (std::size_t column = 0; column < n; ++column) {
      layer.weights[column * k + row] = arrays.weights->values[row * n + column];
    }
  }
  layer.bias.assign(n, 0);
  layer.weight_scale.assign(n, 1);
  layer.input_scale = 1;
  layer.output_scale = 1;  // outputs leave the array as one byte each
  traced.images = static_cast<int>(batches);
  traced.ifmaps.resize(batches * k * m);
  for (std::size_t batch = 0; batch < batches; ++batch) {
    const std::size_t begin = batch * k * m;
    for (std::size_t pixel = 0; pixel < m; ++pixel) {
      for (std::size_t channel = 0; channel < k; ++channel) {
        traced.ifmaps[begin + channel * m + pixel] =
            arrays.activations->values[begin + pixel * k + channel];
      }
    }
  }
  return traced;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

network::Traces read_operands(const std::filesystem::path& file, int weight_bits,
                              int activation_bits) {
  const bool npz = ends_with(file.string(), ".npz");
  if (!npz && network::is_trace_file(file)) return network::read_traces(file);
  const std::vector<NamedArray> arrays = npz ? read_npz(file) : read_hdf5_arrays(file);
  network::Traces traces;
  traces.network_name = file.stem().string();
  traces.model_hash = hash_bytes(read_file(file));
  for (const LayerArrays& layer : layers_of(arrays, file)) {
    const GemmSizes sizes = sizes_of(layer, file);
    require_bits(layer, *layer.weights, weight_bits, file);
    require_bits(layer, *layer.activations, activation_bits, file);
    traces.layers.push_back(traced_layer(layer, sizes));
    if (traces.layers.back().images != traces.layers.front().images) {
      throw Error::input("TW-OPERANDS-004",
                         fmt::format("layer '{}' has {} batches, layer '{}' {}", layer.name,
                                     traces.layers.back().images, traces.layers[0].layer.name,
                                     traces.layers[0].images))
          .at(file.string())
          .expected("the same number for every layer");
    }
  }
  traces.image_source = fmt::format("operands of {}", file.filename().string());
  return traces;
}

}  // namespace togglewise::topology
