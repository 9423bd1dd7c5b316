// Mapping files: what is written is read, and whatever does not fit is refused by name.
#include "sim/mapping/mapping_file.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/base/files.h"
#include "sim/base/random.h"
#include "sim/mapping/chosen_mapping.h"
#include "sim/mapping/mapping_check.h"
#include "sim/network/tiling.h"
#include "tests/config/expect_error.h"
#include "tests/energy/small_network.h"

namespace togglewise::mapping {
namespace {

using network::PixelOrder;

template <typename Number>
std::vector<Number> shuffled(std::size_t count, Random& random) {
  std::vector<Number> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<Number>(i);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

// Everything that a mapping can choose, for the two layers of small_traces() on 16×16 PEs.
NetworkMapping full_mapping(std::uint64_t seed = 3) {
  Random random(seed);
  const network::Traces traces = energy::small_traces(1);
  NetworkMapping mapping;
  mapping.tool_version = "0.1.0";
  mapping.network_name = traces.network_name;
  mapping.model_hash = traces.model_hash;
  mapping.hardware_name = "small";
  mapping.array_rows = mapping.array_columns = 16;
  mapping.seed = 18446744073709551615U;
  mapping.allowed = {"row_order", "column_sign"};
  mapping.operand_source = "training images \"0..7\"";
  mapping.timing = "zero";
  mapping.partial_sum_offset = 0x5555;
  for (const network::TracedLayer& traced : traces.layers) {
    MappedLayer layer{traced.layer.name, traced.layer.gemm(), {}};
    layer.mapping.partial_sum_offset = mapping.partial_sum_offset;
    layer.mapping.unused_rows_on_top = true;
    layer.mapping.tile_order = network::TileOrder::alternating;
    layer.mapping.column_order =
        shuffled<std::uint16_t>(static_cast<std::size_t>(layer.gemm.output_channels), random);
    for (const network::TileRange& range : network::tiles_of(layer.gemm, 16, 16)) {
      network::TileMapping tile;
      tile.row_order = shuffled<std::uint16_t>(static_cast<std::size_t>(range.rows()), random);
      for (int c = 0; c < range.columns(); ++c) {
        tile.negated.push_back(static_cast<std::uint8_t>(random.below(2)));
      }
      layer.mapping.tiles.push_back(std::move(tile));
    }
    mapping.layers.push_back(std::move(layer));
  }
  PixelOrder& first = mapping.layers[0].mapping.pixel_order;
  first.kind = PixelOrder::Kind::table;
  first.table = shuffled<std::uint32_t>(49, random);
  PixelOrder& second = mapping.layers[1].mapping.pixel_order;
  second.kind = PixelOrder::Kind::tiled;
  second.block_height = 2;
  second.block_width = 3;
  return mapping;
}

config::HardwareConfig hardware() {
  config::HardwareConfig config;
  config.name = "small";
  config.array.rows = config.array.columns = 16;
  config.array.partial_sum_bits = config::derived_partial_sum_bits(config.array);
  return config;
}

void expect_same(const NetworkMapping& a, const NetworkMapping& b) {
  EXPECT_EQ(a.tool_version, b.tool_version);
  EXPECT_EQ(a.network_name, b.network_name);
  EXPECT_EQ(a.model_hash, b.model_hash);
  EXPECT_EQ(a.hardware_name, b.hardware_name);
  EXPECT_EQ(a.array_rows, b.array_rows);
  EXPECT_EQ(a.array_columns, b.array_columns);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.allowed, b.allowed);
  EXPECT_EQ(a.operand_source, b.operand_source);
  EXPECT_EQ(a.timing, b.timing);
  EXPECT_EQ(a.partial_sum_offset, b.partial_sum_offset);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    EXPECT_EQ(a.layers[l].name, b.layers[l].name);
    EXPECT_EQ(a.layers[l].gemm.reduction, b.layers[l].gemm.reduction);
    EXPECT_EQ(a.layers[l].mapping, b.layers[l].mapping) << a.layers[l].name;
  }
}

TEST(MappingFile, GivesBackWhatWasWritten) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "mapping.json";
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const NetworkMapping mapping = full_mapping(seed);
    write_mapping(mapping, file);
    expect_same(read_mapping(file), mapping);
    EXPECT_EQ(mapping_text(read_mapping(file)), read_file(file));
  }
}

