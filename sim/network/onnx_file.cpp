#include "sim/network/onnx_file.h"

#include <optional>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/network/onnx_names.h"
#include "sim/network/onnx_reader.h"

namespace togglewise::network {
namespace {

namespace names = onnx_names;

Error damaged(const std::string& source, const std::string& message) {
  return Error::input("TW-ONNX-001", message)
      .at(source)
      .expected("a whole ONNX file as 'togglewise train' and 'togglewise compress' write it");
}

// The format key stands last in what we write: a file cut off between two fields, which is valid
// protobuf, lacks it. The hash finds everything else.
void check_integrity(const onnx::ModelProto& model, const std::string& source) {
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
    throw damaged(source, fmt::format("'{}' is not among the file's metadata: the file is cut off "
                                      "or was not written by togglewise",
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

}  // namespace

void write_onnx(const QuantizedNetwork& network, const std::filesystem::path& file) {
  write_file_atomically(file, to_onnx(network));
}

QuantizedNetwork from_onnx(const std::string& bytes, const std::string& source) {
  onnx::ModelProto model;
  if (bytes.empty() || !model.ParseFromString(bytes)) {
    throw damaged(source, "this is not an ONNX file, or it is cut off");
  }
  check_integrity(model, source);
  return read_onnx_graph(model, source);
}

QuantizedNetwork read_onnx(const std::filesystem::path& file) {
  return from_onnx(read_file(file), file.string());
}

}  // namespace togglewise::network
