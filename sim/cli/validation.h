// A network through the Verilated RTL in lockstep with the SystemC model, everything compared that
// two independent models both know; gate-level energy of the operands that the RTL saw.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/progress.h"
#include "sim/cli/validation_waves.h"
#include "sim/energy/mac_hardware.h"
#include "sim/energy/network_energy.h"
#include "sim/network/dataset.h"
#include "sim/network/layer_mapping.h"
#include "sim/network/quantized_network.h"
#include "sim/network/traces.h"
#include "sim/systemc/lockstep.h"

namespace togglewise::cli {

// One network of the run; all of them go through the same array, one after the other.
struct NetworkValidation {
  std::uint64_t operands_compared = 0;  // weights and activations the RTL saw, against the traces
  std::uint64_t operand_mismatches = 0;
  // The RTL's accumulators after all K tiles, against integer inference.
  std::uint64_t outputs_compared = 0;
  std::uint64_t output_mismatches = 0;
  std::uint64_t correct = 0;   // images classified correctly
  energy::NetworkEnergy gate;  // on the operands that the RTL saw
};

struct Validation {
  systemc::LockstepStatistics lockstep;
  array::ToggleCounts engine_toggles;  // of the toggle engine and the weight chain
  std::uint64_t model_cycles = 0;      // of the cycle model
  bool gated = false;                  // the hardware gates clocks
  array::ClockCounts model_clocks;     // of the closed form, where it does; toggles left out
  std::vector<NetworkValidation> networks;

  // With gated clocks, activation and skew registers toggle less than the engine says: left out.
  bool toggles_equal() const;
  bool clocks_equal() const;
  bool passed() const;
};

struct ValidationParams {
  systemc::RtlStyle style = systemc::RtlStyle::loop;
  int batch_size = 1;  // images streamed through a tile without reloading
  // How the layers of each network lie on the array, [network][layer] in the order of its GEMM
  // layers; a network without: naturally. They must fit (mapping::check_hardware, check_layers).
  std::vector<std::vector<network::LayerMapping>> mappings;
  std::optional<WavePlan> waves;  // of the last network's first batch
  int threads = 1;
};

// Runs the images `indices` of `dataset` through every network in turn, batch by batch, and within
// a batch layer by layer: the tiles of a layer follow one another as closely as the array takes
// them, in the order of the layer's mapping. Throws TW-ENERGY-003 when the images are not whole
// batches, TW-WAVE-002 or -003 before it starts when the waves are too large or cannot be written.
Validation validate(const energy::MacHardware& hardware,
                    const std::vector<const network::QuantizedNetwork*>& networks,
                    const network::Dataset& dataset, const std::vector<std::size_t>& indices,
                    const ValidationParams& params, const ProgressFunction& progress);

}  // namespace togglewise::cli
