// The arithmetic between convolutions: kernels against libtorch's operators, and both against the
// definition in double precision.
#include "compress/model/block.h"

#include <ATen/ATen.h>
#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "compress/model/parameters.h"
#include "sim/base/random.h"

namespace togglewise::compress {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

torch::Tensor random_tensor(const std::vector<std::int64_t>& shape, Random& random, double low,
                            double high) {
  torch::Tensor tensor = torch::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = static_cast<float>(low + (high - low) * random.unit());
  }
  return tensor;
}

struct Case {
  bool gain = true;
  bool residual = false;
  bool rounds = false;
  bool given_statistics = false;
  bool relu = true;
  torch::ScalarType type = torch::kFloat;
  int channels = 16;

  std::string name() const {
    return (gain ? "gain " : "") + std::string(residual ? "residual " : "") +
           (rounds ? "rounds " : "") + (given_statistics ? "given " : "") + (relu ? "relu " : "") +
           (type == torch::kFloat ? "float32 " : "bfloat16 ") + std::to_string(channels);
  }
};

// Leaves, and an input made of them.
struct Sample {
  torch::Tensor x, gain, bias, residual, weight;  // loss = Σ weight·result
  std::vector<float> mean, variance;
  BlockInput input;

  Sample(const Case& one, std::uint64_t seed) {
    Random random(seed);
    const int c = one.channels;
    const std::vector<std::int64_t> shape{3, c, 5, 7};
    x = random_tensor(shape, random, one.rounds ? -300 : -2, one.rounds ? 300 : 2).to(one.type);
    gain = one.gain ? random_tensor({c}, random, 0.3, 1.5) : torch::empty({0});
    bias = random_tensor({c}, random, -0.5, 0.5);
    weight = random_tensor(shape, random, -1, 1);
    input.factor.resize(static_cast<std::size_t>(c));
    for (float& f : input.factor) {
      f = static_cast<float>((one.rounds ? 0.005 : 1.0) * (0.5 + random.unit()));
    }
    BlockRule& rule = input.rule;
    rule.rounds = one.rounds;
    input.step = one.rounds ? 1.0F / 32 : 1.0F;
    rule.low = rule.sum_low = one.rounds ? -128.0F : -infinity;
    rule.high = rule.sum_high = one.rounds ? 127.0F : infinity;
    if (one.residual) {
      residual = one.rounds ? at::round(random_tensor(shape, random, -60, 60))
                            : random_tensor(shape, random, -1, 1);
      residual = residual.to(one.type).requires_grad_();
      rule.own_factor = one.rounds ? 0.8137F : 1.0F;
      rule.residual_factor = one.rounds ? 1.2911F : 1.0F;
      rule.sum_low = one.relu ? 0.0F : rule.sum_low;
      rule.high = one.rounds ? 40.0F : 1.0F;
    } else {
      rule.low = one.relu ? 0.0F : rule.low;
    }
    if (one.given_statistics) {
      for (int i = 0; i < c; ++i) {
        mean.push_back(static_cast<float>(random.unit() - 0.5));
        variance.push_back(static_cast<float>(0.2 + random.unit()));
      }
      input.mean = &mean;
      input.variance = &variance;
    }
    x.requires_grad_();
    gain.requires_grad_();
    bias.requires_grad_();
    input.x = x;
    input.gain = gain;
    input.bias = bias;
    input.residual = residual;
  }

  std::vector<torch::Tensor> leaves() const {
    std::vector<torch::Tensor> all{x, bias};
    if (gain.numel() > 0) all.push_back(gain);
    if (residual.defined()) all.push_back(residual);
    return all;
  }
  std::vector<torch::Tensor> gradients(const torch::Tensor& result) const {
    return torch::autograd::grad({(result.to(torch::kFloat) * weight).sum()}, leaves());
  }
};

double relative_difference(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor x = a.to(torch::kDouble);
  const torch::Tensor y = b.to(torch::kDouble);
  return (x - y).norm().item<double>() / (1e-9 + y.norm().item<double>());
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (int bits = 0; bits < 32; ++bits) {
    Case one;
    one.gain = (bits & 1) != 0;
    one.residual = (bits & 2) != 0;
    one.rounds = (bits & 4) != 0;
    one.relu = (bits & 8) != 0;
    one.type = (bits & 16) != 0 ? torch::kBFloat16 : torch::kFloat;
    for (const int channels : {1, 3, 16, 65, 300}) {  // from many pixels a row to less than one
      one.channels = channels;
      one.given_statistics = one.gain && channels == 3;
      cases.push_back(one);
    }
  }
  return cases;
}

TEST(Block, Kernels_ComputeWhatOperatorsCompute_ForwardAndBackward) {
  std::uint64_t seed = 0;
  for (const Case& one : all_cases()) {
    SCOPED_TRACE(one.name());
    const Sample sample(one, ++seed);
    const BlockResult kernels = block(sample.input);
    const BlockResult operators = block_of_operators(sample.input);
    ASSERT_EQ(kernels.value.scalar_type(), one.type);
    ASSERT_EQ(kernels.mean.size(), operators.mean.size());
    for (std::size_t c = 0; c < kernels.mean.size(); ++c) {
      EXPECT_NEAR(kernels.mean[c], operators.mean[c], 1e-4);
      EXPECT_NEAR(kernels.variance[c], operators.variance[c], 1e-3 * operators.variance[c]);
    }
    const torch::Tensor difference =
        (kernels.value.to(torch::kFloat) - operators.value.to(torch::kFloat)).abs();
    if (one.rounds) {
      // Floating-point sums on both sides of a half: one unit apart, and rarely (two roundings
      // under a residual: at most two units).
      EXPECT_LE(difference.max().item<float>(), one.residual ? 2.0F : 1.0F);
      EXPECT_LE((difference > 0).sum().item<std::int64_t>(), 1 + difference.numel() / 500);
    } else {
      EXPECT_LT(relative_difference(kernels.value, operators.value),
                one.type == torch::kFloat ? 1e-5 : 2e-3);
    }
    EXPECT_GT(kernels.value.to(torch::kFloat).std().item<float>(), 0.1F);
    const auto a = sample.gradients(kernels.value);
    const auto b = sample.gradients(operators.value);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const bool exact = one.type == torch::kFloat && !one.rounds;
      EXPECT_LT(relative_difference(a[i], b[i]), exact ? 2e-3 : 0.05) << "gradient " << i;
    }
  }
}

