#include "sim/quantize/calibration.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/parallel.h"

namespace togglewise::quantize {
namespace {

using Sums = std::vector<std::vector<double>>;  // [tensor + 1][element]; empty: not wanted

// Which tensors (network_input first) a GEMM layer reads.
std::vector<bool> layer_inputs(const network::QuantizedNetwork& geometry) {
  std::vector<bool> wanted(geometry.nodes.size() + 1, false);
  for (const network::Node& node : geometry.nodes) {
    if (!std::holds_alternative<network::GemmLayer>(node.operation)) continue;
    wanted[static_cast<std::size_t>(node.inputs[0] + 1)] = true;
  }
  return wanted;
}

std::string tensor_name(const network::QuantizedNetwork& geometry, int tensor) {
  if (tensor < 0) return "the input";
  const network::Operation& operation = geometry.nodes[static_cast<std::size_t>(tensor)].operation;
  return fmt::format("'{}'", network::name_of(operation));
}

// Adds one batch: bins to `histograms`, which any thread may do in any order, and sums over the
// images of the batch to `sums`, which the caller adds up in order.
void observe(const TensorView& view, const network::QuantizedNetwork& geometry,
             ValueHistogram& histogram, std::vector<double>* sums) {
  const std::size_t count = view.images * view.size;
  if (!all_finite(view.values, count)) {
    throw Error::input("TW-PTQ-008",
                       fmt::format("{} has values that are not finite on the calibration images",
                                   tensor_name(geometry, view.tensor)))
        .expected("a network whose activations stay finite")
        .hint("look at the normalization of the images (--mean, --std)");
  }
  histogram.add(view.values, count);
  if (sums == nullptr) return;
  sums->assign(view.size, 0);
  for (std::size_t i = 0; i < count; ++i) (*sums)[i % view.size] += double{view.values[i]};
}

}  // namespace

Calibration calibrate(const graph::FloatNetwork& network, const network::Dataset& dataset,
                      const std::vector<std::size_t>& indices, int threads,
                      const ProgressFunction& progress) {
  const network::QuantizedNetwork& geometry = network.geometry;
  const FloatInference inference(network);
  const std::vector<bool> wanted = layer_inputs(geometry);
  constexpr std::size_t batch = FloatInference::batch_size;
  const std::size_t batches = (indices.size() + batch - 1) / batch;
  const auto lanes = static_cast<std::size_t>(std::max(threads, 1));

  // One batch a lane at a time; then the lanes' sums join in the order of the batches, which makes
  // the sums independent of the number of lanes. Histograms are counts and need no order.
  std::vector<std::vector<ValueHistogram>> histograms(lanes,
                                                      std::vector<ValueHistogram>(wanted.size()));
  Sums total(wanted.size());
  for (std::size_t wave = 0; wave < batches; wave += lanes) {
    const std::size_t width = std::min(lanes, batches - wave);
    std::vector<Sums> sums(width, Sums(wanted.size()));
    parallel_for(width, threads, [&](std::size_t lane) {
      const std::size_t first = (wave + lane) * batch;
      inference.logits(dataset, indices.data() + first, std::min(batch, indices.size() - first),
                       [&](const TensorView& view) {
                         const auto tensor = static_cast<std::size_t>(view.tensor + 1);
                         observe(view, geometry, histograms[lane][tensor],
                                 wanted[tensor] ? &sums[lane][tensor] : nullptr);
                       });
    });
    for (const Sums& part : sums) {
      for (std::size_t tensor = 0; tensor < part.size(); ++tensor) {
        total[tensor].resize(part[tensor].size());
        for (std::size_t i = 0; i < part[tensor].size(); ++i) total[tensor][i] += part[tensor][i];
      }
    }
    progress("calibration", std::min(indices.size(), (wave + width) * batch), indices.size());
  }

  Calibration calibration;
  for (std::size_t tensor = 0; tensor < wanted.size(); ++tensor) {
    ValueHistogram joined;
    for (const std::vector<ValueHistogram>& lane : histograms) joined.merge(lane[tensor]);
    (tensor == 0 ? calibration.pixels : calibration.tensors.emplace_back()) = std::move(joined);
    for (double& sum : total[tensor]) sum /= static_cast<double>(indices.size());
  }
  for (const network::Node& node : geometry.nodes) {
    const bool layer = std::holds_alternative<network::GemmLayer>(node.operation);
    calibration.mean_inputs.push_back(layer ? total[static_cast<std::size_t>(node.inputs[0] + 1)]
                                            : std::vector<double>());
  }
  return calibration;
}

}  // namespace togglewise::quantize
