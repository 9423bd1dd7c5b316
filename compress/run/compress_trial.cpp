#include "compress/run/compress_trial.h"

#include <algorithm>
#include <set>

#include "compress/quantize/export_network.h"
#include "compress/run/teacher.h"
#include "compress/run/train_epoch.h"
#include "compress/select/rate_distortion.h"

namespace togglewise::compress {

namespace {

// The trial's trained weights as integers: what training computes with and what is exported.
class Projector {
 public:
  Projector(const TrialInput& input, const TrialParams& params)
      : input_(input),
        params_(params),
        context_(*input.context),
        activation_scales_(activation_scales_of(*input.baseline)) {
    for (std::size_t l = 0; l < context_.layers.size(); ++l) {
      quantized_.scale.push_back(context_.layers[l].scale);
      quantized_.values.emplace_back(static_cast<std::size_t>(input.start->weights[l].numel()),
                                     std::int8_t{0});
    }
  }

  Parameters project(const Parameters& trained, double progress) {
    const double strength = params_.ramp > 0 ? std::min(1.0, progress / params_.ramp) : 1.0;
    if (!measured_ && progress >= params_.ramp) measure(trained);
    if (!cut_ && progress >= params_.cut_after) cut(trained);
    select(trained, strength * params_.multiplier);
    Parameters projected = trained;
    projected.weights = dequantize(quantized_, trained.weights);
    return projected;
  }

  const QuantizedWeights& finish(const Parameters& trained) {
    if (!cut_) cut(trained);
    select(trained, params_.multiplier);
    return quantized_;
  }

  const SelectionContext& context() const { return context_; }
  const std::vector<PermittedSetStats>& cuts() const { return cuts_; }

 private:
  void select(const Parameters& trained, double multiplier) {
    select_weights(*input_.selector, context_, pointers(trained), multiplier, params_.plan.threads,
                   quantized_.values);
  }

  // The partial sums of a network that is compressed get quieter: E_l(v) of what it has become.
  void measure(const Parameters& trained) {
    select(trained, params_.multiplier);
    const std::vector<energy::LayerCost> costs = input_.costs(
        export_network(*input_.baseline, quantized_, trained.biases, activation_scales_));
    for (std::size_t l = 0; l < context_.layers.size(); ++l) context_.layers[l].cost = costs[l];
    measured_ = true;
  }

  void cut(const Parameters& trained) {
    measure(trained);
    cuts_.resize(context_.layers.size());
    for (std::size_t l = 0; l < context_.layers.size(); ++l) {
      const LayerView view =
          view_of(context_, l, trained.weights[l].data_ptr<float>(), quantized_.values[l].size());
      context_.layers[l].permitted =
          permitted_set(view, params_.multiplier, params_.permitted, &cuts_[l]);
    }
    cut_ = true;
  }

  static std::vector<const float*> pointers(const Parameters& trained) {
    std::vector<const float*> weights;
    for (const torch::Tensor& w : trained.weights) weights.push_back(w.data_ptr<float>());
    return weights;
  }

  const TrialInput& input_;
  const TrialParams& params_;
  SelectionContext context_;  // a copy: the cut brings costs up to date and narrows the sets
  std::vector<float> activation_scales_;
  QuantizedWeights quantized_;
  std::vector<PermittedSetStats> cuts_;
  bool measured_ = false;
  bool cut_ = false;
};

nlohmann::json layer_log(const Projector& projector, const Parameters& trained,
                         const QuantizedWeights& quantized, double multiplier) {
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t l = 0; l < quantized.values.size(); ++l) {
    const SelectionContext::Layer& layer = projector.context().layers[l];
    const LayerView view = view_of(projector.context(), l, trained.weights[l].data_ptr<float>(),
                                   quantized.values[l].size());
    double lambda = 0;
    for (int c = 0; c < view.channels; ++c) {
      lambda += channel_lambda(view, c, multiplier) / view.channels;
    }
    const std::vector<std::int8_t>& values = quantized.values[l];
    layers.push_back(
        {{"name", layer.name},
         {"mean_lambda_per_fj", lambda},
         {"weights", values.size()},
         {"zero_weights", std::count(values.begin(), values.end(), std::int8_t{0})},
         {"distinct_values", std::set<std::int8_t>(values.begin(), values.end()).size()},
         {"permitted_values", layer.permitted.size()},
         {"values_before_cut", projector.cuts()[l].values_before},
         {"objective_before_cut", projector.cuts()[l].objective_before},
         {"objective_after_cut", projector.cuts()[l].objective_after}});
  }
  return layers;
}

}  // namespace

TrialOutcome run_trial(const TrialInput& input, const TrialParams& params,
                       const std::string& step_name, const ProgressFunction& progress) {
  Parameters trained = input.start->clone();
  Sgd optimizer(trained.all(), params.sgd);
  Projector projector(input, params);
  const std::vector<float> activation_scales = activation_scales_of(*input.baseline);
  const EpochParams epoch_params{params.batch_size, params.plan, params.learning_rate, params.seed,
                                 params.epochs};
  TrialOutcome outcome;
  outcome.epochs = nlohmann::json::array();
  for (int epoch = 0; epoch < params.epochs; ++epoch) {
    const EpochStats stats = train_epoch(
        *input.baseline, *input.data, *input.loss,
        [&](const Parameters& p, double done) { return projector.project(p, done); },
        activation_scales, epoch_params, epoch, trained, optimizer,
        step_name + ", epoch " + std::to_string(epoch + 1) + "/" + std::to_string(params.epochs),
        progress);
    outcome.epochs.push_back({{"epoch", epoch + 1},
                              {"final_learning_rate", stats.learning_rate},
                              {"mean_loss", stats.mean_loss},
                              {"training_top1_percent", 100.0 * stats.correct / stats.images}});
  }
  const QuantizedWeights& quantized = projector.finish(trained);
  outcome.network = export_network(*input.baseline, quantized, trained.biases, activation_scales);
  outcome.network.metadata.clear();
  const std::vector<network::GemmLayer*> layers = outcome.network.gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    layers[l]->permitted_values = projector.context().layers[l].permitted;
  }
  outcome.layers = layer_log(projector, trained, quantized, params.multiplier);
  return outcome;
}

}  // namespace togglewise::compress
