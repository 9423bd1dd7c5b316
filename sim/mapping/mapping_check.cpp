#include "sim/mapping/mapping_check.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/network/tiling.h"

namespace togglewise::mapping {
namespace {

using network::PixelOrder;
using network::TileMapping;

// Of 0..size−1; an empty order is the natural one.
template <typename Number>
bool is_order(const Number* begin, std::size_t count, std::size_t size) {
  if (count == 0) return true;
  if (count != size) return false;
  std::vector<bool> seen(size, false);
  for (std::size_t i = 0; i < count; ++i) {
    if (begin[i] >= size || seen[begin[i]]) return false;
    seen[begin[i]] = true;
  }
  return true;
}

template <typename Number>
bool changes_order(const std::vector<Number>& order) {
  return !std::is_sorted(order.begin(), order.end());
}

class OrderCheck {
 public:
  OrderCheck(const MappedLayer& layer, const std::string& source)
      : layer_(layer), source_(source) {}

  void pixels() const {
    const PixelOrder& order = layer_.mapping.pixel_order;
    if (order.kind != PixelOrder::Kind::table) return;
    const auto count = static_cast<std::size_t>(layer_.gemm.output_pixels);
    if (order.table.size() != count || !is_order(order.table.data(), order.table.size(), count)) {
      fail("the pixel table is no order of the output pixels",
           fmt::format("each of 0 to {} once", count - 1));
    }
  }

  void columns() const {
    const std::vector<std::uint16_t>& order = layer_.mapping.column_order;
    const auto of_group = static_cast<std::size_t>(layer_.gemm.output_channels);
    const auto groups = static_cast<std::size_t>(layer_.gemm.groups);
    if (order.empty()) return;
    bool good = order.size() == of_group * groups;
    for (std::size_t g = 0; good && g < groups; ++g) {
      good = is_order(order.data() + g * of_group, of_group, of_group);
    }
    if (!good) {
      fail("the column order is no order of the output channels",
           fmt::format("for each of {} groups each of 0 to {} once", groups, of_group - 1));
    }
  }

  void tiles(int array_rows, int array_columns) const {
    const std::vector<TileMapping>& tiles = layer_.mapping.tiles;
    if (tiles.empty()) return;
    const std::vector<network::TileRange> ranges =
        network::tiles_of(layer_.gemm, array_rows, array_columns);
    if (tiles.size() != ranges.size()) {
      fail(fmt::format("{} tiles", tiles.size()),
           fmt::format("{}, as many as the layer has on {}×{} PEs", ranges.size(), array_rows,
                       array_columns));
    }
    for (std::size_t t = 0; t < tiles.size(); ++t) tile(t, tiles[t], ranges[t]);
  }

 private:
  void tile(std::size_t t, const TileMapping& mapping, const network::TileRange& range) const {
    const auto rows = static_cast<std::size_t>(range.rows());
    if (!is_order(mapping.row_order.data(), mapping.row_order.size(), rows)) {
      fail(fmt::format("the row order of tile {} is no order of its rows", t),
           fmt::format("each of 0 to {} once", rows - 1));
    }
    const auto columns = static_cast<std::size_t>(range.columns());
    if (!mapping.negated.empty() && mapping.negated.size() != columns) {
      fail(fmt::format("tile {} has signs for {} columns", t, mapping.negated.size()),
           fmt::format("{}", columns));
    }
  }

  [[noreturn]] void fail(const std::string& what, const std::string& expected) const {
    throw Error::input("TW-MAP-005", fmt::format("layer '{}': {}", layer_.name, what))
        .at(source_)
        .expected(expected)
        .hint("the file was changed or damaged: run 'togglewise map' again");
  }

