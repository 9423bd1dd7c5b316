#include "sim/graph/external_data.h"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::graph {
namespace {

struct Place {
  std::filesystem::path location;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool has_length = false;
};

Error refused(const onnx::TensorProto& proto, const ModelSource& source,
              const std::string& message) {
  return Error::input("TW-ONNX-006",
                      fmt::format("the values of '{}' are kept outside the model: {}", proto.name(),
                                  message))
      .at(source.name)
      .expected("a relative path, offset and length inside a file beside the model");
}

bool parse(const std::string& text, std::uint64_t& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, number);
  return status == std::errc() && stop == end && !text.empty();
}

Place read_place(const onnx::TensorProto& proto, const ModelSource& source) {
  Place place;
  for (const onnx::StringStringEntryProto& entry : proto.external_data()) {
    bool sane = true;
    if (entry.key() == "location") {
      place.location = entry.value();
    } else if (entry.key() == "offset") {
      sane = parse(entry.value(), place.offset);
    } else if (entry.key() == "length") {
      sane = place.has_length = parse(entry.value(), place.length);
    }
    if (!sane) throw refused(proto, source, fmt::format("{} '{}'", entry.key(), entry.value()));
  }
  return place;
}

// A model must not make us read files elsewhere.
void check_location(const Place& place, const onnx::TensorProto& proto, const ModelSource& source) {
  bool inside = !place.location.empty() && place.location.is_relative();
  for (const std::filesystem::path& part : place.location) inside = inside && part != "..";
  if (!inside) {
    throw refused(proto, source, fmt::format("in '{}'", place.location.string()));
  }
}

}  // namespace

std::string read_external_data(const onnx::TensorProto& proto, std::size_t size,
                               const ModelSource& source) {
  if (source.folder.empty()) {
    throw refused(proto, source, "the model was not read from a file, so there is no folder");
  }
  const Place place = read_place(proto, source);
  check_location(place, proto, source);
  const std::filesystem::path path = source.folder / place.location;
  std::error_code status;
  const std::uint64_t available = std::filesystem::file_size(path, status);
  std::ifstream file(path, std::ios::binary);
  if (status || !file) {
    throw refused(proto, source, fmt::format("'{}' cannot be read", path.string()));
  }
  if ((place.has_length && place.length != size) || place.offset > available ||
      size > available - place.offset) {
    throw refused(proto, source,
                  fmt::format("{} bytes are needed from byte {} of '{}', which has {}{}", size,
                              place.offset, path.string(), available,
                              place.has_length ? fmt::format(" (length {})", place.length) : ""));
  }
  std::string bytes(size, '\0');
  file.seekg(static_cast<std::streamoff>(place.offset));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file) throw refused(proto, source, fmt::format("'{}' cannot be read", path.string()));
  return bytes;
}

}  // namespace togglewise::graph
