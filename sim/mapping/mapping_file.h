// The mapping of a network onto an array, as a file: what `togglewise map` finds and every other
// command may be given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/network/layer_mapping.h"
#include "sim/network/shape.h"

namespace togglewise::mapping {

constexpr int kMappingFormatVersion = 1;

struct MappedLayer {
  std::string name;
  network::GemmShape gemm;
  network::LayerMapping mapping;
};

struct NetworkMapping {
  std::string tool_version;
  // Of the network that the mapping was made for; another one with the same layers may use it.
  std::string network_name;
  std::string model_hash;  // Traces::model_hash
  std::string hardware_name;
  int array_rows = 0;
  int array_columns = 0;
  // How it was found.
  std::uint64_t seed = 0;
  std::vector<std::string> allowed;  // config::mapping_permission_names()
  std::string operand_source;        // for people: "training images 0..15 of …"
  std::string timing;                // of the gate engine that decided
  // One for the whole array; each layer's mapping holds the same number.
  std::int32_t partial_sum_offset = 0;
  std::vector<MappedLayer> layers;

  bool negates() const;  // any column
};

// An array that subtracts anywhere has accumulators that can subtract everywhere: then all tiles of
// all layers say of each column whether it is negated.
void complete_signs(NetworkMapping& mapping);

// One layer a line.
std::string mapping_text(const NetworkMapping& mapping);
// Throws TW-MAP-001 (not a mapping), -002 (of another format) and -005 (orders that are none, or do
// not fit the array and the layers' shapes). `source` is named in messages.
NetworkMapping parse_mapping(const std::string& text, const std::string& source);

void write_mapping(const NetworkMapping& mapping, const std::filesystem::path& file);
NetworkMapping read_mapping(const std::filesystem::path& file);

}  // namespace togglewise::mapping