TEST(MappingFile, OfNaturalLayers_IsShort_AndNeedsNothing) {
  NetworkMapping mapping = full_mapping();
  mapping.partial_sum_offset = 0;
  for (MappedLayer& layer : mapping.layers) layer.mapping = {};
  const std::string text = mapping_text(mapping);
  EXPECT_LT(text.size(), 1000U);
  expect_same(parse_mapping(text, "text"), mapping);
  EXPECT_TRUE(needed_permissions(mapping).empty());
  EXPECT_EQ(needed_permissions(full_mapping()),
            (std::vector<std::string>{"column_sign", "row_order", "unused_rows_on_top",
                                      "pixel_generator", "pixel_table", "column_order",
                                      "tile_order", "partial_sum_offset"}));
}

TEST(MappingFile, OrdersThatChangeNothing_NeedNoPermission) {
  NetworkMapping mapping = full_mapping();
  mapping.partial_sum_offset = 0;
  for (MappedLayer& layer : mapping.layers) {
    std::vector<network::TileMapping> tiles = layer.mapping.tiles;
    std::vector<std::uint16_t> columns = layer.mapping.column_order;
    std::sort(columns.begin(), columns.end());
    for (network::TileMapping& tile : tiles) {
      std::sort(tile.row_order.begin(), tile.row_order.end());
      std::fill(tile.negated.begin(), tile.negated.end(), std::uint8_t{0});
    }
    layer.mapping = {};
    layer.mapping.tiles = tiles;
    layer.mapping.column_order = columns;
  }
  EXPECT_TRUE(needed_permissions(mapping).empty());
}

// The accumulators of an array that subtracts anywhere can subtract everywhere.
TEST(MappingFile, SaysOfAllColumnsWhetherTheyAreNegated_WhereAnyIs) {
  NetworkMapping mapping = full_mapping();
  mapping.layers[1].mapping.tiles.clear();
  const NetworkMapping read = parse_mapping(mapping_text(mapping), "text");
  const auto ranges = network::tiles_of(mapping.layers[1].gemm, 16, 16);
  ASSERT_EQ(read.layers[1].mapping.tiles.size(), ranges.size());
  for (std::size_t t = 0; t < ranges.size(); ++t) {
    EXPECT_EQ(read.layers[1].mapping.tiles[t].negated,
              std::vector<std::uint8_t>(static_cast<std::size_t>(ranges[t].columns()), 0));
  }
  for (network::TileMapping& tile : mapping.layers[0].mapping.tiles) tile.negated.clear();
  EXPECT_TRUE(parse_mapping(mapping_text(mapping), "text").layers[1].mapping.tiles.empty());
}

TEST(MappingFile, WhatIsNoMapping_IsRefused) {
  const auto refused = [](const std::string& text, const std::string& word, int line = 0) {
    expect_error([&] { parse_mapping(text, "some.json"); },
                 {"TW-MAP-001", {"some.json", word}, line});
  };
  refused("", "not JSON");
  refused("{\n\"tool\": \"togglewise\",\n\"comm", "not JSON", 3);
  refused("[1, 2]", "not a mapping");
  refused(R"({"tool": "togglewise", "command": "simulate"})", "mapping.json");
  const TemporaryDirectory folder;
  expect_error([&] { read_mapping(folder.path() / "none.json"); }, {"TW-FILE-001", {"none.json"}});
}

