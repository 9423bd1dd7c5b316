#include "sim/cli/validation_waves.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/nearest.h"
#include "sim/network/tiling.h"

namespace togglewise::cli {
namespace {

constexpr int default_count = 4;

systemc::WaveRange parse_range(const std::string& text, int size, const std::string& option) {
  if (text.empty()) return {0, std::min(default_count, size) - 1};
  systemc::WaveRange range;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == ':') {
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec == std::errc() && last.ptr == end) {
      if (range.first >= 0 && range.first <= range.last && range.last < size) return range;
      throw Error::input("TW-WAVE-001", fmt::format("{} {}", option, text))
          .expected(fmt::format("a range within 0:{}", size - 1));
    }
  }
  throw Error::input("TW-WAVE-006", fmt::format("{} '{}' is no range", option, text))
      .expected("FIRST:LAST, for example 0:3");
}

const network::GemmLayer& find_layer(const network::QuantizedNetwork& network,
                                     const std::string& name) {
  const std::vector<const network::GemmLayer*> layers = network.gemm_layers();
  if (name.empty()) return *layers.front();
  std::vector<std::string> names;
  for (const network::GemmLayer* layer : layers) {
    if (layer->name == name) return *layer;
    names.push_back(layer->name);
  }
  const std::string near = nearest_name(name, names);
  throw Error::input("TW-WAVE-004", fmt::format("the model has no layer '{}' to trace", name))
      .expected(list_names(names))
      .hint(near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

}  // namespace

WavePlan plan_waves(const config::HardwareConfig& config, const network::QuantizedNetwork& network,
                    int batch_size, const WaveRequest& request) {
  const config::HardwareConfig::Array& array = config.array;
  const network::GemmLayer& layer = find_layer(network, request.layer);
  const std::size_t tiles = network::tiles_of(layer.gemm(), array.rows, array.columns).size();
  if (request.tile < 0 || static_cast<std::size_t>(request.tile) >= tiles) {
    throw Error::input("TW-WAVE-005",
                       fmt::format("layer '{}' has no tile {} to trace", layer.name, request.tile))
        .expected(fmt::format("0 to {}", tiles - 1));
  }
  WavePlan plan;
  plan.layer_name = layer.name;
  plan.tile = static_cast<std::size_t>(request.tile);
  plan.stream_length = batch_size * layer.gemm().output_pixels;
  plan.array.shape = {array.rows, array.columns, array.weight_bits, array.activation_bits,
                      array.partial_sum_bits};
  plan.array.double_buffered = array.double_buffered_weights;
  if (array.double_buffered_weights && request.tile > 0) {
    const int period = 2 * array.rows + array.columns - 1;
    plan.waiting_cycles = static_cast<std::uint64_t>(std::max(0, plan.stream_length - period));
  }
  plan.params.file = request.file;
  plan.params.rows = parse_range(request.rows, array.rows, "--trace-rows");
  plan.params.columns = parse_range(request.columns, array.columns, "--trace-columns");
  plan.params.clock_period_ps = config.clock_period_ps;
  plan.params.limit_bytes = static_cast<std::uint64_t>(request.limit_megabytes) * 1'000'000;
  plan.estimate =
      systemc::estimate_waves(plan.params, plan.array, plan.stream_length, plan.waiting_cycles);
  return plan;
}

std::string describe(const WavePlan& plan) {
  return fmt::format(
      "waves of tile {} of {}: {} signals, {} cycles, at most {:.3f} MB before compression",
      plan.tile, plan.layer_name, plan.estimate.signals, plan.estimate.cycles,
      static_cast<double>(plan.estimate.bytes) * 1e-6);
}

}  // namespace togglewise::cli
