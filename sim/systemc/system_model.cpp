#include "sim/systemc/system_model.h"

#include <cstring>

#include <systemc>

#include "sim/array/tile_schedule.h"
#include "sim/base/error.h"
#include "sim/systemc/system_array.h"
#include "sim/systemc/system_sequencer.h"

namespace togglewise::systemc {
namespace {

const char* system_name = "togglewise_system";

const char* free_kernel_name() {
  const sc_core::sc_status status = sc_core::sc_get_status();
  if (status == sc_core::SC_ELABORATION && !sc_core::sc_find_object(system_name))
    return system_name;
  throw Error::run("TW-SYS-001", "a second system model was made in this process")
      .expected("one per process: SystemC has one kernel and cannot add modules once it has run")
      .hint("start another process, or use the first one's SystemModel for all layers");
}

}  // namespace

class SystemModel::System : public sc_core::sc_module {
 public:
  explicit System(const sc_core::sc_module_name& name);

  SystemRun run(const SystemJob& job, const std::int8_t* ifmaps);

 private:
  void reset(const SystemJob& job, const std::int8_t* ifmaps);
  array::LayerCycles cycles_of(const SystemJob& job) const;

  sc_core::sc_clock clock_;
  Dram dram_{"dram"};
  PixelAddresses pixels_;
  FilterBuffer filter_{"filter_buffer", dram_};
  IfmapBuffer ifmap_{"ifmap_buffer", dram_, pixels_};
  OfmapBuffer ofmap_{"ofmap_buffer", dram_, pixels_};
  Sequencer sequencer_{"sequencer", filter_, ifmap_, ofmap_};
  SystemArray array_{"array", filter_, ifmap_, ofmap_};
  sc_core::sc_signal<bool> step_{"step"};
  sc_core::sc_signal<int> enter_tile_{"enter_tile"};
  sc_core::sc_signal<int> enter_vector_{"enter_vector"};
  sc_core::sc_signal<int> shift_tile_{"shift_tile", -1};
  sc_core::sc_signal<int> shift_row_{"shift_row"};
  sc_core::sc_signal<int> waves_passed_{"waves_passed"};
  sc_core::sc_signal<int> tiles_drained_{"tiles_drained"};
};

SystemModel::System::System(const sc_core::sc_module_name& name)
    : sc_module(name), clock_("clock", 10, sc_core::SC_NS, 0.5, 2.5, sc_core::SC_NS, true) {
  dram_.clock(clock_);
  filter_.dram_port(dram_);
  ifmap_.dram_port(dram_);
  ofmap_.dram_port(dram_);
  sequencer_.clock(clock_);
  array_.clock(clock_);
  const auto connect = [](auto& out, auto& in, auto& signal) {
    out(signal);
    in(signal);
  };
  connect(sequencer_.step, array_.step, step_);
  connect(sequencer_.enter_tile, array_.enter_tile, enter_tile_);
  connect(sequencer_.enter_vector, array_.enter_vector, enter_vector_);
  connect(sequencer_.shift_tile, array_.shift_tile, shift_tile_);
  connect(sequencer_.shift_row, array_.shift_row, shift_row_);
  connect(array_.waves_passed, sequencer_.waves_passed, waves_passed_);
  connect(array_.tiles_drained, sequencer_.tiles_drained, tiles_drained_);
}

void SystemModel::System::reset(const SystemJob& job, const std::int8_t* ifmaps) {
  dram_.reset(job.hardware.memories);
  dram_.ifmap.assign({ifmaps, ifmaps + job.layer.input.size() * job.batch});
  dram_.filter.assign(job.filter);
  dram_.ofmap.assign(job.layer.output.size() * job.batch * job.output_bytes);
  pixels_.reset(job);
  filter_.reset(job);
  ifmap_.reset(job);
  ofmap_.reset(job);
  array_.reset(job);
  sequencer_.start(job);
}

array::LayerCycles SystemModel::System::cycles_of(const SystemJob& job) const {
  const SequencerCounts& counts = sequencer_.counts();
  array::LayerCycles result;
  result.tiles = job.tiles.size();
  result.cycles = counts.cycles;
  result.compute = counts.compute;
  result.weight_load = counts.weight_load;
  result.fill_drain = counts.fill_drain;
  result.stall = counts.stall;
  double weights = 0;
  for (const SystemTile& tile : job.tiles) {
    const std::uint64_t held = std::uint64_t{1} * tile.range.rows() * tile.range.columns();
    weights += static_cast<double>(held);
    result.macs += held * job.vectors;
  }
  const double pes = double(job.hardware.array.rows) * job.hardware.array.columns;
  result.utilization =
      static_cast<double>(result.macs) / (static_cast<double>(counts.cycles) * pes);
  result.mapping_efficiency = weights / (static_cast<double>(result.tiles) * pes);
  result.accesses = {dram_.ifmap.accesses(),     dram_.filter.accesses(),
                     dram_.ofmap.accesses(),     ifmap_.bytes().accesses(),
                     filter_.bytes().accesses(), ofmap_.bytes().accesses(),
                     pixels_.bytes().accesses()};
  return result;
}

SystemRun SystemModel::System::run(const SystemJob& job, const std::int8_t* ifmaps) {
  reset(job, ifmaps);
  sc_core::sc_start();
  SystemRun result;
  result.cycles = cycles_of(job);
  const std::vector<std::int8_t>& bytes = dram_.ofmap.content();
  if (job.output_bytes == 1) {
    result.ofmap = bytes;
  } else {
    result.accumulators.resize(bytes.size() / 4);
    std::memcpy(result.accumulators.data(), bytes.data(), bytes.size());
  }
  return result;
}

SystemModel::SystemModel() : system_(std::make_unique<System>(free_kernel_name())) {}

SystemModel::~SystemModel() = default;

SystemRun SystemModel::run_layer(const config::HardwareConfig& hardware,
                                 const network::GemmLayer& layer, const std::int8_t* ifmaps,
                                 int batch, const network::LayerMapping& mapping) {
  array::require_tiles_fit(hardware, array::shape_of(layer, batch, mapping));
  const SystemJob job(hardware, layer, batch, mapping);
  return system_->run(job, ifmaps);
}

}  // namespace togglewise::systemc