TEST(MappingFile, AKeyThatIsMissingOrOfAnotherKind_IsNamed) {
  const nlohmann::json good = nlohmann::json::parse(mapping_text(full_mapping()));
  const auto refused = [&](const std::string& pointer, const nlohmann::json& value,
                           const std::string& word) {
    nlohmann::json bad = good;
    if (value.is_null()) {
      const auto path = nlohmann::json::json_pointer(pointer);
      bad.at(path.parent_pointer()).erase(path.back());
    } else {
      bad[nlohmann::json::json_pointer(pointer)] = value;
    }
    expect_error([&] { parse_mapping(bad.dump(), "m.json"); }, {"TW-MAP-001", {word}});
  };
  refused("/seed", nullptr, "'seed'");
  refused("/seed", -1, "'seed'");
  refused("/model/name", 7, "'model.name'");
  refused("/array", nullptr, "'array'");
  refused("/array/rows", 257, "from 1 to 256");
  refused("/array/rows", 1e300, "'array.rows'");
  refused("/partial_sum_offset", 4294967296, "'partial_sum_offset'");
  refused("/search/allowed/0", 5, "a list of names");
  refused("/layers", "none", "a list");
  refused("/layers/1", 5, "'layers[1]'");
  refused("/layers/1/name", nullptr, "'layers[1].name'");
  refused("/layers/0/reduction", 0, "'layers[0].reduction'");
  refused("/layers/0/unused_rows_on_top", "yes", "true or false");
  refused("/layers/0/pixel_order/kind", "spiral", "serpentine, tiled or table");
  refused("/layers/0/pixel_order/table/3", -4, "'layers[0].pixel_order.table'");
  refused("/layers/1/pixel_order/block_width", 0, "'layers[1].pixel_order.block_width'");
  refused("/layers/0/tile_order", "random", "forward or alternating");
  refused("/layers/0/column_order/0", 70000, "0 to 65535");
  refused("/layers/0/tiles/1/rows/0", "x", "'layers[0].tiles[1].rows'");
  refused("/layers/0/tiles/0/negated", "01x10", "a 0 or a 1");
}

TEST(MappingFile, OfAnotherFormat_IsRefused) {
  nlohmann::json mapping = nlohmann::json::parse(mapping_text(full_mapping()));
  mapping["format_version"] = kMappingFormatVersion + 1;
  expect_error([&] { parse_mapping(mapping.dump(), "new.json"); },
               {"TW-MAP-002", {"new.json", "format 2", "format 1"}});
  mapping.erase("format_version");
  expect_error([&] { parse_mapping(mapping.dump(), "new.json"); }, {"TW-MAP-002", {}});
}

TEST(MappingFile, OrdersThatAreNone_AreRefused) {
  const auto refused = [](const std::function<void(NetworkMapping&)>& change,
                          const std::string& word) {
    NetworkMapping mapping = full_mapping();
    change(mapping);
    expect_error([&] { parse_mapping(mapping_text(mapping), "m.json"); },
                 {"TW-MAP-005", {"m.json", word}});
  };
  refused(
      [](NetworkMapping& m) {
        m.layers[0].mapping.tiles[0].row_order[1] = m.layers[0].mapping.tiles[0].row_order[2];
      },
      "row order of tile 0");
  refused([](NetworkMapping& m) { m.layers[0].mapping.tiles[1].row_order.pop_back(); },
          "row order of tile 1");
  refused([](NetworkMapping& m) { m.layers[0].mapping.tiles.pop_back(); }, "tiles");
  refused([](NetworkMapping& m) { m.layers[1].mapping.tiles[0].negated.push_back(1); },
          "signs for 17 columns");
  refused(
      [](NetworkMapping& m) {
        m.layers[0].mapping.column_order[0] = m.layers[0].mapping.column_order[1];
      },
      "column order");
  refused([](NetworkMapping& m) { m.layers[0].mapping.column_order.push_back(5); }, "column order");
  refused([](NetworkMapping& m) { m.layers[0].mapping.pixel_order.table[0] = 49; }, "pixel table");
  refused([](NetworkMapping& m) { m.layers[0].mapping.pixel_order.table.clear(); }, "pixel table");
}

TEST(MappingCheck, AnotherArray_IsRefused) {
  config::HardwareConfig config = hardware();
  EXPECT_NO_THROW(check_hardware(full_mapping(), config, "m.json"));
  config.array.rows = 32;
  expect_error([&] { check_hardware(full_mapping(), config, "m.json"); },
               {"TW-MAP-003", {"16×16", "32×16", "m.json"}});
}

TEST(MappingCheck, AnOffsetWithWhichSumsMayOverflow_IsRefused) {
  NetworkMapping mapping = full_mapping();
  const std::int32_t largest = network::largest_partial_sum_offset(16, 8, 8, 20);
  for (const std::int32_t good : {largest, -largest}) {
    mapping.partial_sum_offset = good;
    EXPECT_NO_THROW(check_hardware(mapping, hardware(), "m.json"));
  }
  for (const std::int32_t bad : {largest + 1, -largest - 1}) {
    mapping.partial_sum_offset = bad;
    expect_error([&] { check_hardware(mapping, hardware(), "m.json"); },
                 {"TW-MAP-007", {"20 bits", std::to_string(largest)}});
  }
}

