// Checks of the operations between the GEMM layers, and what all checks share.
#include <cmath>

#include <fmt/format.h>

#include "sim/network/network_check.h"

namespace togglewise::network::check {
namespace {

constexpr std::size_t largest_feature_map = std::size_t{1} << 28;  // values
constexpr std::int64_t largest_pooled_area = 1 << 23;
constexpr int largest_window_size = 1 << 20;

// Whether every position of a window along one direction covers a part of the input: a maximum or
// mean of nothing is none.
bool covers(int input, int output, int kernel, int stride, int pad, int dilation) {
  for (int position = 0; position < output; ++position) {
    bool any = false;
    for (int k = 0; k < kernel && !any; ++k) {
      const int at = position * stride - pad + k * dilation;
      any = at >= 0 && at < input;
    }
    if (!any) return false;
  }
  return true;
}

template <typename Pool>
void check_pool(const Place& place, const Pool& pool, const Tensor& input) {
  require_shape(place, pool.input, input);
  require_window(place, pool.window, pool.input, pool.output);
  if (pool.output.channels != pool.input.channels) {
    throw place
        .error("TW-MODEL-002",
               fmt::format("pools {} to {}", shape_text(pool.input), shape_text(pool.output)))
        .expected("pooling that keeps the channels");
  }
  const Window& w = pool.window;
  if (!covers(pool.input.height, pool.output.height, w.kernel_height, w.stride_height, w.pad_top,
              w.dilation_height) ||
      !covers(pool.input.width, pool.output.width, w.kernel_width, w.stride_width, w.pad_left,
              w.dilation_width)) {
    throw place.error("TW-MODEL-002", "has windows that lie on padding alone")
        .expected("padding smaller than the window");
  }
}

void require_clamp(const Place& place, int high) {
  if (high < 1 || high > 127) {
    throw place.error("TW-MODEL-003", fmt::format("has the upper limit {}", high))
        .expected("1 to 127");
  }
}

class OperationCheck {
 public:
  OperationCheck(const Place& place, const std::vector<Tensor>& inputs, int weight_bits)
      : place_(place), inputs_(inputs), weight_bits_(weight_bits) {}

  void operator()(const GemmLayer& layer) const {
    check_gemm_layer(place_, layer, inputs_[0], weight_bits_);
  }

  void operator()(const MaxPool& pool) const { check_pool(place_, pool, inputs_[0]); }

  void operator()(const AveragePool& pool) const {
    check_pool(place_, pool, inputs_[0]);
    require_scale(place_, pool.input_scale, inputs_[0]);
    require_output_scale(place_, pool.output_scale);
    const std::int64_t pixels =
        std::int64_t{pool.window.kernel_height} * std::int64_t{pool.window.kernel_width};
    if (pixels > largest_pooled_area) {
      throw place_.error("TW-MODEL-002", fmt::format("averages {} pixels", pixels))
          .expected("at most 2^23, so that their sum fits 32 bits");
    }
    const int area = static_cast<int>(pixels);
    // Windows count from 1 to `area` pixels; the factor falls from one end to the other.
    require_requantization(place_, [&] {
      pool.requantization(area);
      pool.requantization(1);
    });
  }

  void operator()(const Add& add) const {
    for (std::size_t i = 0; i < 2; ++i) {
      require_shape(place_, add.output, inputs_[i]);
      require_scale(place_, add.input_scales[i], inputs_[i]);
    }
    require_output_scale(place_, add.output_scale);
    require_clamp(place_, add.high);
    require_requantization(place_, [&] { add.rescaling(); });
  }

  void operator()(const Concat& concat) const {
    if (concat.input_scales.size() != concat.inputs.size()) {
      throw place_
          .error("TW-MODEL-002", fmt::format("has {} shapes and {} scales of inputs",
                                             concat.inputs.size(), concat.input_scales.size()))
          .expected("one of each for every input");
    }
    require_output_scale(place_, concat.output_scale);
    FeatureMapShape sum{0, concat.inputs[0].height, concat.inputs[0].width};
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      require_shape(place_, concat.inputs[i], inputs_[i]);
      require_scale(place_, concat.input_scales[i], inputs_[i]);
      require_requantization(place_, [&] { concat.rescaling(i); });
      if (concat.inputs[i].height != sum.height || concat.inputs[i].width != sum.width) {
        throw place_
            .error("TW-MODEL-002", fmt::format("puts {} behind {}", shape_text(concat.inputs[i]),
                                               shape_text(concat.inputs[0])))
            .expected("feature maps of the same height and width");
      }
      sum.channels += concat.inputs[i].channels;
    }
    if (!(concat.output == sum)) {
      throw place_.error("TW-MODEL-002", fmt::format("gives {}", shape_text(concat.output)))
          .expected(shape_text(sum));
    }
  }

  void operator()(const Slice& slice) const {
    require_shape(place_, slice.input, inputs_[0]);
    const auto in = sizes(slice.input);
    const auto out = sizes(slice.output);
    for (std::size_t d = 0; d < 3; ++d) {
      const std::int64_t last =
          slice.begin[d] + std::int64_t{slice.step[d]} * (std::int64_t{out[d]} - 1);
      if (slice.begin[d] < 0 || slice.step[d] < 1 || out[d] < 1 || last >= in[d]) {
        throw place_
            .error(
                "TW-MODEL-002",
                fmt::format("takes {} elements from {} on by steps of {} along {} of {}", out[d],
                            slice.begin[d], slice.step[d], direction(d), shape_text(slice.input)))
            .expected("elements inside the input");
      }
    }
  }

