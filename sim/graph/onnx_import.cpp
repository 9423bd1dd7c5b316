#include "sim/graph/onnx_import.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/graph/graph_import.h"
#include "sim/network/onnx_names.h"
#include "sim/network/value_list.h"

namespace togglewise::graph {
namespace {

namespace names = network::onnx_names;

Error damaged(const ModelSource& source, const std::string& message) {
  return Error::input("TW-ONNX-001", message)
      .at(source.name)
      .expected(
          "a whole ONNX file, as exporters and 'togglewise train', 'quantize' and 'compress' write "
          "it");
}

bool is_own(const onnx::ModelProto& model) {
  const auto& entries = model.metadata_props();
  return model.producer_name() == names::producer ||
         std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
           return entry.key().rfind(names::key_prefix, 0) == 0;
         });
}

// The format key stands last in what we write: a file cut off between two fields, which is valid
// protobuf, lacks it. The hash finds everything else.
void check_integrity(const onnx::ModelProto& model, const ModelSource& source) {
  std::optional<std::string> format, hash;
  onnx::ModelProto hashed = model;
  hashed.clear_metadata_props();
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == names::format_key) format = entry.value();
    if (entry.key() == names::content_hash_key) {
      hash = entry.value();
    } else {
      *hashed.add_metadata_props() = entry;
    }
  }
  if (!format) {
    throw damaged(source, fmt::format("'{}' is not among the metadata of a file of togglewise: it "
                                      "is cut off",
                                      names::format_key));
  }
  if (*format != names::format_version) {
    throw damaged(source, fmt::format("the file has format '{}' of togglewise", *format))
        .expected(fmt::format("format {}", names::format_version));
  }
  if (hash && *hash != hash_bytes(hashed.SerializeAsString())) {
    throw damaged(source, "the file's content does not match its hash: it is damaged or was edited")
        .hint(fmt::format("an edited file is read when the metadata entry '{}' is removed",
                          names::content_hash_key));
  }
}

Error bad_entry(const ModelSource& source, const std::string& message,
                const std::string& expected) {
  return Error::input("TW-ONNX-003", message).at(source.name).expected(expected);
}

void read_metadata(const onnx::ModelProto& model, const ModelSource& source,
                   network::QuantizedNetwork& network) {
  const std::string prefix = names::permitted_values_prefix;
  const std::vector<network::GemmLayer*> layers = network.gemm_layers();
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    const std::string& key = entry.key();
    if (key == names::format_key || key == names::content_hash_key) continue;
    if (key.rfind(prefix, 0) != 0) {
      network.metadata[key] = entry.value();
      continue;
    }
    const std::string name = key.substr(prefix.size());
    const auto layer =
        std::find_if(layers.begin(), layers.end(),
                     [&](const network::GemmLayer* candidate) { return candidate->name == name; });
    if (layer == layers.end()) {
      throw bad_entry(source, fmt::format("metadata '{}' belongs to no layer", key),
                      "the name of a Conv or Gemm node");
    }
    if (!network::parse_list(entry.value(), (*layer)->permitted_values) || entry.value().empty()) {
      throw bad_entry(source, fmt::format("metadata '{}' is '{}'", key, entry.value()),
                      "weight values separated by commas");
    }
  }
}

ImportedNetwork import_model(const std::string& bytes, const ModelSource& source) {
  onnx::ModelProto model;
  if (bytes.empty() || !model.ParseFromString(bytes) || !model.has_graph()) {
    throw damaged(source, "this is not an ONNX file, or it is cut off");
  }
  const bool own = is_own(model);
  if (own) check_integrity(model, source);
  ImportedNetwork result = GraphImport(model, source, own).run();
  if (auto* quantized = std::get_if<network::QuantizedNetwork>(&result)) {
    read_metadata(model, source, *quantized);
    network::check_network(*quantized, 8, source.name);
  }
  return result;
}

network::QuantizedNetwork require_quantized(ImportedNetwork imported, const std::string& source) {
  if (auto* quantized = std::get_if<network::QuantizedNetwork>(&imported)) {
    return std::move(*quantized);
  }
  throw Error::input("TW-ONNX-007", "the network's weights and activations are real numbers")
      .at(source)
      .expected("an int8 network (QuantizeLinear and DequantizeLinear around every layer)")
      .hint("'togglewise quantize' makes one of it");
}

}  // namespace

ImportedNetwork import_onnx(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  return import_model(read_file(file), {file.string(), folder.empty() ? "." : folder});
}

ImportedNetwork import_onnx(const std::string& bytes, const std::string& source) {
  return import_model(bytes, {source, {}});
}

network::QuantizedNetwork read_onnx(const std::filesystem::path& file) {
  return require_quantized(import_onnx(file), file.string());
}

network::QuantizedNetwork from_onnx(const std::string& bytes, const std::string& source) {
  return require_quantized(import_onnx(bytes, source), source);
}

}  // namespace togglewise::graph
