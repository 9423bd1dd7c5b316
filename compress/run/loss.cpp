#include "compress/run/loss.h"

#include <ATen/ATen.h>

#include "compress/run/logits.h"
#include "sim/base/random.h"

namespace togglewise::compress {

namespace {

// The class where the sum of `shares` passes `point` in [0, 1).
std::int64_t draw(const float* shares, std::int64_t classes, double point) {
  double sum = 0;
  for (std::int64_t c = 0; c + 1 < classes; ++c) {
    sum += shares[c];
    if (point < sum) return c;
  }
  return classes - 1;
}

torch::Tensor answer_of(const FloatModel& teacher, bool of_mirror_image_too, const Batch& batch) {
  if (batch.kept_answer && batch.kept_answer->defined()) return *batch.kept_answer;
  torch::Tensor answer = logits_of(teacher, batch);
  if (of_mirror_image_too) answer = (answer + logits_of(teacher, mirrored(batch))) / 2;
  if (batch.kept_answer) *batch.kept_answer = answer;
  return answer;
}

}  // namespace

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

LossFunction drawn_label_loss(double temperature) {
  return [temperature](const torch::Tensor& logits, const Batch& batch) {
    const torch::Tensor log_answer = at::log_softmax(logits / temperature, 1);
    const torch::Tensor answer = log_answer.detach().exp().cpu().contiguous();
    torch::Tensor drawn = torch::empty({answer.size(0)}, torch::kLong);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      drawn.data_ptr<std::int64_t>()[i] =
          draw(answer.data_ptr<float>() + static_cast<std::int64_t>(i) * answer.size(1),
               answer.size(1), Random(batch.images[i]).unit());
    }
    return at::nll_loss(log_answer, drawn.to(logits.device()), {}, at::Reduction::Sum);
  };
}

LossFunction distillation_loss(const FloatModel& teacher, const DistillationParams& params) {
  return [&teacher, params](const torch::Tensor& logits, const Batch& batch) {
    const double t = params.temperature;
    const torch::Tensor targets = at::softmax(answer_of(teacher, params.mirrored, batch) / t, 1);
    return -(targets * at::log_softmax(logits / t, 1)).sum() * (t * t);
  };
}

}  // namespace togglewise::compress
