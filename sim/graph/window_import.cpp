#include "sim/graph/window_import.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace togglewise::graph {
namespace {

// Far beyond any network, and small enough that no product of two overflows.
constexpr std::int64_t largest_window_number = 1 << 12;
constexpr std::int64_t largest_side = 1 << 20;
constexpr std::int64_t largest_map = std::int64_t{1} << 28;

Dimensions numbers(const OnnxNode& node, const std::string& attribute, std::size_t count,
                   std::int64_t least, const Dimensions& otherwise) {
  const Dimensions given = node.integers(attribute, otherwise);
  const bool sane =
      given.size() == count && std::all_of(given.begin(), given.end(), [&](std::int64_t number) {
        return number >= least && number <= largest_window_number;
      });
  if (!sane) {
    throw NodeProblem(fmt::format("'{}' is {}; needed are {} numbers from {} to {}", attribute,
                                  fmt::join(given, ","), count, least, largest_window_number));
  }
  return given;
}

// One direction of the window, all in pixels.
struct Axis {
  std::int64_t size = 0, kernel = 0, stride = 0, dilation = 0, before = 0, after = 0;

  std::int64_t extent() const { return dilation * (kernel - 1) + 1; }

  void pad_to_same(bool upper) {
    const std::int64_t positions = (size + stride - 1) / stride;
    const std::int64_t total =
        std::max<std::int64_t>((positions - 1) * stride + extent() - size, 0);
    before = upper ? total / 2 : total - total / 2;
    after = total - before;
  }

  // The last, partial window is made whole with padding.
  void round_up(bool padding_counts) {
    const std::int64_t free = size + before + after - extent();
    const std::int64_t missing = free < 0 ? 0 : (stride - free % stride) % stride;
    if (missing == 0) return;
    if (padding_counts) throw NodeProblem("'ceil_mode' with 'count_include_pad'");
    after += missing;
  }

  void check_fit(bool convolution) const {
    const std::int64_t free = size + before + after - extent();
    if (free < 0) {
      throw NodeProblem(
          fmt::format("its window of {} does not fit {} pixels with padding {} and {}", extent(),
                      size, before, after));
    }
    const std::int64_t last = free / stride * stride;
    const bool empty_window = before >= extent() || last >= before + size;
    if (empty_window && !convolution) {  // a mean or maximum of nothing
      throw NodeProblem("some of its windows lie in the padding only");
    }
  }
};

}  // namespace

network::Window read_window(const OnnxNode& node, const network::FeatureMapShape& input,
                            const Dimensions& kernel) {
  const bool convolution = node.type() == "Conv";
  const Dimensions size = numbers(node, "kernel_shape", 2, 1, kernel);
  if (convolution && size != kernel) {
    throw NodeProblem(fmt::format("'kernel_shape' is {}, its weights are {}", shape_text(size),
                                  shape_text(kernel)));
  }
  const Dimensions strides = numbers(node, "strides", 2, 1, {1, 1});
  const Dimensions dilations = numbers(node, "dilations", 2, 1, {1, 1});
  const Dimensions pads = numbers(node, "pads", 4, 0, {0, 0, 0, 0});
  const std::string auto_pad = node.text("auto_pad", "NOTSET");
  std::array<Axis, 2> axes = {
      Axis{input.height, size[0], strides[0], dilations[0], pads[0], pads[2]},
      Axis{input.width, size[1], strides[1], dilations[1], pads[1], pads[3]}};
  for (Axis& axis : axes) {
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      axis.pad_to_same(auto_pad == "SAME_UPPER");
    } else if (auto_pad == "VALID") {
      axis.before = axis.after = 0;
    } else if (auto_pad != "NOTSET" && !auto_pad.empty()) {
      throw NodeProblem(fmt::format("'auto_pad' is '{}'", auto_pad));
    }
    if (node.integer("ceil_mode", 0) != 0) {
      axis.round_up(node.integer("count_include_pad", 0) != 0);
    }
    axis.check_fit(convolution);
  }
  const auto number = [](std::int64_t value) { return static_cast<int>(value); };
  return {number(size[0]),       number(size[1]),        number(strides[0]),
          number(strides[1]),    number(axes[0].before), number(axes[1].before),
          number(axes[0].after), number(axes[1].after),  number(dilations[0]),
          number(dilations[1])};
}

network::FeatureMapShape window_output(const network::Window& window,
                                       const network::FeatureMapShape& input,
                                       std::int64_t channels) {
  return checked_map(channels, window.output_height(input.height),
                     window.output_width(input.width));
}

network::FeatureMapShape checked_map(std::int64_t channels, std::int64_t height,
                                     std::int64_t width) {
  const Dimensions sides = {channels, height, width};
  const bool sane = std::all_of(sides.begin(), sides.end(), [](std::int64_t side) {
    return side >= 1 && side <= largest_side;
  });
  if (!sane || !element_count(sides, largest_map)) {
    throw NodeProblem(
        fmt::format("a feature map of {}; each side is from 1 to {} and all of it at "
                    "most {} values",
                    shape_text(sides), largest_side, largest_map));
  }
  return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
}

}  // namespace togglewise::graph