  const MappedLayer& layer_;
  const std::string& source_;
};

struct Permission {
  const char* name;
  bool config::HardwareConfig::MappingPermissions::*allowed;
  bool (*needed)(const MappedLayer&);
};

bool any_tile(const MappedLayer& layer, bool (*chosen)(const TileMapping&)) {
  return std::any_of(layer.mapping.tiles.begin(), layer.mapping.tiles.end(), chosen);
}

bool changes_columns(const MappedLayer& layer) {
  const std::vector<std::uint16_t>& order = layer.mapping.column_order;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] != i % static_cast<std::size_t>(layer.gemm.output_channels)) return true;
  }
  return false;
}

const std::vector<Permission>& permissions() {
  using Permissions = config::HardwareConfig::MappingPermissions;
  using Kind = PixelOrder::Kind;
  static const std::vector<Permission> all{
      {"column_sign", &Permissions::column_sign,
       [](const MappedLayer& m) {
         return any_tile(m, [](const TileMapping& t) {
           return std::find(t.negated.begin(), t.negated.end(), 1) != t.negated.end();
         });
       }},
      {"row_order", &Permissions::row_order,
       [](const MappedLayer& m) {
         return any_tile(m, [](const TileMapping& t) { return changes_order(t.row_order); });
       }},
      {"unused_rows_on_top", &Permissions::unused_rows_on_top,
       [](const MappedLayer& m) { return m.mapping.unused_rows_on_top; }},
      {"pixel_generator", &Permissions::pixel_generator,
       [](const MappedLayer& m) {
         const Kind kind = m.mapping.pixel_order.kind;
         return kind == Kind::serpentine || kind == Kind::tiled;
       }},
      {"pixel_table", &Permissions::pixel_table,
       [](const MappedLayer& m) { return changes_order(m.mapping.pixel_order.table); }},
      {"column_order", &Permissions::column_order, changes_columns},
      {"tile_order", &Permissions::tile_order,
       [](const MappedLayer& m) { return m.mapping.tile_order != network::TileOrder::forward; }},
      {"partial_sum_offset", &Permissions::partial_sum_offset,
       [](const MappedLayer& m) { return m.mapping.partial_sum_offset != 0; }}};
  return all;
}

bool needs(const NetworkMapping& mapping, const Permission& permission) {
  return std::any_of(mapping.layers.begin(), mapping.layers.end(),
                     [&](const MappedLayer& layer) { return permission.needed(layer); });
}

std::string shape_text(const network::GemmShape& gemm) {
  return fmt::format("{}×{}×{}{}", gemm.reduction, gemm.output_channels, gemm.output_pixels,
                     gemm.groups == 1 ? "" : fmt::format(", {} groups", gemm.groups));
}

bool same_shape(const network::GemmShape& a, const network::GemmShape& b) {
  return a.reduction == b.reduction && a.output_channels == b.output_channels &&
         a.output_pixels == b.output_pixels && a.groups == b.groups;
}

void check_weights(const NetworkMapping& mapping, const MappedLayer& mapped,
                   const network::GemmLayer& layer, int weight_bits, const std::string& source) {
  const int lowest = -(1 << (weight_bits - 1));
  const std::vector<std::uint8_t> negated = network::negated_weights(
      mapped.gemm, mapped.mapping, mapping.array_rows, mapping.array_columns);
  for (std::size_t i = 0; i < std::min(negated.size(), layer.weights.size()); ++i) {
    if (negated[i] == 0 || layer.weights[i] != lowest) continue;
    throw Error::input(
        "TW-MAP-006",
        fmt::format("layer '{}': output channel {} has a weight {} in a column that the mapping "
                    "negates",
                    layer.name, i / static_cast<std::size_t>(mapped.gemm.reduction), lowest))
        .at(source)
        .expected(fmt::format("weights from {} on: {} does not fit {} bits", lowest + 1, -lowest,
                              weight_bits))
        .hint("run 'togglewise map' on this network");
  }
}

}  // namespace

void check_orders(const MappedLayer& layer, int array_rows, int array_columns,
                  const std::string& source) {
  const OrderCheck check(layer, source);
  check.pixels();
  check.columns();
  check.tiles(array_rows, array_columns);
}

