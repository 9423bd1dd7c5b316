#include "sim/mapping/layer_mapping_json.h"

#include <limits>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::mapping {
namespace {

using network::LayerMapping;
using network::PixelOrder;
using network::TileMapping;
using network::TileOrder;

constexpr int kLargestCount = std::numeric_limits<int>::max();

std::vector<std::uint16_t> numbers_16(const MappingReader& reader, const char* key) {
  const std::vector<std::uint32_t> wide =
      reader.numbers(key, std::numeric_limits<std::uint16_t>::max());
  return {wide.begin(), wide.end()};
}

Json pixel_order_json(const PixelOrder& order) {
  Json json = {{"kind", network::to_string(order.kind)}};
  if (order.kind == PixelOrder::Kind::tiled) {
    json["block_height"] = order.block_height;
    json["block_width"] = order.block_width;
  }
  if (order.kind == PixelOrder::Kind::table) json["table"] = order.table;
  return json;
}

PixelOrder pixel_order_of(const Json& json, const std::string& source, const std::string& place) {
  const MappingReader reader(json, source, place + ".pixel_order");
  const std::string kind = reader.text("kind");
  PixelOrder order;
  for (const PixelOrder::Kind known : {PixelOrder::Kind::raster, PixelOrder::Kind::serpentine,
                                       PixelOrder::Kind::tiled, PixelOrder::Kind::table}) {
    if (kind == network::to_string(known)) order.kind = known;
  }
  if (kind != network::to_string(order.kind)) {
    reader.fail("kind", "raster, serpentine, tiled or table");
  }
  if (order.kind == PixelOrder::Kind::tiled) {
    order.block_height = static_cast<int>(reader.whole("block_height", 1, kLargestCount));
    order.block_width = static_cast<int>(reader.whole("block_width", 1, kLargestCount));
  }
  if (order.kind == PixelOrder::Kind::table) {
    order.table = reader.numbers("table", kLargestCount);
  }
  return order;
}

Json tile_json(const TileMapping& tile) {
  Json json = Json::object();
  if (!tile.row_order.empty()) json["rows"] = tile.row_order;
  if (!tile.negated.empty()) {
    std::string signs;
    for (const std::uint8_t negated : tile.negated) signs += negated != 0 ? '1' : '0';
    json["negated"] = signs;
  }
  return json;
}

TileMapping tile_of(const Json& json, const std::string& source, const std::string& place) {
  const MappingReader reader(json, source, place);
  TileMapping tile;
  tile.row_order = numbers_16(reader, "rows");
  if (!reader.has("negated")) return tile;
  for (const char sign : reader.text("negated")) {
    if (sign != '0' && sign != '1') reader.fail("negated", "a 0 or a 1 for each column");
    tile.negated.push_back(sign == '1' ? 1 : 0);
  }
  return tile;
}

}  // namespace

const Json* MappingReader::find(const char* key) const {
  if (!json_.is_object()) fail("", "an object");
  const auto entry = json_.find(key);
  return entry == json_.end() ? nullptr : &*entry;
}

void MappingReader::fail(const std::string& key, const std::string& expected) const {
  std::string name = place_;
  if (!name.empty() && !key.empty()) name += '.';
  name += key;
  throw Error::input("TW-MAP-001", fmt::format("this is not a whole mapping: '{}'", name))
      .at(source_)
      .expected(expected)
      .hint("'togglewise map' writes mappings");
}

std::string MappingReader::text(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr || !value->is_string()) fail(key, "a text");
  return value->get<std::string>();
}

std::int64_t MappingReader::whole(const char* key, std::int64_t low, std::int64_t high) const {
  const Json* value = find(key);
  const bool number = value != nullptr && value->is_number_integer() &&
                      !(value->is_number_unsigned() &&
                        value->get<std::uint64_t>() > static_cast<std::uint64_t>(high));
  if (!number || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) {
    fail(key, fmt::format("a whole number from {} to {}", low, high));
  }
  return value->get<std::int64_t>();
}

const Json& MappingReader::list(const char* key) const {
  static const Json empty = Json::array();
  const Json* value = find(key);
  if (value == nullptr) return empty;
  if (!value->is_array()) fail(key, "a list");
  return *value;
}

const Json& MappingReader::object(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr || !value->is_object()) fail(key, "an object");
  return *value;
}

bool MappingReader::flag(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) fail(key, "true or false");
  return value->get<bool>();
}

std::vector<std::uint32_t> MappingReader::numbers(const char* key, std::uint32_t high) const {
  std::vector<std::uint32_t> result;
  for (const Json& value : list(key)) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > high) {
      fail(key, fmt::format("whole numbers from 0 to {}", high));
    }
    result.push_back(value.get<std::uint32_t>());
  }
  return result;
}

std::uint64_t MappingReader::seed() const {
  const Json* value = find("seed");
  if (value == nullptr || !value->is_number_unsigned()) fail("seed", "a whole number");
  return value->get<std::uint64_t>();
}

Json layer_to_json(const MappedLayer& layer) {
  const LayerMapping& mapping = layer.mapping;
  Json json = {{"name", layer.name},
               {"reduction", layer.gemm.reduction},
               {"output_channels", layer.gemm.output_channels},
               {"output_pixels", layer.gemm.output_pixels},
               {"groups", layer.gemm.groups}};
  if (mapping.unused_rows_on_top) json["unused_rows_on_top"] = true;
  json["pixel_order"] = pixel_order_json(mapping.pixel_order);
  if (!mapping.column_order.empty()) json["column_order"] = mapping.column_order;
  json["tile_order"] = mapping.tile_order == TileOrder::forward ? "forward" : "alternating";
  if (mapping.tiles.empty()) return json;
  json["tiles"] = Json::array();
  for (const TileMapping& tile : mapping.tiles) json["tiles"].push_back(tile_json(tile));
  return json;
}

MappedLayer layer_from_json(const Json& json, const std::string& source, const std::string& place) {
  const MappingReader reader(json, source, place);
  MappedLayer layer;
  layer.name = reader.text("name");
  layer.gemm.reduction = static_cast<int>(reader.whole("reduction", 1, kLargestCount));
  layer.gemm.output_channels = static_cast<int>(reader.whole("output_channels", 1, kLargestCount));
  layer.gemm.output_pixels = static_cast<int>(reader.whole("output_pixels", 1, kLargestCount));
  layer.gemm.groups = static_cast<int>(reader.whole("groups", 1, kLargestCount));
  LayerMapping& mapping = layer.mapping;
  mapping.unused_rows_on_top = reader.flag("unused_rows_on_top");
  mapping.pixel_order = pixel_order_of(reader.object("pixel_order"), source, place);
  mapping.column_order = numbers_16(reader, "column_order");
  const std::string order = reader.text("tile_order");
  if (order != "forward" && order != "alternating") {
    reader.fail("tile_order", "forward or alternating");
  }
  mapping.tile_order = order == "forward" ? TileOrder::forward : TileOrder::alternating;
  const Json& tiles = reader.list("tiles");
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    mapping.tiles.push_back(tile_of(tiles[t], source, fmt::format("{}.tiles[{}]", place, t)));
  }
  return layer;
}

}  // namespace togglewise::mapping
