#include "compress/run/loss.h"

#include <ATen/ATen.h>

#include "compress/run/logits.h"

namespace togglewise::compress {

LossFunction label_loss() {
  return [](const torch::Tensor& logits, const Batch& batch) {
    torch::Tensor labels = torch::empty({logits.size(0)}, torch::kLong);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      labels.data_ptr<std::int64_t>()[i] = batch.dataset->labels[batch.images[i]];
    }
    return at::nll_loss(at::log_softmax(logits, 1), labels.to(logits.device()), {},
                        at::Reduction::Sum);
  };
}

LossFunction distillation_loss(const FloatModel& teacher, const DistillationParams& params) {
  return
      [&teacher, params, labels = label_loss()](const torch::Tensor& logits, const Batch& batch) {
        const double t = params.temperature;
        const torch::Tensor targets = at::softmax(logits_of(teacher, batch) / t, 1);
        const torch::Tensor distilled = -(targets * at::log_softmax(logits / t, 1)).sum() * (t * t);
        if (params.label_share == 0) return distilled;
        return distilled * (1.0 - params.label_share) + labels(logits, batch) * params.label_share;
      };
}

}  // namespace togglewise::compress
