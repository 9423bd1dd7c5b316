// Computes points: cycles in closed form, energies by sim/energy at the point's fidelity.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sim/energy/energy_tables.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"
#include "sim/sweep/point_result.h"
#include "sim/sweep/sweep_plan.h"
#include "sim/sweep/sweep_workload.h"

namespace togglewise::sweep {

// A value made once per key, by whichever thread asks first; the others wait for it. An exception
// of the maker is thrown to everyone who asks for that key.
template <typename Value>
class OncePerKey {
 public:
  std::shared_ptr<const Value> get(const std::string& key,
                                   const std::function<std::shared_ptr<const Value>()>& make) {
    std::promise<std::shared_ptr<const Value>> promise;
    std::shared_future<std::shared_ptr<const Value>> future;
    bool mine = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      auto& entry = values_[key];
      if (!entry.valid()) {
        entry = promise.get_future().share();
        mine = true;
      }
      future = entry;
    }
    if (mine) {
      try {
        promise.set_value(make());
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    }
    return future.get();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_future<std::shared_ptr<const Value>>> values_;
};

class PointEvaluator {
 public:
  // `plan` and `workloads` must outlive it. `threads` is for a single point.
  PointEvaluator(const SweepPlan& plan, const WorkloadStore& workloads, int threads);

  // May be called from several threads. Throws what concerns the whole run; what makes this one
  // point impossible is part of its result.
  PointResult evaluate(const SweepPoint& point);

  // Names everything that decides the point's result: version of the tool, configuration, content
  // of the files it names, workload, fidelity, seed.
  std::string key_of(const SweepPoint& point);

 private:
  std::shared_ptr<const energy::MacHardware> mac_of(const config::HardwareConfig& hardware);
  std::shared_ptr<const energy::EnergyTables> tables_of(const SweepPoint& point,
                                                        const energy::MacHardware& hardware);
  std::shared_ptr<const network::Traces> calibration_traces();
  std::string file_hash(const std::filesystem::path& file);
  PointResult cycles_of(const SweepPoint& point) const;
  PointResult energy_of(const SweepPoint& point);

  const SweepPlan& plan_;
  const WorkloadStore& workloads_;
  int threads_;
  OncePerKey<energy::MacHardware> macs_;
  OncePerKey<energy::EnergyTables> tables_;
  OncePerKey<network::Traces> traces_;
  OncePerKey<std::string> hashes_;
};

}  // namespace togglewise::sweep