// The block in double precision, written as the definition; real numbers only.
double loss_of(const Sample& sample, const torch::Tensor& x, const torch::Tensor& gain,
               const torch::Tensor& bias, const torch::Tensor& residual) {
  const BlockRule& rule = sample.input.rule;
  double loss = 0;
  const auto xa = x.accessor<double, 4>();
  const auto wa = sample.weight.accessor<float, 4>();
  const double count = static_cast<double>(x.size(0) * x.size(2) * x.size(3));
  const auto each = [&](const std::function<void(int, int, int)>& visit) {
    for (int n = 0; n < x.size(0); ++n) {
      for (int i = 0; i < x.size(2); ++i) {
        for (int j = 0; j < x.size(3); ++j) visit(n, i, j);
      }
    }
  };
  for (int c = 0; c < x.size(1); ++c) {
    const double factor = sample.input.factor[static_cast<std::size_t>(c)];
    double mean = 0, square = 0;
    each([&](int n, int i, int j) { mean += factor * xa[n][c][i][j] / count; });
    each([&](int n, int i, int j) {
      square += std::pow(factor * xa[n][c][i][j] - mean, 2) / count;
    });
    each([&](int n, int i, int j) {
      double y = factor * xa[n][c][i][j];
      if (gain.numel() > 0) {
        y = (y - mean) / std::sqrt(square + batch_norm_epsilon) * gain[c].item<double>();
      }
      y += bias[c].item<double>();
      y = std::min<double>(std::max<double>(y, rule.low), rule.high);
      if (residual.defined()) {
        y += residual[n][c][i][j].item<double>();
        y = std::min<double>(std::max<double>(y, rule.sum_low), rule.sum_high);
      }
      loss += wa[n][c][i][j] * y;
    });
  }
  return loss;
}

TEST(Block, Gradients_AreTheSlopesOfTheDefinition) {
  for (const bool gain : {true, false}) {
    for (const bool residual : {true, false}) {
      Case one;
      one.gain = gain;
      one.residual = residual;
      one.channels = 2;
      SCOPED_TRACE(one.name());
      const Sample sample(one, 5);
      const auto gradients = sample.gradients(block(sample.input).value);
      std::vector<torch::Tensor> at;
      for (const torch::Tensor& leaf : {sample.x, sample.bias, sample.gain, sample.residual}) {
        at.push_back(leaf.defined() ? leaf.detach().to(torch::kDouble).clone() : leaf);
      }
      const auto loss = [&] { return loss_of(sample, at[0], at[2], at[1], at[3]); };
      std::size_t index = 0;
      for (torch::Tensor& leaf : at) {
        if (!leaf.defined() || leaf.numel() == 0) continue;
        const torch::Tensor gradient = gradients[index++].contiguous();
        double difference = 0, magnitude = 0;
        for (std::int64_t i = 0; i < leaf.numel(); i += leaf.dim() == 4 ? 5 : 1) {
          constexpr double step = 1e-6;
          double& value = leaf.data_ptr<double>()[i];
          const double before = value;
          value = before + step;
          const double above = loss();
          value = before - step;
          const double slope = (above - loss()) / (2 * step);
          value = before;
          difference += std::pow(slope - gradient.view({-1})[i].item<double>(), 2);
          magnitude += slope * slope;
        }
        EXPECT_LT(std::sqrt(difference / magnitude), 1e-4) << index;
        EXPECT_GT(magnitude, 1e-3) << index;
      }
      EXPECT_EQ(index, gradients.size());
    }
  }
}

TEST(Block, RoundedValues_AreHalvesUpAndClamped_AndOnlyFreeOnesPassGradients) {
  const std::vector<float> x{-200, -128.5F, -0.5F, -0.49F, 0, 0.49F, 0.5F, 1.5F, 126.4F, 127.2F};
  const std::vector<float> clamped{-128, -128, 0, 0, 0, 0, 1, 2, 126, 127};
  for (const bool relu : {false, true}) {
    BlockInput input;
    input.x = torch::tensor(x).view({1, 1, 1, -1}).requires_grad_();
    input.gain = torch::empty({0});
    input.bias = torch::zeros({1});
    input.factor = {1};
    input.rule.rounds = true;
    input.rule.low = relu ? 0 : -128;
    input.rule.high = 127;
    for (const auto& compute : {block, block_of_operators}) {
      const torch::Tensor value = compute(input).value;
      const torch::Tensor gradient = torch::autograd::grad({value.sum()}, {input.x})[0];
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float expected = std::max(clamped[i], input.rule.low);
        EXPECT_EQ(value.data_ptr<float>()[i], expected) << x[i];
        const bool free = expected > input.rule.low && expected < input.rule.high;
        EXPECT_EQ(gradient.data_ptr<float>()[i], free ? 1.0F : 0.0F) << x[i] << ' ' << relu;
      }
    }
  }
}

}  // namespace
}  // namespace togglewise::compress