  void operator()(const Pad& pad) const {
    require_shape(place_, pad.input, inputs_[0]);
    const auto in = sizes(pad.input);
    const auto out = sizes(pad.output);
    for (std::size_t d = 0; d < 3; ++d) {
      if (pad.before[d] < 0 || std::int64_t{pad.before[d]} + in[d] > out[d]) {
        throw place_
            .error("TW-MODEL-002",
                   fmt::format("puts {} of {} behind {} zeros and in all {} along {}", in[d],
                               shape_text(pad.input), pad.before[d], out[d], direction(d)))
            .expected("an output that holds zeros and input");
      }
    }
    if (!is_sane(pad.output)) {
      throw place_.error("TW-MODEL-002", fmt::format("gives {}", shape_text(pad.output)))
          .expected("at most 2^28 values");
    }
  }

  void operator()(const Clamp& clamp) const {
    require_shape(place_, clamp.output, inputs_[0]);
    if (clamp.low < -128 || clamp.high > 127 || clamp.low > clamp.high) {
      throw place_.error("TW-MODEL-003", fmt::format("clamps to {}..{}", clamp.low, clamp.high))
          .expected("ascending limits from -128 to 127");
    }
  }

  void operator()(const Flatten& flatten) const {
    require_shape(place_, flatten.input, inputs_[0]);
  }

 private:
  static std::array<int, 3> sizes(const FeatureMapShape& shape) {
    return {shape.channels, shape.height, shape.width};
  }
  static const char* direction(std::size_t d) {
    constexpr const char* names[] = {"the channels", "the rows", "the columns"};
    return names[d];
  }

  const Place& place_;
  const std::vector<Tensor>& inputs_;
  int weight_bits_;
};

}  // namespace

Error Place::error(const char* id, const std::string& message) const {
  return Error::input(id, fmt::format("layer '{}' {}", layer, message)).at(source);
}

std::string shape_text(const FeatureMapShape& shape) {
  return fmt::format("{}×{}×{}", shape.channels, shape.height, shape.width);
}

bool is_sane(const FeatureMapShape& shape) {
  // Height and width are cut down first, so that the product of all three does not overflow.
  return shape.channels >= 1 && shape.height >= 1 && shape.width >= 1 &&
         static_cast<std::size_t>(shape.height) <=
             largest_feature_map / static_cast<std::size_t>(shape.width) &&
         shape.size() / static_cast<std::size_t>(shape.channels) ==
             static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width) &&
         shape.size() <= largest_feature_map;
}

void require_shape(const Place& place, const FeatureMapShape& declared, const Tensor& input) {
  if (declared == input.shape) return;
  throw place
      .error("TW-MODEL-002", fmt::format("takes {}, but {} gives {}", shape_text(declared),
                                         input.producer, shape_text(input.shape)))
      .expected("sizes that chain");
}

void require_scale(const Place& place, float declared, const Tensor& input) {
  if (declared == input.scale) return;
  throw place.error("TW-MODEL-003", fmt::format("has input scale {}", declared))
      .expected(fmt::format("{}, the scale of {}", input.scale, input.producer));
}

void require_output_scale(const Place& place, float scale) {
  if (scale > 0 && std::isfinite(scale)) return;
  throw place.error("TW-MODEL-003", fmt::format("has output scale {}", scale))
      .expected("a positive number");
}

void require_window(const Place& place, const Window& window, const FeatureMapShape& input,
                    const FeatureMapShape& output) {
  const auto within = [](int value, int low) {
    return value >= low && value <= largest_window_size;
  };
  const bool sane = within(window.kernel_height, 1) && within(window.kernel_width, 1) &&
                    within(window.stride_height, 1) && within(window.stride_width, 1) &&
                    within(window.dilation_height, 1) && within(window.dilation_width, 1) &&
                    within(window.pad_top, 0) && within(window.pad_left, 0) &&
                    within(window.pad_bottom, 0) && within(window.pad_right, 0) &&
                    std::int64_t{window.dilation_height} * window.kernel_height < (1 << 30) &&
                    std::int64_t{window.dilation_width} * window.kernel_width < (1 << 30);
  if (!sane || window.output_height(input.height) < 1 || window.output_width(input.width) < 1) {
    throw place
        .error("TW-MODEL-002",
               fmt::format("has kernel {}×{}, stride {}×{}, dilation {}×{} and padding {}, {}, {}, "
                           "{} (top, left, bottom, right) on {}",
                           window.kernel_height, window.kernel_width, window.stride_height,
                           window.stride_width, window.dilation_height, window.dilation_width,
                           window.pad_top, window.pad_left, window.pad_bottom, window.pad_right,
                           shape_text(input)))
        .expected("a kernel that fits the padded input, stride and dilation of at least 1");
  }
  const FeatureMapShape wanted{output.channels, window.output_height(input.height),
                               window.output_width(input.width)};
  if (!(output == wanted) || !is_sane(output)) {
    throw place.error("TW-MODEL-002", fmt::format("gives {}", shape_text(output)))
        .expected(fmt::format("{} rows and {} columns, and at most 2^28 values", wanted.height,
                              wanted.width));
  }
}

std::size_t number_of_inputs(const Operation& operation) {
  if (std::holds_alternative<Add>(operation)) return 2;
  if (const auto* concat = std::get_if<Concat>(&operation)) return concat->inputs.size();
  return 1;
}

void check_operation(const Place& place, const Operation& operation,
                     const std::vector<Tensor>& inputs, int weight_bits) {
  std::visit(OperationCheck(place, inputs, weight_bits), operation);
}

}  // namespace togglewise::network::check
