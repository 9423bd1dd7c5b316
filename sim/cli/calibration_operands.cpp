#include "sim/cli/calibration_operands.h"

#include <CLI/CLI.hpp>

#include "sim/base/error.h"
#include "sim/cli/workload_source.h"
#include "sim/topology/operand_statistics.h"
#include "sim/topology/topology.h"

namespace togglewise::cli {
namespace {

Error wrong_operands(const std::string& what) {
  return Error::input("TW-CLI-020", what)
      .expected("--traces FILE.h5, or --workload TOPOLOGY.csv, --statistics FILE.yaml or both")
      .hint("'togglewise train' and 'togglewise quantize' write traces of a network");
}

}  // namespace

void add_calibration_operand_options(CLI::App& command, CalibrationOperandOptions& options) {
  command.add_option("--traces", options.traces,
                     "operand traces that `train` or `quantize` wrote (HDF5)");
  command.add_option("--workload", options.topology,
                     "without traces: the layers of a SCALE-Sim topology (.csv), with operands "
                     "drawn from statistics");
  command.add_option("--statistics", options.statistics,
                     "without traces: statistics of activations and weights (YAML)");
}

network::Traces calibration_operands(const CalibrationOperandOptions& options,
                                     const config::HardwareConfig& hardware, std::uint64_t seed) {
  const bool drawn = !options.topology.empty() || !options.statistics.empty();
  if (options.traces.empty() && !drawn) throw wrong_operands("no operands were given");
  if (!options.traces.empty() && drawn) {
    throw wrong_operands("traces were given, and statistics to draw operands from");
  }
  if (!options.traces.empty()) return network::read_traces(options.traces);
  if (!options.topology.empty() && !is_topology_file(options.topology)) {
    throw wrong_operands("a workload names images, not operands").at(options.topology.string());
  }
  topology::OperandStatistics statistics;
  if (!options.statistics.empty()) {
    statistics = topology::read_operand_statistics(options.statistics);
  }
  topology::StatisticalOperandParams params;
  params.weight_bits = hardware.array.weight_bits;
  params.activation_bits = hardware.array.activation_bits;
  params.seed = seed;
  return topology::traces_from_statistics(options.topology.empty()
                                              ? topology::layers_of(statistics)
                                              : topology::read_topology(options.topology),
                                          statistics, params);
}

}  // namespace togglewise::cli
