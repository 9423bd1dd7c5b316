// Stochastic gradient descent with Nesterov momentum: libtorch's, with its state in the open, so
// that a checkpoint holds it and a resumed run goes on bit for bit.
#pragma once

#include <memory>
#include <vector>

#include <torch/types.h>

namespace torch::optim {
class SGD;
}

namespace togglewise::compress {

struct SgdParams {
  double momentum = 0.9;
  double weight_decay = 1e-4;
};

class Sgd {
 public:
  // Updates `parameters` in place; they are shared, not copied.
  Sgd(const std::vector<torch::Tensor>& parameters, const SgdParams& params);
  ~Sgd();
  Sgd(const Sgd&) = delete;
  Sgd& operator=(const Sgd&) = delete;

  void step(const std::vector<torch::Tensor>& gradients, double learning_rate);

  // One tensor a parameter; empty before the first step.
  std::vector<torch::Tensor> momentum() const;
  void restore_momentum(const std::vector<torch::Tensor>& buffers);

 private:
  std::vector<torch::Tensor> parameters_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
};

}  // namespace togglewise::compress
