#include "sim/cli/activity_selection.h"

#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/network/tiling.h"

namespace togglewise::cli {
namespace {

std::optional<int> whole_number(const std::string& text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

// A layer's name goes before a number.
std::size_t find_layer(const std::string& wanted, const network::Traces& traces) {
  if (wanted.empty()) return 0;
  std::vector<std::string> names;
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    names.push_back(traces.layers[l].layer.name);
    if (names.back() == wanted) return l;
  }
  if (const std::optional<int> number = whole_number(wanted)) {
    if (*number >= 0 && static_cast<std::size_t>(*number) < names.size()) {
      return static_cast<std::size_t>(*number);
    }
    throw Error::input("TW-ACT-001", fmt::format("there is no layer number {}", wanted))
        .expected(fmt::format("0 to {}, or one of {}", names.size() - 1, list_names(names)));
  }
  const std::string near = nearest_name(wanted, names);
  throw Error::input("TW-ACT-001", fmt::format("there is no layer '{}'", wanted))
      .expected(fmt::format("a number from 0 to {}, or {}", names.size() - 1, list_names(names)))
      .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

void require_one_choice(const ActivityRequest& request) {
  const int choices =
      (request.pe.empty() ? 0 : 1) + (request.column >= 0 ? 1 : 0) + (request.all_pes ? 1 : 0);
  if (choices <= 1) return;
  throw Error::input("TW-ACT-006", "more than one choice of PEs was given")
      .expected("one of --pe ROW,COLUMN, --column COLUMN and --all-pes");
}

Error unused(const ActivitySelection& selection, const std::string& what) {
  return Error::input("TW-ACT-004", fmt::format("{} holds no weight of tile {} of layer '{}'", what,
                                                selection.tile, selection.layer_name))
      .expected(fmt::format("rows 0 to {}, columns 0 to {}", selection.streams.used_rows - 1,
                            selection.streams.used_columns - 1));
}

activity::PeRange parse_pe(const ActivityRequest& request, const config::HardwareConfig& config,
                           const ActivitySelection& selection) {
  const std::size_t comma = request.pe.find(',');
  const std::optional<int> row = whole_number(request.pe.substr(0, comma));
  const std::optional<int> column =
      comma == std::string::npos ? std::nullopt : whole_number(request.pe.substr(comma + 1));
  if (!row || !column) {
    throw Error::input("TW-ACT-003", fmt::format("--pe '{}' is no PE", request.pe))
        .expected("ROW,COLUMN, for example 3,5");
  }
  const config::HardwareConfig::Array& array = config.array;
  if (*row < 0 || *row >= array.rows || *column < 0 || *column >= array.columns) {
    throw Error::input("TW-ACT-003", fmt::format("the array has no PE {}", request.pe))
        .expected(fmt::format("rows 0 to {}, columns 0 to {}", array.rows - 1, array.columns - 1));
  }
  if (*row >= selection.streams.used_rows || *column >= selection.streams.used_columns) {
    throw unused(selection, fmt::format("PE {}", request.pe));
  }
  return {*row, *row + 1, *column, *column + 1};
}

activity::PeRange find_pes(const ActivityRequest& request, const config::HardwareConfig& config,
                           const ActivitySelection& selection) {
  const array::TileStreams& streams = selection.streams;
  if (!request.pe.empty()) return parse_pe(request, config, selection);
  if (request.all_pes) return {0, streams.used_rows, 0, streams.used_columns};
  if (request.column < 0) return activity::middle_pe(streams);
  if (request.column >= config.array.columns) {
    throw Error::input("TW-ACT-005", fmt::format("the array has no column {}", request.column))
        .expected(fmt::format("0 to {}", config.array.columns - 1));
  }
  if (request.column >= streams.used_columns) {
    throw unused(selection, fmt::format("column {}", request.column));
  }
  return {0, streams.used_rows, request.column, request.column + 1};
}

}  // namespace

ActivitySelection select_activity(const ActivityRequest& request,
                                  const config::HardwareConfig& config,
                                  const network::Traces& traces) {
  require_one_choice(request);
  ActivitySelection selection;
  selection.layer = find_layer(request.layer, traces);
  const network::TracedLayer& traced = traces.layers[selection.layer];
  selection.layer_name = traced.layer.name;
  const std::vector<network::MappedTile> tiles = network::mapped_tiles(
      traced.layer.gemm(), traced.mapping, config.array.rows, config.array.columns);
  selection.tiles = static_cast<int>(tiles.size());
  if (request.tile < 0 || request.tile >= selection.tiles) {
    throw Error::input("TW-ACT-002",
                       fmt::format("layer '{}' has no tile {}", selection.layer_name, request.tile))
        .expected(fmt::format("0 to {}", selection.tiles - 1));
  }
  selection.tile = request.tile;
  const std::int8_t* first =
      traced.ifmaps.data() + static_cast<std::size_t>(request.image) * traced.layer.input.size();
  const array::LayerActivations activations =
      array::lower_activations(traced.layer, first, request.images, 1, traced.mapping.pixel_order);
  selection.streams =
      array::tile_streams(traced.layer, activations, tiles[static_cast<std::size_t>(request.tile)]);
  selection.range = find_pes(request, config, selection);
  return selection;
}

}  // namespace togglewise::cli
