#include "sim/study/study_samples.h"

#include <atomic>

#include "sim/base/parallel.h"
#include "sim/base/random.h"

namespace togglewise::study {
namespace {

std::vector<float> energies_fj(const energy::MacHardware& hardware, int weight,
                               const energy::OperandStream& stream) {
  std::vector<float> energy(stream.cycles() - 1);
  hardware.engine().transition_energies_fj(
      weight, stream.activation.data(), stream.partial_sum.data(), stream.cycles(), energy.data());
  return energy;
}

}  // namespace

StudySamples measure_samples(const energy::MacHardware& hardware, const network::Traces& traces,
                             const SampleParams& params, const ProgressFunction& progress) {
  const config::HardwareConfig::Array& array = hardware.config().array;
  StudySamples samples;
  samples.widths = {array.activation_bits, array.partial_sum_bits,
                    params.negative_activations || energy::has_negative_activations(traces)};
  Random random(params.seed);
  energy::OperandSampler(hardware.shape(), traces)
      .extend(params.transitions_per_weight, params.segment_transitions, random, samples.pool);
  const int highest = (1 << (array.activation_bits - 1)) - 1;
  const int lowest = samples.widths.negative_activations ? -highest - 1 : 0;
  samples.covering =
      energy::covering_stream(samples.pool, lowest, highest, params.covering_visits, random);
  const int low = -(1 << (array.weight_bits - 1));
  const auto values = static_cast<std::size_t>(1) << array.weight_bits;
  std::atomic<std::uint64_t> done{0};
  parallel_for(values, params.threads, [&](std::size_t i) {
    const int weight = low + static_cast<int>(i);
    const std::size_t w = energy::weight_index(weight);
    samples.measured.pool_fj[w] = energies_fj(hardware, weight, samples.pool.stream);
    samples.measured.covering_fj[w] = energies_fj(hardware, weight, samples.covering);
    progress("gate-level energy per weight value", ++done, values);
  });
  return samples;
}

energy::Transition transition_at(const energy::OperandStream& stream, std::size_t t, int weight) {
  const int a0 = stream.activation[t];
  const int a1 = stream.activation[t + 1];
  const std::int32_t p0 = stream.partial_sum[t];
  const std::int32_t p1 = stream.partial_sum[t + 1];
  return {a0, a1, p0, p1, p0 + weight * a0, p1 + weight * a1};
}

}  // namespace togglewise::study
