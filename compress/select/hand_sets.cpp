#include "compress/select/hand_sets.h"

#include <algorithm>
#include <charconv>

#include "compress/select/network_selection.h"
#include "sim/base/nearest.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::compress {

namespace {

using config::YamlTree;

constexpr int largest_value = 127;

int value_of(const YamlTree& element) {
  int value = 0;
  const char* end = element.text.data() + element.text.size();
  const auto [at, problem] = std::from_chars(element.text.data(), end, value);
  const bool number = element.kind == YamlTree::Kind::scalar && !element.quoted &&
                      problem == std::errc() && at == end;
  if (number && std::abs(value) <= largest_value) return value;
  throw element.error("TW-COMPRESS-010", "'" + element.yaml + "' is not a weight value")
      .expected("a whole number from -127 to 127");
}

std::vector<int> values_of(const YamlTree& list) {
  if (list.kind != YamlTree::Kind::list || list.elements.empty()) {
    throw list.error("TW-COMPRESS-010", "a set without weight values")
        .expected("a list of whole numbers from -127 to 127");
  }
  std::vector<int> values;
  for (const YamlTree& element : list.elements) {
    const int value = value_of(element);
    if (std::find(values.begin(), values.end(), value) != values.end()) {
      throw element.error("TW-COMPRESS-010",
                          "the value " + std::to_string(value) + " stands twice in one set");
    }
    values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace

HandSets read_hand_sets(const std::filesystem::path& file) {
  YamlTree tree;
  config::YamlSection root;
  root.tree("sets", tree, config::Presence::required);
  const config::YamlDocument document(file, root);
  HandSets sets;
  sets.file = file;
  sets.text_hash = document.text_hash();
  if (tree.kind != YamlTree::Kind::block) {
    sets.of_all = values_of(tree);
    return sets;
  }
  for (const auto& [key, list] : tree.members) {
    sets.layers.push_back({key.text, values_of(list), key.line, key.column});
  }
  return sets;
}

std::vector<std::vector<int>> sets_by_layer(const HandSets& sets,
                                            const std::vector<std::string>& layer_names) {
  std::vector<std::vector<int>> result(layer_names.size(),
                                       sets.of_all.empty() ? symmetric_values() : sets.of_all);
  for (const HandSets::Layer& layer : sets.layers) {
    const auto at = std::find(layer_names.begin(), layer_names.end(), layer.name);
    if (at == layer_names.end()) {
      Error error =
          Error::input("TW-COMPRESS-011",
                       "the network has no layer with weights called '" + layer.name + "'")
              .at(sets.file.string(), layer.line, layer.column)
              .expected(list_names(layer_names));
      const std::string near = nearest_name(layer.name, layer_names);
      if (!near.empty()) throw std::move(error).hint("did you mean '" + near + "'?");
      throw error;
    }
    result[static_cast<std::size_t>(at - layer_names.begin())] = layer.values;
  }
  return result;
}

}  // namespace togglewise::compress