std::vector<std::string> names_of(const config::HardwareConfig::MappingPermissions& allowed) {
  std::vector<std::string> names;
  for (const Permission& permission : permissions()) {
    if (allowed.*permission.allowed) names.push_back(permission.name);
  }
  return names;
}

std::vector<std::string> needed_permissions(const NetworkMapping& mapping) {
  std::vector<std::string> names;
  for (const Permission& permission : permissions()) {
    if (needs(mapping, permission)) names.push_back(permission.name);
  }
  return names;
}

void check_hardware(const NetworkMapping& mapping, const config::HardwareConfig& hardware,
                    const std::string& source) {
  const config::HardwareConfig::Array& array = hardware.array;
  if (mapping.array_rows != array.rows || mapping.array_columns != array.columns) {
    throw Error::input("TW-MAP-003", fmt::format("a mapping for an array of {}×{} PEs",
                                                 mapping.array_rows, mapping.array_columns))
        .at(source)
        .expected(fmt::format("{}×{}, the array of {}", array.rows, array.columns, hardware.name))
        .hint("'togglewise map --hw' makes one for this array; '--mapping none' goes without");
  }
  const std::int32_t largest = network::largest_partial_sum_offset(
      array.rows, array.weight_bits, array.activation_bits, array.partial_sum_bits);
  if (mapping.partial_sum_offset > largest || mapping.partial_sum_offset < -largest) {
    throw Error::input("TW-MAP-007",
                       fmt::format("with an offset of {} partial sums of {} bits may overflow",
                                   mapping.partial_sum_offset, array.partial_sum_bits))
        .at(source)
        .expected(fmt::format("an offset from {} to {}", -largest, largest));
  }
  for (const Permission& permission : permissions()) {
    if (hardware.mapping.*permission.allowed || !needs(mapping, permission)) continue;
    throw Error::input("TW-MAP-008", fmt::format("the mapping needs {}, which {} does not allow",
                                                 permission.name, hardware.name))
        .at(source)
        .expected(
            fmt::format("mapping.allow in the hardware configuration to name {}", permission.name))
        .hint("'togglewise map' keeps to what the hardware allows; '--mapping none' goes without");
  }
}

void check_layers(const NetworkMapping& mapping,
                  const std::vector<const network::GemmLayer*>& layers, int weight_bits,
                  const std::string& source) {
  const auto other_network = [&](const std::string& what, const std::string& expected) {
    return Error::input("TW-MAP-004", "a mapping of another network: " + what)
        .at(source)
        .expected(expected)
        .hint("'togglewise map' makes one for this network; '--mapping none' goes without");
  };
  if (mapping.layers.size() != layers.size()) {
    throw other_network(fmt::format("{} layers", mapping.layers.size()),
                        fmt::format("{}", layers.size()));
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const MappedLayer& mapped = mapping.layers[l];
    const network::GemmLayer& layer = *layers[l];
    if (mapped.name != layer.name || !same_shape(mapped.gemm, layer.gemm())) {
      throw other_network(
          fmt::format("layer {} is '{}' of {}", l, mapped.name, shape_text(mapped.gemm)),
          fmt::format("'{}' of {}", layer.name, shape_text(layer.gemm())));
    }
    check_weights(mapping, mapped, layer, weight_bits, source);
  }
}

void apply_mapping(const NetworkMapping& mapping, const config::HardwareConfig& hardware,
                   const std::string& source, network::Traces& traces) {
  std::vector<const network::GemmLayer*> layers;
  for (const network::TracedLayer& traced : traces.layers) layers.push_back(&traced.layer);
  check_hardware(mapping, hardware, source);
  check_layers(mapping, layers, hardware.array.weight_bits, source);
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    traces.layers[l].mapping = mapping.layers[l].mapping;
  }
}

}  // namespace togglewise::mapping
