// Sets of weight values given by hand. Example, one set for all layers:
//
//   sets: [-64, -32, -16, 0, 16, 32, 64]
//
// or by layer (layers that are not named may have every value):
//
//   sets:
//     conv1: [-64, 0, 64]
//     fc1: [-32, -16, 0, 16, 32]
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace togglewise::compress {

struct HandSets {
  struct Layer {
    std::string name;
    std::vector<int> values;  // ascending
    int line = 0;
    int column = 0;
  };

  std::filesystem::path file;
  std::string text_hash;
  std::vector<int> of_all;  // ascending; empty: by layer
  std::vector<Layer> layers;
};

// Throws TW-COMPRESS-010 for sets that cannot be: empty, a value twice, or one that is no whole
// number of −127..127. What YamlDocument throws for other mistakes.
HandSets read_hand_sets(const std::filesystem::path& file);

// What each of the network's layers may have. Throws TW-COMPRESS-011 when a set is for a layer that
// is not there.
std::vector<std::vector<int>> sets_by_layer(const HandSets& sets,
                                            const std::vector<std::string>& layer_names);

}  // namespace togglewise::compress
