#include "sim/mapping/mapping_file.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/version.h"
#include "sim/mapping/layer_mapping_json.h"
#include "sim/mapping/mapping_check.h"
#include "sim/network/tiling.h"

namespace togglewise::mapping {
namespace {

// What tells a mapping from the other results of the program.
constexpr const char* kKind = "mapping";

Json parse_json(const std::string& text, const std::string& source) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto end =
        text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(error.byte, text.size()));
    throw Error::input("TW-MAP-001", "this is not a whole mapping: not JSON")
        .at(source, 1 + static_cast<int>(std::count(text.begin(), end, '\n')))
        .expected("a file that 'togglewise map' wrote");
  }
}

void require_kind(const Json& json, const std::string& source) {
  const bool is_mapping = json.is_object() && json.contains("command") &&
                          json["command"] == kKind && json.contains("tool") &&
                          json["tool"] == "togglewise";
  if (!is_mapping) {
    throw Error::input("TW-MAP-001", "this is JSON, but not a mapping")
        .at(source)
        .expected("a file that 'togglewise map' wrote (mapping.json)");
  }
  const auto version = json.find("format_version");
  if (version == json.end() || *version != kMappingFormatVersion) {
    throw Error::input("TW-MAP-002",
                       fmt::format("a mapping in format {}",
                                   version == json.end() ? std::string("none") : version->dump()))
        .at(source)
        .expected(fmt::format("format {}", kMappingFormatVersion))
        .hint("another version of Togglewise wrote it: run 'togglewise map' again");
  }
}

}  // namespace

bool NetworkMapping::negates() const {
  for (const MappedLayer& layer : layers) {
    for (const network::TileMapping& tile : layer.mapping.tiles) {
      if (std::find(tile.negated.begin(), tile.negated.end(), 1) != tile.negated.end()) return true;
    }
  }
  return false;
}

void complete_signs(NetworkMapping& mapping) {
  if (!mapping.negates()) return;
  for (MappedLayer& layer : mapping.layers) {
    const std::vector<network::TileRange> tiles =
        network::tiles_of(layer.gemm, mapping.array_rows, mapping.array_columns);
    layer.mapping.tiles.resize(tiles.size());
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      layer.mapping.tiles[t].negated.resize(static_cast<std::size_t>(tiles[t].columns()));
    }
  }
}

std::string mapping_text(const NetworkMapping& mapping) {
  const Json head = {{"tool", "togglewise"},
                     {"version", mapping.tool_version},
                     {"command", kKind},
                     {"format_version", kMappingFormatVersion},
                     {"seed", mapping.seed},
                     {"model", {{"name", mapping.network_name}, {"hash", mapping.model_hash}}},
                     {"array",
                      {{"hardware", mapping.hardware_name},
                       {"rows", mapping.array_rows},
                       {"columns", mapping.array_columns}}},
                     {"search",
                      {{"allowed", mapping.allowed},
                       {"operands", mapping.operand_source},
                       {"timing_model", mapping.timing}}},
                     {"partial_sum_offset", mapping.partial_sum_offset}};
  const auto dumped = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string text = "{";
  for (const auto& [key, value] : head.items()) {
    text += fmt::format("\n{}: {},", dumped(key), dumped(value));
  }
  text += "\n\"layers\": [";
  for (std::size_t l = 0; l < mapping.layers.size(); ++l) {
    text += (l == 0 ? "\n" : ",\n") + dumped(layer_to_json(mapping.layers[l]));
  }
  return text + "\n]}\n";
}

NetworkMapping parse_mapping(const std::string& text, const std::string& source) {
  const Json json = parse_json(text, source);
  require_kind(json, source);
  const MappingReader reader(json, source, "");
  const MappingReader model(reader.object("model"), source, "model");
  const MappingReader array(reader.object("array"), source, "array");
  const MappingReader search(reader.object("search"), source, "search");
  NetworkMapping mapping;
  mapping.tool_version = reader.text("version");
  mapping.seed = reader.seed();
  mapping.network_name = model.text("name");
  mapping.model_hash = model.text("hash");
  mapping.hardware_name = array.text("hardware");
  mapping.array_rows = static_cast<int>(array.whole("rows", 1, 256));
  mapping.array_columns = static_cast<int>(array.whole("columns", 1, 256));
  for (const Json& name : search.list("allowed")) {
    if (!name.is_string()) search.fail("allowed", "a list of names");
    mapping.allowed.push_back(name.get<std::string>());
  }
  mapping.operand_source = search.text("operands");
  mapping.timing = search.text("timing_model");
  mapping.partial_sum_offset = static_cast<std::int32_t>(
      reader.whole("partial_sum_offset", std::numeric_limits<std::int32_t>::min(),
                   std::numeric_limits<std::int32_t>::max()));
  const Json& layers = reader.list("layers");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    mapping.layers.push_back(layer_from_json(layers[l], source, fmt::format("layers[{}]", l)));
    mapping.layers.back().mapping.partial_sum_offset = mapping.partial_sum_offset;
    check_orders(mapping.layers.back(), mapping.array_rows, mapping.array_columns, source);
  }
  complete_signs(mapping);
  return mapping;
}

void write_mapping(const NetworkMapping& mapping, const std::filesystem::path& file) {
  write_file_atomically(file, mapping_text(mapping));
}

NetworkMapping read_mapping(const std::filesystem::path& file) {
  return parse_mapping(read_file(file), file.string());
}

}  // namespace togglewise::mapping
