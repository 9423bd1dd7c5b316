// A layer's mapping as JSON, for mapping files and for what an interrupted search leaves behind.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "sim/mapping/mapping_file.h"

namespace togglewise::mapping {

using Json = nlohmann::ordered_json;

// What is not natural: {"name", "reduction", "output_channels", "output_pixels", "groups",
// "unused_rows_on_top", "pixel_order", "column_order", "tile_order",
// "tiles": [{"rows": […], "negated": "0110…"}]}. The partial-sum offset is the network's.
Json layer_to_json(const MappedLayer& layer);

// `place` is named in messages: "layers[3]". Throws TW-MAP-001.
MappedLayer layer_from_json(const Json& json, const std::string& source, const std::string& place);

// Checked access; throws TW-MAP-001.
class MappingReader {
 public:
  MappingReader(const Json& json, const std::string& source, std::string place)
      : json_(json), source_(source), place_(std::move(place)) {}

  std::string text(const char* key) const;
  std::int64_t whole(const char* key, std::int64_t low, std::int64_t high) const;
  const Json& list(const char* key) const;    // an array; empty where the key is missing
  const Json& object(const char* key) const;  // throws where it is missing
  bool has(const char* key) const { return json_.contains(key); }
  bool flag(const char* key) const;  // false where it is missing
  // Whole numbers in [0, high].
  std::vector<std::uint32_t> numbers(const char* key, std::uint32_t high) const;
  std::uint64_t seed() const;
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;

 private:
  const Json* find(const char* key) const;

  const Json& json_;
  const std::string& source_;
  std::string place_;
};

}  // namespace togglewise::mapping
