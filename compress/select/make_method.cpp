#include "compress/select/make_method.h"

#include "compress/select/layerwise_paper.h"
#include "compress/select/magnitude.h"
#include "compress/select/power_pruning.h"
#include "compress/select/rate_distortion.h"
#include "compress/select/uniform_bits.h"
#include "sim/base/error.h"
#include "sim/base/nearest.h"

namespace togglewise::compress {

std::vector<std::string> method_names() {
  return {"rate-distortion", "powerpruning", "magnitude", "uniform-bits", "layerwise-paper"};
}

std::shared_ptr<const SelectionMethod> make_method(const std::string& name) {
  if (name == "rate-distortion") return std::make_shared<RateDistortion>();
  if (name == "powerpruning") return std::make_shared<PowerPruning>();
  if (name == "magnitude") return std::make_shared<Magnitude>();
  if (name == "uniform-bits") return std::make_shared<UniformBits>();
  if (name == "layerwise-paper") return std::make_shared<LayerwisePaper>();
  Error error = Error::input("TW-COMPRESS-004", "unknown method '" + name + "'")
                    .expected(list_names(method_names()));
  const std::string near = nearest_name(name, method_names());
  if (!near.empty()) throw std::move(error).hint("did you mean '" + near + "'?");
  throw error;
}

}  // namespace togglewise::compress