TEST(MappingCheck, WhatTheHardwareForbids_IsRefusedByName) {
  const std::vector<std::string> all = config::mapping_permission_names();
  EXPECT_EQ(names_of(hardware().mapping), all);
  for (const std::string& forbidden : all) {
    std::vector<std::string> others;
    for (const std::string& name : all) {
      if (name != forbidden) others.push_back(name);
    }
    config::HardwareConfig config = hardware();
    config.mapping = config::mapping_permissions(others);
    EXPECT_EQ(names_of(config.mapping), others);
    expect_error([&] { check_hardware(full_mapping(), config, "m.json"); },
                 {"TW-MAP-008", {"needs " + forbidden, "mapping.allow"}});
  }
}

TEST(MappingCheck, AnotherNetwork_IsRefused) {
  const auto refused = [](const std::function<void(network::Traces&)>& change,
                          const std::string& word) {
    network::Traces traces = energy::small_traces(1);
    change(traces);
    expect_error([&] { apply_mapping(full_mapping(), hardware(), "m.json", traces); },
                 {"TW-MAP-004", {word, "m.json"}});
    EXPECT_EQ(traces.layers[0].mapping, network::LayerMapping());
  };
  refused([](network::Traces& t) { t.layers.pop_back(); }, "2 layers");
  refused([](network::Traces& t) { t.layers[1].layer.name = "dense"; }, "'dense'");
  refused([](network::Traces& t) { t.layers[0].layer.output.channels = 6; }, "18×6×49");
}

TEST(MappingCheck, OtherWeights_MayUseTheMapping_ExceptForWhatHasNoNegative) {
  const NetworkMapping mapping = full_mapping();
  network::Traces traces = energy::small_traces(1);
  traces.model_hash = "other weights";
  for (network::TracedLayer& traced : traces.layers) {
    std::fill(traced.layer.weights.begin(), traced.layer.weights.end(), std::int8_t{-127});
  }
  apply_mapping(mapping, hardware(), "m.json", traces);
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    EXPECT_EQ(traces.layers[l].mapping, mapping.layers[l].mapping);
  }
  const std::vector<std::uint8_t> negated =
      network::negated_weights(mapping.layers[0].gemm, mapping.layers[0].mapping, 16, 16);
  std::vector<std::int8_t>& weights = traces.layers[0].layer.weights;
  for (std::size_t i = 0; i < negated.size(); ++i) {
    weights[i] = -128;
    if (negated[i] != 0) {
      expect_error([&] { apply_mapping(mapping, hardware(), "m.json", traces); },
                   {"TW-MAP-006", {"'conv'", "-128", "output channel " + std::to_string(i / 18)}});
    } else {
      EXPECT_NO_THROW(apply_mapping(mapping, hardware(), "m.json", traces));
    }
    weights[i] = 0;
  }
}

TEST(MappingCheck, NarrowWeights_HaveALeastOneOfTheirOwn) {
  network::Traces traces = energy::small_traces(1);
  for (network::TracedLayer& traced : traces.layers) {
    std::fill(traced.layer.weights.begin(), traced.layer.weights.end(), std::int8_t{-8});
  }
  std::vector<const network::GemmLayer*> layers;
  for (const network::TracedLayer& traced : traces.layers) layers.push_back(&traced.layer);
  EXPECT_NO_THROW(check_layers(full_mapping(), layers, 5, "m.json"));
  expect_error([&] { check_layers(full_mapping(), layers, 4, "m.json"); },
               {"TW-MAP-006", {"8 does not fit 4 bits"}});
}

TEST(ChosenMapping, IsTheFile_ElseTheModelsOwn_UnlessNone) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "mapping.json";
  write_mapping(full_mapping(1), file);
  const std::map<std::string, std::string> metadata{
      {kMappingMetadata, mapping_text(full_mapping(2))}};
  EXPECT_FALSE(load_mapping("", {}, "net.onnx"));
  EXPECT_FALSE(load_mapping(kNoMapping, metadata, "net.onnx"));
  const auto own = load_mapping("", metadata, "net.onnx");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->source, "metadata of net.onnx");
  expect_same(own->mapping, full_mapping(2));
  const auto given = load_mapping(file.string(), metadata, "net.onnx");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->source, file.string());
  EXPECT_EQ(given->text, read_file(file));
  expect_same(given->mapping, full_mapping(1));
  EXPECT_NE(given->hash, own->hash);
}

}  // namespace
}  // namespace togglewise::mapping
