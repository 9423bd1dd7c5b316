#include "sim/sweep/point_evaluator.h"

#include <utility>

#include <fmt/format.h>

#include "sim/array/cycle_model.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/base/version.h"
#include "sim/energy/calibration.h"
#include "sim/energy/network_energy.h"

namespace togglewise::sweep {
namespace {

// Diagnostics about one array, of interest to who sweeps over arrays: a tile that does not fit a
// memory, a clock that the MAC cannot follow.
bool concerns_this_point_only(const Error& error) {
  return error.id() == "TW-ARRAY-001" || error.id() == "TW-ENERGY-002";
}

// Names what has_same_mac() compares.
std::string mac_name(const config::HardwareConfig& hardware) {
  std::string name = fmt::format(
      "{}\n{}\n{} {} {}\n{} {} {}\n{} {}", hardware.mac.top, hardware.technology.liberty.string(),
      hardware.technology.input_slew_ns, hardware.technology.wire_capacitance_ff_per_fanout,
      hardware.clock_period_ps, hardware.array.weight_bits, hardware.array.activation_bits,
      hardware.array.partial_sum_bits, hardware.energy.timing, hardware.energy.quantum_ps);
  for (const std::filesystem::path& file : hardware.mac.rtl) name += "\n" + file.string();
  return name;
}

}  // namespace

PointEvaluator::PointEvaluator(const SweepPlan& plan, const WorkloadStore& workloads, int threads)
    : plan_(plan), workloads_(workloads), threads_(threads) {}

PointResult PointEvaluator::evaluate(const SweepPoint& point) {
  try {
    return point.run.fidelity == "cycles" ? cycles_of(point) : energy_of(point);
  } catch (const Error& error) {
    if (!concerns_this_point_only(error)) throw;
    PointResult result;
    result.not_possible =
        fmt::format("{}; expected {} [{}]", error.message(), error.expected(), error.id());
    return result;
  }
}

PointResult PointEvaluator::cycles_of(const SweepPoint& point) const {
  PointResult result;
  for (const array::LayerShape& shape : workloads_.of(point.hardware, point.run).layers) {
    LayerResult layer;
    layer.cycles = array::layer_cycles(point.hardware, shape);
    layer.memory_pj_per_batch = layer.cycles.accesses.energy_pj(point.hardware.memories);
    result.layers.push_back(std::move(layer));
  }
  return result;
}

PointResult PointEvaluator::energy_of(const SweepPoint& point) {
  // Cheap, and it says first what does not fit.
  PointResult result = cycles_of(point);
  const SweepWorkload& workload = workloads_.of(point.hardware, point.run);
  const energy::MacHardware hardware(point.hardware, *mac_of(point.hardware));
  const energy::Fidelity fidelity = energy::parse_fidelity(point.run.fidelity);
  const std::shared_ptr<const energy::EnergyTables> tables =
      fidelity == energy::Fidelity::gate ? nullptr : tables_of(point, hardware);
  const energy::NetworkEnergy network =
      energy::network_energy(hardware, *workload.traces, fidelity, tables.get(), threads_);
  result.layers.clear();
  for (const energy::LayerEnergy& measured : network.layers) {
    LayerResult layer;
    layer.cycles = measured.cycles;
    layer.memory_pj_per_batch = layer.cycles.accesses.energy_pj(point.hardware.memories);
    layer.energy = {measured.energy_per_image, measured.memory_fj_per_image, measured.toggles};
    result.layers.push_back(std::move(layer));
  }
  return result;
}

std::shared_ptr<const energy::MacHardware> PointEvaluator::mac_of(
    const config::HardwareConfig& hardware) {
  return macs_.get(mac_name(hardware),
                   [&] { return std::make_shared<const energy::MacHardware>(hardware); });
}

std::shared_ptr<const network::Traces> PointEvaluator::calibration_traces() {
  const std::filesystem::path& file = plan_.file().calibration_traces;
  if (file.empty()) {
    throw Error::input("TW-SWEEP-007", "fidelities 'layer' and 'table' need energy tables")
        .at(plan_.file().file.string())
        .expected("'calibration:' with 'traces:', the operand traces to calibrate on")
        .hint("'togglewise train' writes traces.h5; fidelity gate needs no tables");
  }
  return traces_.get(file.string(), [&] {
    return std::make_shared<const network::Traces>(network::read_traces(file));
  });
}

std::shared_ptr<const energy::EnergyTables> PointEvaluator::tables_of(
    const SweepPoint& point, const energy::MacHardware& hardware) {
  const std::shared_ptr<const network::Traces> traces = calibration_traces();
  // The streams depend on how tiles are cut, so each array size has tables of its own.
  const std::string key = fmt::format(
      "{} {} {} {} {} {}", hardware.key(), hardware.engine().timing(), point.hardware.array.rows,
      point.hardware.array.columns, point.hardware.energy.grouping, point.run.seed);
  return tables_.get(key, [&] {
    energy::CalibrationParams params;
    params.transitions_per_weight =
        static_cast<std::uint64_t>(plan_.file().calibration_transitions);
    params.seed = point.run.seed;
    params.threads = threads_;
    return std::make_shared<const energy::EnergyTables>(
        energy::calibrate(hardware, *traces, params));
  });
}

std::string PointEvaluator::file_hash(const std::filesystem::path& file) {
  return *hashes_.get(file.string(), [&] {
    return std::make_shared<const std::string>(hash_bytes(read_file(file)));
  });
}

std::string PointEvaluator::key_of(const SweepPoint& point) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}", kVersion, point.run.fidelity, point.run.seed,
                  point.hardware.text_hash, workloads_.of(point.hardware, point.run).content_hash);
  if (point.run.fidelity != "cycles") {
    config::require_technology_files(point.hardware);
    text += "\n" + file_hash(point.hardware.technology.liberty);
    for (const std::filesystem::path& file : point.hardware.mac.rtl) text += "\n" + file_hash(file);
  }
  if (point.run.fidelity == "layer" || point.run.fidelity == "table") {
    calibration_traces();
    text += fmt::format("\n{} {}", file_hash(plan_.file().calibration_traces),
                        plan_.file().calibration_transitions);
  }
  return hash_bytes(text);
}

}  // namespace togglewise::sweep
