// What the weight selection needs to know of energy: one number per layer and weight value.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace togglewise::energy {

// E_l(v): dynamic energy of one MAC transition in a PE of layer l that holds weight v, averaged
// over the layer's own activation and partial-sum statistics (fidelity `layer`).
struct LayerCost {
  std::string layer;
  std::array<double, 256> energy_fj{};  // per transition; index v + 128
  double transitions_per_weight =
      0;  // per image: output pixels + 1 (the way in from and back to zero)

  double energy_of(int weight) const { return energy_fj[static_cast<std::size_t>(weight + 128)]; }
};

}  // namespace togglewise::energy
