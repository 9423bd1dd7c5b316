#include "sim/energy/image_spread.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "sim/energy/network_energy.h"
#include "sim/energy/student_t.h"
#include "tests/energy/small_network.h"

namespace togglewise::energy {
namespace {

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Sum of uniform numbers: normal enough.
double normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.unit();
  return sum;
}

network::Traces images_of(const network::Traces& traces, const std::vector<int>& images) {
  network::Traces chosen = traces;
  for (std::size_t l = 0; l < traces.layers.size(); ++l) {
    network::TracedLayer& layer = chosen.layers[l];
    const auto size = static_cast<std::ptrdiff_t>(layer.layer.input.size());
    layer.images = static_cast<int>(images.size());
    layer.ifmaps.clear();
    for (const int image : images) {
      const auto first = traces.layers[l].ifmaps.begin() + image * size;
      layer.ifmaps.insert(layer.ifmaps.end(), first, first + size);
    }
  }
  return chosen;
}

// Images of different brightness, as real ones are, which all layers of one image share.
network::Traces varied_traces(int images) {
  network::Traces traces = small_traces(images);
  Random random(31);
  std::vector<int> percent;
  for (int i = 0; i < images; ++i) percent.push_back(random.between(40, 100));
  for (network::TracedLayer& layer : traces.layers) {
    const std::size_t size = layer.layer.input.size();
    for (std::size_t i = 0; i < layer.ifmaps.size(); ++i) {
      layer.ifmaps[i] = static_cast<std::int8_t>(layer.ifmaps[i] * percent[i / size] / 100);
    }
  }
  return traces;
}

// Each image measured alone: [layer, then network][image].
struct BruteForce {
  std::vector<std::vector<double>> mac_dynamic_fj;
  std::vector<std::vector<double>> dynamic_fj;
};

BruteForce brute_force(const MacHardware& hardware, const network::Traces& traces) {
  BruteForce result;
  result.mac_dynamic_fj.resize(traces.layers.size() + 1);
  result.dynamic_fj.resize(traces.layers.size() + 1);
  for (int image = 0; image < traces.layers[0].images; ++image) {
    const NetworkEnergy energy =
        network_energy(hardware, images_of(traces, {image}), Fidelity::gate, nullptr, 1);
    for (std::size_t l = 0; l <= energy.layers.size(); ++l) {
      const EnergyBreakdown lines =
          l < energy.layers.size() ? energy.layers[l].energy_per_image : energy.energy_per_image();
      result.mac_dynamic_fj[l].push_back(lines.mac_dynamic_fj());
      result.dynamic_fj[l].push_back(lines.dynamic_fj());
    }
  }
  return result;
}

TEST(StudentT, HasTheQuantilesOfPrintedTables) {
  EXPECT_NEAR(student_t_quantile(0.95, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 7), 2.365, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 30), 2.042, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.99, 10), 3.169, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.90, 120), 1.658, 5e-4);
  EXPECT_NEAR(student_t_quantile(0.95, 100000), 1.960, 5e-4);
  EXPECT_THROW(student_t_quantile(1.0, 3), std::invalid_argument);
  EXPECT_THROW(student_t_quantile(0.95, 0), std::invalid_argument);
}

TEST(HalfWidthOfMean, IsTTimesTheStandardError) {
  // Mean 5, standard deviation 2: 4.303 · 2 / √3.
  EXPECT_NEAR(half_width_of_mean({3, 5, 7}, 3).value(), 4.969, 1e-3);
  EXPECT_NEAR(half_width_of_mean({3, 5, 7}, 12).value(), 4.969 / 2, 1e-3);
  EXPECT_FALSE(half_width_of_mean({3}, 1).has_value());
  EXPECT_FALSE(half_width_of_mean({}, 5).has_value());
}

TEST(HalfWidthOfMean, CoversTheTrueMeanInNineteenOfTwentyCases_AlsoWhenOnlySomeAreObserved) {
  Random random(17);
  for (const std::size_t observed : {4U, 10U}) {
    int covered = 0;
    constexpr int kTrials = 4000;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::vector<double> all(10);
      for (double& value : all) value = normal(random);
      const double mean = mean_of(all);
      all.resize(observed);
      covered += std::abs(mean) <= half_width_of_mean(all, 10).value() ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(covered) / kTrials, 0.95, 0.012) << observed << " observed";
  }
}

TEST(HalfWidthOfRatio, CoversTheTrueRatio_AndIsZeroWhenAllImagesAgree) {
  EXPECT_NEAR(half_width_of_ratio({1, 2, 3}, {2, 4, 6}, 3).value(), 0.0, 1e-12);
  EXPECT_FALSE(half_width_of_ratio({1}, {2}, 1).has_value());
  Random random(18);
  int covered = 0;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<double> before(20);
    std::vector<double> after(20);
    for (std::size_t i = 0; i < before.size(); ++i) {
      before[i] = 10 + normal(random);
      after[i] = 0.4 * before[i] + 0.2 * normal(random);
    }
    const double ratio = mean_of(after) / mean_of(before);
    covered += std::abs(ratio - 0.4) <= half_width_of_ratio(before, after, 20).value() ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(covered) / kTrials, 0.95, 0.015);
}

