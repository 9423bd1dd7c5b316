// The layers that a sweep's points run, and their operands where a fidelity needs them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/config/hardware_config.h"
#include "sim/network/traces.h"
#include "sim/sweep/sweep_file.h"

namespace togglewise::sweep {

struct SweepWorkload {
  std::string name;
  std::string model_hash;      // "" where there is no model
  std::string operand_source;  // for people; "" without operands
  bool synthetic = false;      // operands drawn at random
  int batch_size = 1;          // images streamed through a tile without reloading
  int images = 0;              // whose operands there are; 0 without operands
  std::vector<array::LayerShape> layers;
  std::shared_ptr<const network::Traces> traces;  // the same layers; null when not asked for
  std::string content_hash;                       // of everything above that decides results
};

// Reads files and runs inference; throws whatever the readers throw. `need_operands` is false at
// fidelity cycles.
using WorkloadLoader = std::function<SweepWorkload(const config::HardwareConfig& hardware,
                                                   const RunSetup& run, bool need_operands)>;

std::string content_hash(const SweepWorkload& workload);

// Each distinct workload of a sweep, loaded once.
class WorkloadStore {
 public:
  explicit WorkloadStore(WorkloadLoader load) : load_(std::move(load)) {}

  // Loads what the point runs unless it is here. Not for several threads at once.
  void add(const config::HardwareConfig& hardware, const RunSetup& run);
  const SweepWorkload& of(const config::HardwareConfig& hardware, const RunSetup& run) const;

 private:
  using Key =
      std::tuple<std::string, std::string, std::string, int, int, std::uint64_t, bool, int, int>;
  static Key key_of(const config::HardwareConfig& hardware, const RunSetup& run);

  WorkloadLoader load_;
  std::map<Key, SweepWorkload> workloads_;
};

}  // namespace togglewise::sweep
