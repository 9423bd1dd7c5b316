#include "sim/report/energy_sums.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/energy/energy_breakdown.h"
#include "sim/report/result_files.h"

namespace togglewise::report {
namespace {

// Sums are written with all their digits; only the order of additions may differ.
constexpr double kTolerance = 1e-9;

struct Sums {
  double mac_dynamic_fj = 0;
  double dynamic_fj = 0;
  double total_fj = 0;
};

class Check {
 public:
  explicit Check(const std::string& file) : file_(file) {}

  void network(const Json& network, const std::string& name, double images) const {
    Sums of_layers;
    const Json& layers = array_at(network, "layers");
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const std::string place =
          fmt::format("{}layers[{}] ({})", name, l, text_at(layers[l], "name"));
      lines(layers[l], place);
      weights(layers[l], place, images);
      of_layers.mac_dynamic_fj += number_at(layers[l], "mac_dynamic_fj_per_image");
      of_layers.dynamic_fj += number_at(layers[l], "dynamic_fj_per_image");
      of_layers.total_fj += number_at(layers[l], "total_fj_per_image");
    }
    const Json* total = find_value(network, "total");
    if (total == nullptr || layers.empty()) return;
    lines(*total, name + "total");
    equal(*total, name + "total", of_layers, "its layers");
  }

 private:
  void lines(const Json& json, const std::string& place) const {
    const Json* values = find_value(json, "energy_fj_per_image");
    if (values == nullptr) return;  // cycles only
    energy::EnergyBreakdown sum;
    Sums sums;
    std::size_t i = 0;
    for (const auto& line : energy::EnergyBreakdown().lines()) {
      // Results of versions that knew no gating lack its line.
      const bool older = line.first == "gating" && find_value(*values, line.first) == nullptr;
      const double fj = older ? 0 : number_at(*values, line.first);
      if (i < 5) sums.mac_dynamic_fj += fj;
      if (i < 12) sums.dynamic_fj += fj;
      sums.total_fj += fj;
      ++i;
    }
    equal(json, place, sums, "its lines");
  }

  void weights(const Json& layer, const std::string& place, double images) const {
    if (find_value(layer, "weight_energies.energy_fj") == nullptr) return;
    double sum = 0;
    for (const double fj : numbers_at(layer, "weight_energies.energy_fj")) sum += fj;
    equal(number_at(layer, "mac_dynamic_fj_per_image"), sum / images,
          place + ".mac_dynamic_fj_per_image", "its sums per weight value");
  }

  void equal(const Json& json, const std::string& place, const Sums& sums,
             const std::string& parts) const {
    equal(number_at(json, "mac_dynamic_fj_per_image"), sums.mac_dynamic_fj,
          place + ".mac_dynamic_fj_per_image", parts);
    equal(number_at(json, "dynamic_fj_per_image"), sums.dynamic_fj, place + ".dynamic_fj_per_image",
          parts);
    equal(number_at(json, "total_fj_per_image"), sums.total_fj, place + ".total_fj_per_image",
          parts);
  }

  // A number that is missing or none disagrees as well.
  void equal(double written, double added, const std::string& place,
             const std::string& parts) const {
    if (std::abs(written - added) <= kTolerance * std::max(std::abs(written), std::abs(added))) {
      return;
    }
    throw Error::input("TW-REPORT-003",
                       fmt::format("{} is {} but {} add up to {}", place, written, parts, added))
        .at(file_)
        .expected("totals that are the sum of their parts")
        .hint("the file was changed or damaged: run the command that writes it again");
  }

  const std::string& file_;
};

}  // namespace

void require_sums_agree(const Json& result, const std::string& file) {
  const Check check(file);
  const double images = number_at(result, "images");
  if (text_at(result, "command") == "simulate" &&
      find_value(result, "total.energy_fj_per_image") != nullptr) {
    check.network(result, "", images);
  }
  for (const char* network : {"before", "after"}) {
    const std::string path = std::string("gate.") + network;
    if (const Json* of = find_value(result, path)) check.network(*of, path + ".", images);
  }
}

}  // namespace togglewise::report
