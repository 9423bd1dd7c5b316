#include "sim/network/traces.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/hash.h"
#include "sim/base/hdf5_file.h"
#include "sim/base/parallel.h"
#include "sim/network/inference.h"
#include "sim/network/onnx_file.h"
#include "sim/network/value_list.h"

namespace togglewise::network {
namespace {

constexpr const char* file_kind = "togglewise traces";
constexpr std::int64_t format_version = 1;
constexpr const char* layers_group = "/layers";

std::string group_of(std::size_t layer) { return fmt::format("{}/{:03}", layers_group, layer); }

std::vector<std::uint64_t> weight_shape(const GemmLayer& layer) {
  return {static_cast<std::uint64_t>(layer.output.channels),
          static_cast<std::uint64_t>(layer.input.channels),
          static_cast<std::uint64_t>(layer.window.kernel_height),
          static_cast<std::uint64_t>(layer.window.kernel_width)};
}

std::vector<std::uint64_t> ifmap_shape(const TracedLayer& traced) {
  return {static_cast<std::uint64_t>(traced.images),
          static_cast<std::uint64_t>(traced.layer.input.channels),
          static_cast<std::uint64_t>(traced.layer.input.height),
          static_cast<std::uint64_t>(traced.layer.input.width)};
}

Error mismatch(const std::filesystem::path& file, const std::string& message) {
  return Error::input("TW-TRACE-002", message)
      .at(file.string())
      .expected("a whole trace file as 'togglewise train' writes it");
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
  const auto integer = [&](const char* name, std::int64_t value) {
    writer.attribute(group, name, value);
  };
  integer("fully_connected", layer.fully_connected ? 1 : 0);
  integer("output_height", layer.output.height);
  integer("output_width", layer.output.width);
  integer("stride", layer.window.stride_height);
  integer("padding", layer.window.pad_top);
  integer("relu", layer.relu ? 1 : 0);
  writer.attribute(group, "input_scale", static_cast<double>(layer.input_scale));
  writer.attribute(group, "output_scale", static_cast<double>(layer.output_scale));
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
  if (weights.shape.size() != 4 || ifmaps.shape.size() != 4 ||
      bias.values.size() != weights.shape[0] || scales.values.size() != weights.shape[0] ||
      weights.shape[1] != ifmaps.shape[1]) {
    throw mismatch(file, fmt::format("the arrays of layer '{}' do not fit together", layer.name));
  }
  const auto integer = [&](const char* name) {
    return static_cast<int>(reader.integer_attribute(group, name));
  };
  layer.fully_connected = integer("fully_connected") != 0;
  layer.input = {static_cast<int>(ifmaps.shape[1]), static_cast<int>(ifmaps.shape[2]),
                 static_cast<int>(ifmaps.shape[3])};
  layer.output = {static_cast<int>(weights.shape[0]), integer("output_height"),
                  integer("output_width")};
  const int stride = integer("stride");
  const int padding = integer("padding");
  layer.window = {static_cast<int>(weights.shape[2]),
                  static_cast<int>(weights.shape[3]),
                  stride,
                  stride,
                  padding,
                  padding,
                  padding,
                  padding,
                  1,
                  1};
  layer.relu = integer("relu") != 0;
  layer.input_scale = static_cast<float>(reader.real_attribute(group, "input_scale"));
  layer.output_scale = static_cast<float>(reader.real_attribute(group, "output_scale"));
  if (!parse_list(reader.text_attribute(group, "permitted_values"), layer.permitted_values)) {
    throw mismatch(
        file, fmt::format("the permitted values of layer '{}' are no list of numbers", layer.name));
  }
  const bool geometry =
      stride >= 1 && padding >= 0 &&
      layer.output.height == layer.window.output_height(layer.input.height) &&
      layer.output.width == layer.window.output_width(layer.input.width);
  if (!geometry) {
    throw mismatch(file, fmt::format("the sizes of layer '{}' do not fit together", layer.name));
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

void write_traces(const Traces& traces, const std::filesystem::path& file) {
  Hdf5Writer writer(file, file_kind);
  writer.attribute("/", "format", format_version);
  writer.attribute("/", "network", traces.network_name);
  writer.attribute("/", "model_hash", traces.model_hash);
  writer.attribute("/", "image_source", traces.image_source);
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
      throw Error::input("TW-TRACE-001", fmt::format("the trace file has format {}", format))
          .at(file.string())
          .expected(fmt::format("format {}", format_version));
    }
    Traces traces;
    traces.network_name = reader.text_attribute("/", "network");
    traces.model_hash = reader.text_attribute("/", "model_hash");
    traces.image_source = reader.text_attribute("/", "image_source");
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
