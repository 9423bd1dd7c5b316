#include "compress/run/trial_store.h"

#include "compress/run/run_support.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/onnx_file.h"

namespace togglewise::compress {

TrialStore::TrialStore(std::filesystem::path folder, std::string fingerprint)
    // Hidden: trials are for resuming, not results of their own.
    : folder_(std::move(folder) / ".trials"), fingerprint_(std::move(fingerprint)) {
  require_writable_directory(folder_);
}

std::filesystem::path TrialStore::path(int trial, const char* extension) const {
  return folder_ / ("trial_" + std::to_string(trial) + extension);
}

void TrialStore::save(int trial, const StoredTrial& content) const {
  // The record comes last and names the network by its hash: a pair is only ever read as a whole.
  network::write_onnx(content.network, path(trial, ".onnx"));
  write_json({{"fingerprint", fingerprint_},
              {"model_hash", hash_bytes(network::to_onnx(content.network))},
              {"record_hash", hash_bytes(content.record.dump())},
              {"record", content.record}},
             path(trial, ".json"));
}

std::optional<StoredTrial> TrialStore::load(int trial, double strength) const {
  if (!std::filesystem::exists(path(trial, ".json"))) return std::nullopt;
  try {
    const nlohmann::json stored = nlohmann::json::parse(read_file(path(trial, ".json")));
    StoredTrial content{graph::read_onnx(path(trial, ".onnx")), stored.at("record")};
    const bool whole = stored.at("fingerprint") == fingerprint_ &&
                       stored.at("record_hash") == hash_bytes(content.record.dump()) &&
                       stored.at("model_hash") == hash_bytes(network::to_onnx(content.network)) &&
                       content.record.at("strength") == strength;
    if (whole) return content;
  } catch (const Error&) {
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

}  // namespace togglewise::compress
