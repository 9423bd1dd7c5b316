#include "sim/network/traces.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/base/hdf5_file.h"
#include "sim/base/parallel.h"
#include "sim/network/inference.h"
#include "sim/network/network_check.h"
#include "sim/network/onnx_file.h"
#include "sim/network/value_list.h"

namespace togglewise::network {
namespace {

constexpr const char* file_kind = "togglewise traces";
constexpr std::int64_t format_version = 2;  // 2: windows with all their sizes, groups, upper limits
constexpr const char* layers_group = "/layers";
constexpr std::uint64_t largest_size = 1 << 28;

std::string group_of(std::size_t layer) { return fmt::format("{}/{:03}", layers_group, layer); }

std::uint64_t unsigned_size(int value) { return static_cast<std::uint64_t>(value); }

std::vector<std::uint64_t> weight_shape(const GemmLayer& layer) {
  return {unsigned_size(layer.output.channels), unsigned_size(layer.input.channels / layer.groups),
          unsigned_size(layer.window.kernel_height), unsigned_size(layer.window.kernel_width)};
}

std::vector<std::uint64_t> ifmap_shape(const TracedLayer& traced) {
  return {unsigned_size(traced.images), unsigned_size(traced.layer.input.channels),
          unsigned_size(traced.layer.input.height), unsigned_size(traced.layer.input.width)};
}

Error mismatch(const std::filesystem::path& file, const std::string& message) {
  return Error::input("TW-TRACE-002", message)
      .at(file.string())
      .expected("a whole trace file as 'togglewise train' writes it");
}

// The numbers of a layer that arrays' shapes do not tell, by the names of their attributes. `Layer`
// is GemmLayer or const GemmLayer.
template <typename Layer, typename Visit>
void for_each_number(Layer& layer, const Visit& visit) {
  visit("output_height", layer.output.height);
  visit("output_width", layer.output.width);
  visit("stride_height", layer.window.stride_height);
  visit("stride_width", layer.window.stride_width);
  visit("pad_top", layer.window.pad_top);
  visit("pad_left", layer.window.pad_left);
  visit("pad_bottom", layer.window.pad_bottom);
  visit("pad_right", layer.window.pad_right);
  visit("dilation_height", layer.window.dilation_height);
  visit("dilation_width", layer.window.dilation_width);
  visit("groups", layer.groups);
  visit("high", layer.high);
}

void write_layer(Hdf5Writer& writer, const std::string& group, const TracedLayer& traced) {
  const GemmLayer& layer = traced.layer;
  const std::uint64_t channels = layer.bias.size();
  writer.write(group + "/weights", layer.weights, weight_shape(layer));
  writer.write(group + "/bias", layer.bias, {channels});
  writer.write(group + "/weight_scale", layer.weight_scale, {channels});
  writer.write(group + "/ifmaps", traced.ifmaps, ifmap_shape(traced));
  writer.attribute(group, "name", layer.name);
  writer.attribute(group, "permitted_values", list_text(layer.permitted_values));
  writer.attribute(group, "fully_connected", std::int64_t{layer.fully_connected ? 1 : 0});
  writer.attribute(group, "relu", std::int64_t{layer.relu ? 1 : 0});
  for_each_number(layer, [&](const char* name, int value) {
    writer.attribute(group, name, std::int64_t{value});
  });
  writer.attribute(group, "input_scale", static_cast<double>(layer.input_scale));
  writer.attribute(group, "output_scale", static_cast<double>(layer.output_scale));
}

void require_geometry(const GemmLayer& layer, std::uint64_t group_channels,
                      const std::filesystem::path& file) {
  const std::string source = file.string();
  try {
    check::require_window({source, layer.name}, layer.window, layer.input, layer.output);
  } catch (const Error& failure) {
    throw mismatch(file, fmt::format("the sizes of layer '{}' do not fit together", layer.name))
        .hint(failure.message());
  }
  const bool groups =
      layer.groups >= 1 && layer.output.channels % layer.groups == 0 &&
      group_channels * unsigned_size(layer.groups) == unsigned_size(layer.input.channels);
  if (!groups || layer.high < 1 || layer.high > 127) {
    throw mismatch(file,
                   fmt::format("layer '{}' has {} groups of {} channels for {} input and {} output "
                               "channels, and the upper limit {}",
                               layer.name, layer.groups, group_channels, layer.input.channels,
                               layer.output.channels, layer.high));
  }
}

TracedLayer read_layer(const Hdf5Reader& reader, const std::string& group,
                       const std::filesystem::path& file) {
  TracedLayer traced;
  GemmLayer& layer = traced.layer;
  layer.name = reader.text_attribute(group, "name");
  auto weights = reader.read_int8(group + "/weights");
  auto bias = reader.read_int32(group + "/bias");
  auto scales = reader.read_float(group + "/weight_scale");
  auto ifmaps = reader.read_int8(group + "/ifmaps");
  const auto sane = [](const std::vector<std::uint64_t>& shape) {
    return shape.size() == 4 && std::all_of(shape.begin(), shape.end(), [](std::uint64_t size) {
             return size <= largest_size;
           });
  };
  if (!sane(weights.shape) || !sane(ifmaps.shape) || bias.values.size() != weights.shape[0] ||
      scales.values.size() != weights.shape[0]) {
    throw mismatch(file, fmt::format("the arrays of layer '{}' do not fit together", layer.name));
  }
  layer.input = {static_cast<int>(ifmaps.shape[1]), static_cast<int>(ifmaps.shape[2]),
                 static_cast<int>(ifmaps.shape[3])};
  layer.output.channels = static_cast<int>(weights.shape[0]);
  layer.window.kernel_height = static_cast<int>(weights.shape[2]);
  layer.window.kernel_width = static_cast<int>(weights.shape[3]);
  const auto integer = [&](const char* name) {
    const std::int64_t value = reader.integer_attribute(group, name);
    return static_cast<int>(std::clamp<std::int64_t>(value, -1, largest_size));
  };
  for_each_number(layer, [&](const char* name, int& value) { value = integer(name); });
  require_geometry(layer, weights.shape[1], file);
  layer.fully_connected = integer("fully_connected") != 0;
  layer.relu = integer("relu") != 0;
  layer.input_scale = static_cast<float>(reader.real_attribute(group, "input_scale"));
  layer.output_scale = static_cast<float>(reader.real_attribute(group, "output_scale"));
  if (!parse_list(reader.text_attribute(group, "permitted_values"), layer.permitted_values)) {
    throw mismatch(
        file, fmt::format("the permitted values of layer '{}' are no list of numbers", layer.name));
  }
  layer.weights = std::move(weights.values);
  layer.bias = std::move(bias.values);
  layer.weight_scale = std::move(scales.values);
  traced.images = static_cast<int>(ifmaps.shape[0]);
  traced.ifmaps = std::move(ifmaps.values);
  return traced;
}

}  // namespace

Traces trace_network(const QuantizedNetwork& network, const Dataset& dataset,
                     const std::vector<std::size_t>& indices, const std::string& image_source,
                     int threads) {
  require_images_fit(network, dataset);
  Traces traces;
  traces.network_name = network.name;
  traces.model_hash = hash_bytes(to_onnx(network));
  traces.image_source = image_source;
  for (const GemmLayer* layer : network.gemm_layers()) {
    TracedLayer traced;
    traced.layer = *layer;
    traced.images = static_cast<int>(indices.size());
    traced.ifmaps.resize(indices.size() * layer->input.size());
    traces.layers.push_back(std::move(traced));
  }
  const IntegerInference inference(network);
  parallel_for(indices.size(), threads, [&](std::size_t i) {
    std::size_t layer = 0;
    inference.logits(dataset.image(indices[i]), [&](const LayerTrace& seen) {
      std::copy(
          seen.ifmap.begin(), seen.ifmap.end(),
          traces.layers[layer].ifmaps.begin() + static_cast<std::ptrdiff_t>(i * seen.ifmap.size()));
      ++layer;
    });
  });
  return traces;
}

bool is_trace_file(const std::filesystem::path& file) {
  try {
    const Hdf5Reader reader(file, file_kind);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void write_traces(const Traces& traces, const std::filesystem::path& file) {
  Hdf5Writer writer(file, file_kind);
  writer.attribute("/", "format", format_version);
  writer.attribute("/", "network", traces.network_name);
  writer.attribute("/", "model_hash", traces.model_hash);
  writer.attribute("/", "image_source", traces.image_source);
  writer.attribute("/", "synthetic", std::int64_t{traces.synthetic ? 1 : 0});
  writer.attribute("/", "layers", static_cast<std::int64_t>(traces.layers.size()));
  for (std::size_t i = 0; i < traces.layers.size(); ++i) {
    write_layer(writer, group_of(i), traces.layers[i]);
  }
  writer.commit();
}

Traces read_traces(const std::filesystem::path& file) {
  try {
    const Hdf5Reader reader(file, file_kind);
    const std::int64_t format = reader.integer_attribute("/", "format");
    if (format != format_version) {
      throw Error::input("TW-TRACE-002", fmt::format("the trace file has format {}", format))
          .at(file.string())
          .expected(fmt::format("format {}", format_version))
          .hint("make the traces anew with this version of togglewise");
    }
    Traces traces;
    traces.network_name = reader.text_attribute("/", "network");
    traces.model_hash = reader.text_attribute("/", "model_hash");
    traces.image_source = reader.text_attribute("/", "image_source");
    traces.synthetic = reader.integer_attribute("/", "synthetic") != 0;
    const std::int64_t layers = reader.integer_attribute("/", "layers");
    for (std::int64_t i = 0; i < layers; ++i) {
      traces.layers.push_back(read_layer(reader, group_of(static_cast<std::size_t>(i)), file));
    }
    return traces;
  } catch (const Error& failure) {
    // The container's own diagnostics, told as what they mean for a trace file.
    if (failure.id() == "TW-HDF5-001" || failure.id() == "TW-HDF5-002") {
      throw Error::input("TW-TRACE-001", failure.message())
          .at(file.string())
          .expected("a trace file as 'togglewise train' writes it");
    }
    if (failure.id().rfind("TW-HDF5-", 0) == 0) throw mismatch(file, failure.message());
    throw;
  }
}

}  // namespace togglewise::network
