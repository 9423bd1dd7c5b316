// How well each grouping of transitions, and what others use instead, predicts gate-level energy
// on layers and weights that it was not fitted to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/progress.h"
#include "sim/energy/mac_hardware.h"
#include "sim/network/traces.h"
#include "sim/study/sample_comparison.h"

namespace togglewise::study {

struct GroupingStudyParams {
  std::vector<std::string> groupings;  // empty: all of grouping_names()
  std::uint64_t transitions_per_weight = 65536;
  int covering_visits = 2;
  // Fits are also made from the first 1/8, 1/4, … of the transitions; descending, the last is 1.
  std::vector<std::uint64_t> sample_divisors = {8, 4, 2, 1};
  bool layer_fidelity = true;  // also from statistics alone
  std::uint64_t seed = 1;
  int threads = 1;
};

// Relative errors, predicted / exact − 1, of every layer and of their sum.
struct LayerErrors {
  std::vector<double> of_layer;
  double total = 0;
  double mean() const;  // of the magnitudes
  double max() const;
};

// Held-out error of tables fitted to the first `transitions` of every weight.
struct ErrorAtSamples {
  std::uint64_t transitions = 0;
  double mean = 0;
  double max = 0;
  double r_squared = 0;
};

struct ModelResult {
  std::string name;
  std::string formula;
  bool is_grouping = true;
  std::uint64_t cells = 0;            // per weight value, over all parts
  std::uint64_t cells_of_all = 0;     // over all weight values
  std::uint64_t populated_cells = 0;  // of those, with a real sample
  SampleErrors samples;               // held out
  LayerErrors held_out;               // tables from the odd layers predict the even ones, and back
  LayerErrors all_layers;             // tables from all layers
  LayerErrors compressed;             // tables from all layers, on the compressed network
  LayerErrors layer_fidelity;         // held out; empty when not asked for
  LayerErrors layer_fidelity_compressed;
  std::vector<ErrorAtSamples> by_samples;  // from few to all
  // The fewest transitions from which on the held-out mean stays within a tenth of a percentage
  // point of that with all.
  std::uint64_t transitions_needed = 0;
  std::vector<WeightCurve> weights;  // held out, per layer
};

struct GroupingStudy {
  std::vector<std::string> layers;
  std::vector<double> exact_fj;  // of every layer, MAC dynamic, all images
  std::vector<std::string> compressed_layers;
  std::vector<double> compressed_exact_fj;
  double compressed_zero_weights = 0;  // share of all weights
  int images = 0;
  std::uint64_t transitions_asked = 0;       // params.transitions_per_weight
  std::uint64_t transitions_per_weight = 0;  // in whole segments: a few more
  std::uint64_t covering_transitions = 0;
  std::vector<ModelResult> models;  // groupings first

  const ModelResult& model(const std::string& name) const;  // must be there
};

// Throws TW-STUDY-002 when a grouping is named twice, TW-GROUP-001 for an unknown one, TW-STUDY-003
// for divisors that do not descend to 1.
void check_groupings(const GroupingStudyParams& params);

// `compressed` has the same images. Held out are layers of even number from tables of odd ones and
// back. The same for any number of threads. Throws TW-STUDY-001 when a network has fewer than two
// layers, and as check_groupings().
GroupingStudy study_groupings(const energy::MacHardware& hardware, const network::Traces& dense,
                              const network::Traces& compressed, const GroupingStudyParams& params,
                              const ProgressFunction& progress = no_progress);

}  // namespace togglewise::study
