#include "sim/quantize/float_gemm.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

namespace togglewise::quantize {
namespace {

using dnnl::memory;

// Debian's oneDNN shares its work by OpenMP; here images are shared over threads instead, so every
// call gets one thread. The setting belongs to the calling thread and is put back.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

memory::desc plain(const memory::dims& sizes, memory::format_tag tag) {
  return {sizes, memory::data_type::f32, tag};
}

memory::desc any(const memory::dims& sizes) { return plain(sizes, memory::format_tag::any); }

memory::dims feature_map(int images, const network::FeatureMapShape& shape) {
  return {images, shape.channels, shape.height, shape.width};
}

// Runs `reorder` unless the two layouts are the same memory.
struct Reorder {
  memory::desc from;
  memory::desc to;
  dnnl::reorder primitive;
  bool needed = false;

  Reorder() = default;
  Reorder(const dnnl::engine& engine, memory::desc source, memory::desc target)
      : from(std::move(source)), to(std::move(target)), needed(from != to) {
    if (needed) primitive = dnnl::reorder({engine, from, engine, to});
  }
};

}  // namespace

struct FloatGemm::State {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::convolution_forward convolution;
  memory::desc scratchpad;
  memory weights;
  memory bias;
  Reorder input;
  Reorder output;

  State(const network::GemmLayer& layer, const graph::FloatParameters& parameters, int images) {
    const network::Window& window = layer.window;
    const memory::dims source = feature_map(images, layer.input);
    const memory::dims target = feature_map(images, layer.output);
    memory::dims kernel{layer.output.channels, layer.input.channels / layer.groups,
                        window.kernel_height, window.kernel_width};
    memory::format_tag kernel_layout = memory::format_tag::oihw;
    if (layer.groups > 1) {
      kernel[0] /= layer.groups;
      kernel.insert(kernel.begin(), layer.groups);
      kernel_layout = memory::format_tag::goihw;
    }
    const memory::dims bias_size{layer.output.channels};
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any(source),
        any(kernel), plain(bias_size, memory::format_tag::x), any(target),
        {window.stride_height, window.stride_width},
        {window.dilation_height - 1, window.dilation_width - 1}, {window.pad_top, window.pad_left},
        {window.pad_bottom, window.pad_right});
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::convolution_forward::primitive_desc chosen(description, attributes, engine);
    convolution = dnnl::convolution_forward(chosen);
    scratchpad = chosen.scratchpad_desc();
    input = {engine, plain(source, memory::format_tag::nchw), chosen.src_desc()};
    output = {engine, chosen.dst_desc(), plain(target, memory::format_tag::nchw)};

    weights = memory(chosen.weights_desc(), engine);
    bias = memory(plain(bias_size, memory::format_tag::x), engine);
    dnnl::stream stream(engine);
    // oneDNN takes mutable pointers; a reorder only reads its source.
    memory given(plain(kernel, kernel_layout), engine,
                 const_cast<float*>(parameters.weights.data()));
    dnnl::reorder(given, weights).execute(stream, given, weights);
    memory given_bias(plain(bias_size, memory::format_tag::x), engine,
                      const_cast<float*>(parameters.bias.data()));
    dnnl::reorder(given_bias, bias).execute(stream, given_bias, bias);
    stream.wait();
  }
};

FloatGemm::FloatGemm(const network::GemmLayer& layer, const graph::FloatParameters& parameters,
                     int images) {
  const OneThread one_thread;
  state_ = std::make_unique<State>(layer, parameters, images);
}

FloatGemm::~FloatGemm() = default;
FloatGemm::FloatGemm(FloatGemm&&) noexcept = default;
FloatGemm& FloatGemm::operator=(FloatGemm&&) noexcept = default;

void FloatGemm::run(const float* input, float* output) const {
  const OneThread one_thread;
  const State& state = *state_;
  dnnl::stream stream(state.engine);
  memory source(state.input.from, state.engine, const_cast<float*>(input));
  memory target(state.output.to, state.engine, output);
  memory blocked_source = state.input.needed ? memory(state.input.to, state.engine) : source;
  memory blocked_target = state.output.needed ? memory(state.output.from, state.engine) : target;
  memory scratchpad(state.scratchpad, state.engine);
  if (state.input.needed) state.input.primitive.execute(stream, source, blocked_source);
  state.convolution.execute(stream, {{DNNL_ARG_SRC, blocked_source},
                                     {DNNL_ARG_WEIGHTS, state.weights},
                                     {DNNL_ARG_BIAS, state.bias},
                                     {DNNL_ARG_DST, blocked_target},
                                     {DNNL_ARG_SCRATCHPAD, scratchpad}});
  if (state.output.needed) state.output.primitive.execute(stream, blocked_target, target);
  stream.wait();
}

}  // namespace togglewise::quantize
