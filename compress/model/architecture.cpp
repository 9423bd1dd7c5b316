#include "compress/model/architecture.h"

#include <algorithm>
#include <array>

#include "compress/model/architectures/architectures.h"
#include "sim/base/error.h"
#include "sim/base/nearest.h"

namespace togglewise::compress {
namespace {

using network::FeatureMapShape;

bool fits_lenet(const FeatureMapShape& input) {
  return input.height == input.width && (input.height == 28 || input.height == 32);
}

// Three halvings must leave a pixel to halve.
bool fits_halvings(const FeatureMapShape& input) { return input.height >= 8 && input.width >= 8; }

struct Architecture {
  const char* name;
  network::QuantizedNetwork (*make)(FeatureMapShape input, int classes);
  bool (*fits)(const FeatureMapShape& input);
  const char* wanted;  // images that fit
};

constexpr const char* lenet_images = "28x28 or 32x32 pixels";
constexpr const char* other_images = "8x8 pixels or more";

constexpr std::array<Architecture, 5> architectures = {{
    {"lenet5", lenet5, fits_lenet, lenet_images},
    {"resnet20", resnet20, fits_halvings, other_images},
    {"resnet20_projection", resnet20_projection, fits_halvings, other_images},
    {"resnet29_bottleneck", resnet29_bottleneck, fits_halvings, other_images},
    {"mobilenetv2", mobilenetv2, fits_halvings, other_images},
}};

}  // namespace

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures) names.emplace_back(architecture.name);
  return names;
}

network::QuantizedNetwork make_architecture(const std::string& name, FeatureMapShape input,
                                            int classes, const std::string& source) {
  const auto* found =
      std::find_if(architectures.begin(), architectures.end(),
                   [&](const Architecture& architecture) { return name == architecture.name; });
  if (found == architectures.end()) {
    const std::string near = nearest_name(name, architecture_names());
    throw Error::input("TW-TRAIN-001", "unknown architecture '" + name + "'")
        .at(source)
        .expected(list_names(architecture_names()))
        .hint(near.empty() ? "" : "did you mean '" + near + "'?");
  }
  if (!found->fits(input)) {
    throw Error::input("TW-TRAIN-002", name + " cannot be built for images of " +
                                           std::to_string(input.height) + "x" +
                                           std::to_string(input.width) + " pixels")
        .at(source)
        .expected(found->wanted);
  }
  return found->make(input, classes);
}

}  // namespace togglewise::compress
