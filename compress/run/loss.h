// What training minimizes.
#pragma once

#include <functional>

#include <torch/types.h>

#include "compress/model/float_model.h"
#include "compress/run/batch.h"

namespace togglewise::compress {

// Sum (not mean) of the losses of the batch's images, whose logits are given. Called from several
// threads.
using LossFunction = std::function<torch::Tensor(const torch::Tensor& logits, const Batch& batch)>;

// Cross entropy against the labels.
LossFunction label_loss();

// Cross entropy against labels drawn from the network's own softened answer, softmax(logits /
// temperature); an image always draws the same. Its mean squared gradient is the Fisher information
// of what distillation at that temperature preserves, while that against the labels fades on images
// that the network knows by heart.
LossFunction drawn_label_loss(double temperature);

struct DistillationParams {
  double temperature = 4.0;
  // The teacher's answer is the mean of that to the image and that to its mirror image: a better
  // one, where it has learned from both.
  bool mirrored = false;
};

// Distillation (Hinton et al. 2015) from a teacher that sees the same augmented images:
// T²·KL(softmax(teacher/T), softmax(student/T)), up to the teacher's entropy, which has no
// gradient. `teacher` must outlive the function.
LossFunction distillation_loss(const FloatModel& teacher, const DistillationParams& params);

}  // namespace togglewise::compress
