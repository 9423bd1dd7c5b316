#include "sim/cli/mapping_memory.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/mapping/layer_mapping_json.h"
#include "sim/mapping/mapping_check.h"

namespace togglewise::cli {
namespace {

using energy::EnergyBreakdown;
using mapping::Json;
using mapping::LayerSearchResult;
using mapping::TrickResult;

// A breakdown is nothing but its lines, in the order of its definition: written and read by the
// same version of the program, which the fingerprint names.
constexpr std::size_t kLines = sizeof(EnergyBreakdown) / sizeof(double);
static_assert(std::is_trivially_copyable_v<EnergyBreakdown>);
static_assert(sizeof(EnergyBreakdown) == kLines * sizeof(double));

std::vector<double> numbers_of(const EnergyBreakdown& energy) {
  std::vector<double> numbers(kLines);
  std::memcpy(numbers.data(), &energy, sizeof energy);
  return numbers;
}

EnergyBreakdown breakdown_of(const Json& json) {
  const auto numbers = json.get<std::vector<double>>();
  EnergyBreakdown energy;
  if (numbers.size() == kLines) {
    std::memcpy(static_cast<void*>(&energy), numbers.data(), sizeof energy);
  }
  return energy;
}

Json to_json(const LayerSearchResult& result, const network::GemmShape& gemm) {
  Json json = {{"layer", mapping::layer_to_json({result.layer, gemm, result.mapping})},
               {"partial_sum_offset", result.mapping.partial_sum_offset},
               {"natural", numbers_of(result.natural)},
               {"mapped", numbers_of(result.mapped)},
               {"tricks", Json::array()}};
  for (const TrickResult& trick : result.tricks) {
    json["tricks"].push_back({{"trick", trick.trick},
                              {"kept", trick.kept},
                              {"before", numbers_of(trick.before)},
                              {"after", numbers_of(trick.after)}});
  }
  return json;
}

LayerSearchResult from_json(const Json& json, const std::string& source) {
  LayerSearchResult result;
  const mapping::MappedLayer layer = mapping::layer_from_json(json.at("layer"), source, "layer");
  result.layer = layer.name;
  result.mapping = layer.mapping;
  result.mapping.partial_sum_offset = json.at("partial_sum_offset");
  result.natural = breakdown_of(json.at("natural"));
  result.mapped = breakdown_of(json.at("mapped"));
  for (const Json& trick : json.at("tricks")) {
    result.tricks.push_back({trick.at("trick"), trick.at("kept"), breakdown_of(trick.at("before")),
                             breakdown_of(trick.at("after"))});
  }
  return result;
}

}  // namespace

MappingMemory::MappingMemory(std::filesystem::path file, std::string fingerprint,
                             const network::Traces& traces)
    : file_(std::move(file)), fingerprint_(std::move(fingerprint)), traces_(traces) {
  if (std::filesystem::exists(file_)) load();
}

// Lines: the fingerprint, then one for each layer: its number, a hash of its record, the record.
void MappingMemory::load() {
  try {
    const std::string text = read_file(file_);
    std::size_t begin = text.find('\n');
    if (begin == text.npos || text.substr(0, begin) != fingerprint_) return;
    for (++begin; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      if (end == text.npos) return;
      const Json line = Json::parse(text.substr(begin, end - begin));
      const std::size_t layer = line.at(0);
      const std::string record = line.at(2).dump();
      if (layer < traces_.layers.size() && line.at(1) == hash_bytes(record)) {
        records_[layer] = record;
      }
      begin = end + 1;
    }
  } catch (const Error&) {
  } catch (const nlohmann::json::exception&) {
  }
}

void MappingMemory::save() const {
  std::string text = fingerprint_ + "\n";
  for (const auto& [layer, record] : records_) {
    text += Json::array({layer, hash_bytes(record), Json::parse(record)}).dump() + "\n";
  }
  write_file_atomically(file_, text);
}

mapping::SearchMemory MappingMemory::hooks() {
  mapping::SearchMemory memory;
  memory.recall = [this](std::size_t layer, LayerSearchResult& result) {
    const auto record = records_.find(layer);
    if (record == records_.end()) return false;
    result = from_json(Json::parse(record->second), file_.string());
    return true;
  };
  memory.keep = [this](std::size_t layer, const LayerSearchResult& result) {
    records_[layer] = to_json(result, traces_.layers[layer].layer.gemm()).dump();
    save();
  };
  return memory;
}

void MappingMemory::forget() {
  records_.clear();
  std::error_code nothing_to_remove;
  std::filesystem::remove(file_, nothing_to_remove);
}

}  // namespace togglewise::cli
