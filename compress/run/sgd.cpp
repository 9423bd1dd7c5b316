#include "compress/run/sgd.h"

#include <torch/csrc/api/include/torch/optim/sgd.h>

namespace togglewise::compress {

using torch::optim::SGDOptions;
using torch::optim::SGDParamState;

Sgd::Sgd(const std::vector<torch::Tensor>& parameters, const SgdParams& params)
    : parameters_(parameters) {
  // The rate given here is never used: step() sets it.
  optimizer_ =
      std::make_unique<torch::optim::SGD>(parameters_, SGDOptions(1.0)
                                                           .momentum(params.momentum)
                                                           .weight_decay(params.weight_decay)
                                                           .nesterov(params.momentum > 0));
}

Sgd::~Sgd() = default;

void Sgd::step(const std::vector<torch::Tensor>& gradients, double learning_rate) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    parameters_[i].mutable_grad() = gradients[i];
  }
  for (auto& group : optimizer_->param_groups()) {
    static_cast<SGDOptions&>(group.options()).lr(learning_rate);
  }
  optimizer_->step();
}

namespace {

std::string state_key(const torch::Tensor& parameter) {
  return c10::guts::to_string(parameter.unsafeGetTensorImpl());
}

}  // namespace

std::vector<torch::Tensor> Sgd::momentum() const {
  std::vector<torch::Tensor> buffers;
  for (const torch::Tensor& parameter : parameters_) {
    const auto& states = optimizer_->state();
    const auto state = states.find(state_key(parameter));
    if (state == states.end()) return {};
    buffers.push_back(static_cast<const SGDParamState&>(*state->second).momentum_buffer());
  }
  return buffers;
}

void Sgd::restore_momentum(const std::vector<torch::Tensor>& buffers) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    auto state = std::make_unique<SGDParamState>();
    state->momentum_buffer(buffers[i].clone());
    optimizer_->state()[state_key(parameters_[i])] = std::move(state);
  }
}

}  // namespace togglewise::compress
