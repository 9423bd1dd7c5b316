// Finished trials on disk, so that an interrupted search goes on where it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/network/quantized_network.h"

namespace togglewise::compress {

struct StoredTrial {
  network::QuantizedNetwork network;
  nlohmann::json record;
};

class TrialStore {
 public:
  // `fingerprint` stands for all input of the search: trials of other input are not used.
  TrialStore(std::filesystem::path folder, std::string fingerprint);

  void save(int trial, const StoredTrial& content) const;
  // Nothing when there is none, it is damaged, or it belongs to other input or another strength.
  std::optional<StoredTrial> load(int trial, double strength) const;

  // Where a trial under way keeps what it has; one at a time.
  std::filesystem::path checkpoint() const { return folder_ / "trial.pt"; }
  // Where a finished trial leaves it, for others to go on from.
  std::filesystem::path state(int trial) const { return path(trial, ".pt"); }

 private:
  std::filesystem::path path(int trial, const char* extension) const;

  std::filesystem::path folder_;
  std::string fingerprint_;
};

}  // namespace togglewise::compress
