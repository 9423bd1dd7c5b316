#include "compress/run/state_file.h"

#include <ATen/ATen.h>

#include "sim/base/error.h"

namespace togglewise::compress {

namespace {

std::string numbered(const char* name, std::size_t index) { return name + std::to_string(index); }

torch::Tensor as_tensor(const std::vector<float>& values) {
  return torch::tensor(values, torch::kFloat);
}

const torch::Tensor& find(const TensorFile& file, const std::string& source,
                          const std::string& name, std::int64_t elements) {
  const auto entry = file.tensors.find(name);
  if (entry != file.tensors.end() && entry->second.numel() == elements) return entry->second;
  throw Error::input("TW-CKPT-002",
                     "the checkpoint is of another network: " + name +
                         (entry == file.tensors.end()
                              ? " is not in it"
                              : " has " + std::to_string(entry->second.numel()) + " elements"))
      .at(source)
      .expected(std::to_string(elements) + " elements");
}

void restore(const TensorFile& file, const std::string& source, const std::string& name,
             std::vector<float>& values) {
  if (values.empty()) return;
  const torch::Tensor& tensor = find(file, source, name, static_cast<std::int64_t>(values.size()));
  values.assign(tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel());
}

}  // namespace

void add_state(const TrainingState& state, const Sgd* optimizer, TensorFile& file) {
  const std::vector<torch::Tensor> parameters = state.parameters.all();
  const std::vector<torch::Tensor> momentum =
      optimizer == nullptr ? std::vector<torch::Tensor>() : optimizer->momentum();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].numel() == 0) continue;
    file.tensors[numbered("parameter", i)] = parameters[i];
    if (!momentum.empty()) file.tensors[numbered("momentum", i)] = momentum[i];
  }
  for (std::size_t l = 0; l < state.statistics.mean.size(); ++l) {
    if (state.statistics.mean[l].empty()) continue;
    file.tensors[numbered("mean", l)] = as_tensor(state.statistics.mean[l]);
    file.tensors[numbered("variance", l)] = as_tensor(state.statistics.variance[l]);
  }
}

void restore_state(const TensorFile& file, const std::string& source, TrainingState& state,
                   Sgd* optimizer) {
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> momentum;
  const std::vector<torch::Tensor> parameters = state.parameters.all();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    torch::Tensor parameter = parameters[i];
    momentum.push_back(at::zeros_like(parameter));
    if (parameter.numel() == 0) continue;
    parameter.copy_(
        find(file, source, numbered("parameter", i), parameter.numel()).view(parameter.sizes()));
    if (optimizer == nullptr || file.tensors.count(numbered("momentum", i)) == 0) continue;
    momentum.back() =
        find(file, source, numbered("momentum", i), parameter.numel()).view(parameter.sizes());
  }
  for (std::size_t l = 0; l < state.statistics.mean.size(); ++l) {
    restore(file, source, numbered("mean", l), state.statistics.mean[l]);
    restore(file, source, numbered("variance", l), state.statistics.variance[l]);
  }
  const bool has_momentum = file.tensors.count("momentum0") > 0;
  if (optimizer != nullptr && has_momentum) optimizer->restore_momentum(momentum);
}

}  // namespace togglewise::compress
