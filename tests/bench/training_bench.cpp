// Training steps of ResNet-20 on random images of CIFAR-10's shape: quantization-aware, through our
// graph in bfloat16 and in 32 bits, against plain float training as libtorch's own operators do it
// (channels-last convolutions, at::batch_norm, ReLU and sums under autograd). Same batch, same
// number of threads; the contestants take turns, so that other load hits all of them, and the
// fastest round of each counts.
//   bench_training [threads=2] [batch=128] [steps=8] [rounds=5]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "compress/quantize/quantized_weights.h"
#include "compress/run/gradient_shards.h"
#include "compress/run/sgd.h"
#include "tests/compress/scaled_architecture.h"
#include "tests/network/random_network.h"

namespace togglewise::compress {
namespace {

constexpr double learning_rate = 0.01;

struct Setting {
  int threads = 2;
  std::size_t batch = 128;
  int steps = 8;
  int rounds = 5;
};

// ResNet-20 with shortcuts of zeros, written down as for libtorch alone.
class PlainResNet20 {
 public:
  explicit PlainResNet20(const Parameters& parameters) : parameters_(parameters.clone()) {
    for (torch::Tensor& t : parameters_.weights) {
      t = t.contiguous(at::MemoryFormat::ChannelsLast);
    }
    leaves_ = used();
    for (torch::Tensor& t : leaves_) t.requires_grad_();
  }

  const std::vector<torch::Tensor>& leaves() const { return leaves_; }

  torch::Tensor logits(const torch::Tensor& images) const {
    torch::Tensor x = at::relu(normalized(0, images, 1));
    std::size_t layer = 1;
    for (int stage = 0; stage < 3; ++stage) {
      for (int block = 0; block < 3; ++block, layer += 2) {
        const int stride = stage > 0 && block == 0 ? 2 : 1;
        const torch::Tensor y = normalized(layer + 1, at::relu(normalized(layer, x, stride)), 1);
        torch::Tensor shortcut = x;
        if (stride == 2) {
          const std::int64_t more = x.size(1) / 2;
          shortcut = at::constant_pad_nd(x.slice(2, 0, x.size(2), 2).slice(3, 0, x.size(3), 2),
                                         {0, 0, 0, 0, more, more}, 0);
        }
        x = at::relu(y + shortcut);
      }
    }
    const torch::Tensor mean = x.mean({2, 3});
    return at::addmm(parameters_.biases[layer], mean, parameters_.weights[layer].flatten(1).t());
  }

 private:
  torch::Tensor normalized(std::size_t layer, const torch::Tensor& x, int stride) const {
    const torch::Tensor z = at::conv2d(x, parameters_.weights[layer], {}, stride, 1);
    return at::batch_norm(z, parameters_.gains[layer], parameters_.biases[layer], {}, {}, true, 0.1,
                          1e-5, false);
  }
  std::vector<torch::Tensor> used() const {
    std::vector<torch::Tensor> tensors;
    for (const torch::Tensor& t : parameters_.all()) {
      if (t.numel() > 0) tensors.push_back(t);
    }
    return tensors;
  }

  Parameters parameters_;
  std::vector<torch::Tensor> leaves_;
};

class Bench {
 public:
  explicit Bench(const Setting& setting)
      : setting_(setting),
        geometry_(test::scaled_architecture("resnet20", {3, 32, 32})),
        network_(geometry_),
        images_(network::random_images(geometry_, setting.batch, 1)),
        order_(setting.batch) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  std::function<void()> plain() {
    auto network = std::make_shared<PlainResNet20>(random_parameters(geometry_, 1, true));
    auto optimizer = std::make_shared<Sgd>(network->leaves(), SgdParams{});
    return [this, network, optimizer] {
      at::set_num_threads(setting_.threads);
      const Batch batch = make_batch(images_, order_.data(), order_.size());
      const torch::Tensor logits = network->logits(input_of(batch, geometry_, false));
      const torch::Tensor loss = label_loss()(logits, batch) / static_cast<double>(setting_.batch);
      optimizer->step(torch::autograd::grad({loss}, network->leaves()), learning_rate);
    };
  }

  // Our graph; in real numbers, or with weights rounded to int8 in every step.
  std::function<void()> ours(Precision precision, bool quantized) {
    struct State {
      Parameters parameters;
      Sgd optimizer;
      QuantizedWeights grid;
      explicit State(const Parameters& start)
          : parameters(start), optimizer(parameters.all(), SgdParams{}) {}
    };
    auto state = std::make_shared<State>(random_parameters(geometry_, 1, true));
    return [this, state, precision, quantized] {
      std::vector<torch::Tensor> weights = state->parameters.weights;
      ForwardInput input;
      if (quantized) {
        state->grid = zero_weights(state->parameters.weights);
        round_to_nearest(state->parameters.weights, state->grid);
        weights = value_tensors(state->grid, state->parameters.weights);
        input.weight_scale = &state->grid.scale;
      }
      input.weights = &weights;
      input.parameters = &state->parameters;
      input.precision = precision;
      const BatchSource source{&images_, order_.data(), order_.size(), {}, 0};
      const ShardGradient gradient = combine_shards(
          shard_gradients(network_, input, source, label_loss(), {4, setting_.threads}));
      state->optimizer.step(gradient.gradients, learning_rate);
      keep_gains_positive(state->parameters);
    };
  }

 private:
  Setting setting_;
  network::QuantizedNetwork geometry_;
  TrainableNetwork network_;
  network::Dataset images_;
  std::vector<std::size_t> order_;
};

double seconds_of(const std::function<void()>& step, int steps) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < steps; ++i) step();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run(const Setting& setting) {
  Bench bench(setting);
  struct Contestant {
    std::string name;
    std::function<void()> step;
    double best = std::numeric_limits<double>::infinity();
  };
  std::vector<Contestant> contestants{
      {"libtorch, float32", bench.plain()},
      {"ours, real numbers, float32", bench.ours(Precision::float32, false)},
      {"ours, int8, float32", bench.ours(Precision::float32, true)},
      {"ours, int8, bfloat16", bench.ours(Precision::bfloat16, true)},
  };
  for (Contestant& one : contestants) one.step();  // memory and code paths are warm
  for (int round = 0; round < setting.rounds; ++round) {
    for (Contestant& one : contestants) {
      one.best = std::min(one.best, seconds_of(one.step, setting.steps));
    }
  }
  fmt::print("ResNet-20, batch {}, {} threads, best of {} rounds of {} steps\n", setting.batch,
             setting.threads, setting.rounds, setting.steps);
  fmt::print("{:<30}{:>12}{:>16}{:>10}\n", "", "ms a step", "s an epoch*", "ratio");
  for (const Contestant& one : contestants) {
    const double step = one.best / setting.steps;
    fmt::print("{:<30}{:>12.1f}{:>16.1f}{:>10.2f}\n", one.name, 1e3 * step,
               step * 50000 / static_cast<double>(setting.batch),
               one.best / contestants.front().best);
  }
  fmt::print("* of 50,000 images\n");
}

}  // namespace
}  // namespace togglewise::compress

int main(int argc, char** argv) {
  togglewise::compress::Setting setting;
  const auto number = [&](int index, int otherwise) {
    return argc > index ? std::max(1, std::atoi(argv[index])) : otherwise;
  };
  setting.threads = number(1, setting.threads);
  setting.batch = static_cast<std::size_t>(number(2, static_cast<int>(setting.batch)));
  setting.steps = number(3, setting.steps);
  setting.rounds = number(4, setting.rounds);
  togglewise::compress::run(setting);
}
