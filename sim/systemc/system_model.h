// A whole accelerator in SystemC: DRAM, three double-buffered SRAMs, sequencer, systolic array,
// accumulators and requantization, cycle by cycle and with its data. Its timing is specified in
// sim/array/cycle_model.h; it shares no code with the closed forms and the recurrence there.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/config/hardware_config.h"
#include "sim/network/quantized_network.h"

namespace togglewise::systemc {

struct SystemRun {
  array::LayerCycles cycles;
  // [image][output channel][output pixel], as the layer left them in DRAM: one of the two is empty.
  std::vector<std::int8_t> ofmap;
  std::vector<std::int32_t> accumulators;  // with bias, of a layer that is not requantized
};

// SystemC has one kernel per process and cannot add modules once it has run: there can be one
// SystemModel in the life of a process (TW-SYS-001 otherwise), for any number of layers on any
// hardware. A Lockstep may stand beside it when both are made before either runs.
class SystemModel {
 public:
  SystemModel();
  ~SystemModel();
  SystemModel(const SystemModel&) = delete;
  SystemModel& operator=(const SystemModel&) = delete;

  // One layer for a batch of images, from and to DRAM. `ifmaps` is [image][channel][row][column].
  // The mapping must fit layer and array; it changes no output. Throws TW-ARRAY-001 when a tile
  // does not fit a memory.
  SystemRun run_layer(const config::HardwareConfig& hardware, const network::GemmLayer& layer,
                      const std::int8_t* ifmaps, int batch,
                      const network::LayerMapping& mapping = {});

 private:
  class System;
  std::unique_ptr<System> system_;
};

}  // namespace togglewise::systemc