TEST(ImageSpread, IsThatOfEveryImageMeasuredAlone) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces traces = varied_traces(40);
  const NetworkEnergy energy = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  const BruteForce truth = brute_force(hardware, traces);
  for (std::size_t l = 0; l <= energy.layers.size(); ++l) {
    const bool network = l == energy.layers.size();
    const std::string name = network ? "network" : energy.layers[l].name;
    const HalfWidths found =
        network ? energy.half_widths().value() : energy.layers[l].half_widths.value();
    EXPECT_NEAR(found.mac_dynamic_fj / half_width_of_mean(truth.mac_dynamic_fj[l], 40).value(), 1,
                0.15)
        << name;
    EXPECT_NEAR(found.dynamic_fj / half_width_of_mean(truth.dynamic_fj[l], 40).value(), 1, 0.15)
        << name;
    EXPECT_EQ(found.total_fj(), found.dynamic_fj) << name;
  }
}

TEST(ImageSpread, CoversTheMeanOfAllImages_InRandomSubsets) {
  const MacHardware hardware(small_hardware_config());
  constexpr int kImages = 100;
  const network::Traces traces = varied_traces(kImages);
  const EnergyBreakdown truth =
      network_energy(hardware, traces, Fidelity::gate, nullptr, 2).energy_per_image();
  Random random(99);
  int covered = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    // With replacement: as if there were infinitely many images.
    std::vector<int> images(5);
    for (int& image : images) image = random.between(0, kImages - 1);
    const NetworkEnergy energy =
        network_energy(hardware, images_of(traces, images), Fidelity::gate, nullptr, 1);
    const double miss_fj = std::abs(energy.energy_per_image().total_fj() - truth.total_fj());
    covered += miss_fj <= energy.half_widths()->total_fj() ? 1 : 0;
  }
  // Three standard deviations of a count of 200 with probability 0.95 are 9.
  EXPECT_NEAR(covered, 0.95 * kTrials, 9);
}

TEST(ImageSpread, OfADifference_IsThatOfPairedImages) {
  const MacHardware hardware(small_hardware_config());
  const network::Traces before = varied_traces(30);
  network::Traces after = before;
  for (network::TracedLayer& layer : after.layers) {
    for (std::int8_t& weight : layer.layer.weights) {
      weight = static_cast<std::int8_t>(weight < 0 ? -(-weight & 0x60) : weight & 0x60);
    }
  }
  const NetworkEnergy a = network_energy(hardware, before, Fidelity::gate, nullptr, 2);
  const NetworkEnergy b = network_energy(hardware, after, Fidelity::gate, nullptr, 2);
  const HalfWidths found =
      half_widths_of_difference(a.image_energies(), b.image_energies(), 30).value();
  std::vector<double> truth = brute_force(hardware, after).mac_dynamic_fj.back();
  const std::vector<double> dense = brute_force(hardware, before).mac_dynamic_fj.back();
  for (std::size_t i = 0; i < truth.size(); ++i) truth[i] -= dense[i];
  EXPECT_NEAR(found.mac_dynamic_fj / half_width_of_mean(truth, 30).value(), 1, 0.25);
  EXPECT_LT(found.mac_dynamic_fj,
            a.half_widths()->mac_dynamic_fj + b.half_widths()->mac_dynamic_fj);
}

TEST(ImageSpread, HasOneObservationPerBatch_AndIsAbsentForOne) {
  const MacHardware hardware(small_hardware_config());
  network::Traces traces = small_traces(6);
  traces.batch_size = 2;
  const NetworkEnergy three = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  EXPECT_EQ(three.batches(), 3);
  EXPECT_EQ(three.image_energies().dynamic_fj.size(), 3U);
  EXPECT_TRUE(three.half_widths().has_value());
  traces.batch_size = 6;
  const NetworkEnergy one = network_energy(hardware, traces, Fidelity::gate, nullptr, 2);
  EXPECT_FALSE(one.half_widths().has_value());
  EXPECT_FALSE(one.layers[0].half_widths.has_value());
}

TEST(ImageSpread, LooksAtSixtyFourBatches_WhenThereAreMore) {
  const MacHardware hardware(small_hardware_config());
  const NetworkEnergy energy =
      network_energy(hardware, small_traces(100), Fidelity::gate, nullptr, 2);
  const std::vector<double> sampled = energy.image_energies().mac_dynamic_fj;
  EXPECT_EQ(sampled.size(), static_cast<std::size_t>(kSampledBatches));
  EXPECT_NEAR(mean_of(sampled) / energy.energy_per_image().mac_dynamic_fj(), 1.0, 1e-12);
}

}  // namespace
}  // namespace togglewise::energy
