// The files of an export, checked before anything is written: read back and added up again they are
// the energies that they came from.
#pragma once

#include <string>
#include <vector>

#include "sim/accelergy/estimation.h"
#include "sim/accelergy/network_export.h"
#include "sim/config/hardware_config.h"

namespace togglewise::accelergy {

// Energies are written with all their digits; what is left are roundings of sums of up to some
// hundred thousand terms.
constexpr double kRelativeTolerance = 1e-9;

struct ExportFile {
  std::string name;  // relative to the output folder: "layers/00_conv1/ERT.yaml"
  std::string text;
};

struct ExportFiles {
  std::vector<ExportFile> files;
  std::vector<double> layer_pj;  // read back and added up, all images, by NetworkExport::layers
  double total_pj = 0;           // of the network's own files
};

// architecture.yaml, ERT.yaml and action_counts.yaml, and for more than one layer the latter two in
// a folder for each. `comment`: where the energies come from. Throws TW-ERT-007 where a component
// of a layer differs by more than kRelativeTolerance of the layer's energy: a defect.
ExportFiles export_files(const config::HardwareConfig& hardware, const NetworkExport& network,
                         const std::vector<std::string>& comment);

// What a layer's components cost, all images, as NetworkEnergy has it.
Estimation expected_energies(const config::HardwareConfig& hardware,
                             const energy::LayerEnergy& layer, int images);

void require_equal_energies(const Estimation& files, const Estimation& expected,
                            const std::string& file);

}  // namespace togglewise::accelergy
