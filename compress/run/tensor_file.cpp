#include "compress/run/tensor_file.h"

#include <cstring>
#include <sstream>

#include <torch/csrc/api/include/torch/serialize/archive.h>
#include <torch/types.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"

namespace togglewise::compress {

namespace {

// libtorch 1.13 reads archives without looking at their CRCs, hence a checksum of our own over
// names, shapes and values.
std::string checksum(const std::string& kind, const std::string& record,
                     const std::map<std::string, torch::Tensor>& tensors) {
  std::string bytes = kind + '\n' + record + '\n';
  for (const auto& [name, tensor] : tensors) {
    const torch::Tensor values = tensor.contiguous();
    std::ostringstream header;
    header << name << ' ' << values.sizes() << '\n';
    bytes += header.str();
    bytes.append(reinterpret_cast<const char*>(values.data_ptr<float>()),
                 static_cast<std::size_t>(values.numel()) * sizeof(float));
  }
  return hash_bytes(bytes);
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& kind,
                         const std::string& why) {
  throw Error::input("TW-CKPT-001", "not a usable checkpoint: " + why)
      .at(file.string())
      .expected("a file of kind '" + kind + "' as togglewise wrote it");
}

}  // namespace

void write_tensor_file(const TensorFile& content, const std::filesystem::path& file) {
  torch::serialize::OutputArchive archive;
  const std::string record = content.record.dump();
  std::string names;
  for (const auto& [name, tensor] : content.tensors) {
    names += name + '\n';
    archive.write(name, tensor.detach().contiguous(), /*is_buffer=*/true);
  }
  archive.write("togglewise_kind", c10::IValue(content.kind));
  archive.write("togglewise_record", c10::IValue(record));
  archive.write("togglewise_tensors", c10::IValue(names));
  archive.write("togglewise_checksum",
                c10::IValue(checksum(content.kind, record, content.tensors)));
  std::ostringstream stream;
  archive.save_to(stream);
  write_file_atomically(file, stream.str());
}

TensorFile read_tensor_file(const std::filesystem::path& file, const std::string& kind) {
  std::istringstream stream(read_file(file));
  TensorFile content;
  std::string record;
  std::string expected;
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(stream);
    c10::IValue value;
    archive.read("togglewise_kind", value);
    content.kind = value.toStringRef();
    archive.read("togglewise_record", value);
    record = value.toStringRef();
    archive.read("togglewise_checksum", value);
    expected = value.toStringRef();
    archive.read("togglewise_tensors", value);
    std::istringstream names(value.toStringRef());
    for (std::string name; std::getline(names, name);) {
      torch::Tensor tensor;
      archive.read(name, tensor, /*is_buffer=*/true);
      content.tensors[name] = tensor;
    }
  } catch (const std::exception& e) {
    // libtorch's messages carry a stack trace; the first line says it.
    const std::string text = e.what();
    refuse(file, kind, text.substr(0, text.find('\n')));
  }
  if (content.kind != kind) refuse(file, kind, "it is of kind '" + content.kind + "'");
  if (checksum(content.kind, record, content.tensors) != expected) {
    refuse(file, kind, "its checksum differs");
  }
  content.record = nlohmann::json::parse(record);
  return content;
}

}  // namespace togglewise::compress
