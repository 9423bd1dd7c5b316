#include "compress/run/compress_trial.h"

#include <algorithm>
#include <optional>
#include <set>

#include "compress/quantize/export_network.h"
#include "compress/run/logits.h"
#include "compress/run/state_file.h"
#include "sim/base/error.h"

namespace togglewise::compress {

namespace {

constexpr const char* trial_kind = "togglewise compression trial";
constexpr std::size_t statistics_images = 8192;  // training images, batch norm at the end

class Trial {
 public:
  Trial(const TrialInput& input, const TrialParams& params);

  std::optional<TrialOutcome> run(const std::string& step_name, const ProgressFunction& progress,
                                  const std::function<bool()>& go_on);

 private:
  double progress_at(int epoch) const { return static_cast<double>(epoch) / params_.epochs.epochs; }
  NetworkView view() const;
  void select(double strength);
  void close_loop();
  void limit_values();
  StepWeights project(double progress);
  void train_one(int epoch, const std::string& step_name, const ProgressFunction& progress);
  BatchStatistics final_statistics() const;
  nlohmann::json layer_log() const;
  TrialOutcome outcome();
  void save(int finished) const;
  int restore();

  const TrialInput& input_;
  const TrialParams& params_;
  TrainableNetwork network_;
  TrainingState state_;
  Sgd optimizer_;
  SelectionContext context_;  // a copy: costs are brought up to date and sets become narrower
  QuantizedWeights quantized_;
  bool limited_ = false;  // values are those of permitted_sets()
  nlohmann::json log_ = nlohmann::json::array();
};

Trial::Trial(const TrialInput& input, const TrialParams& params)
    : input_(input),
      params_(params),
      network_(input.start->baseline),
      state_{input.start->trainable.parameters.clone(), input.start->trainable.statistics},
      optimizer_(state_.parameters.all(), params.sgd),
      context_(*input.context) {
  const float factor = input.method->scale_factor(params.strength);
  for (std::size_t l = 0; l < context_.layers.size(); ++l) {
    for (float& s : context_.layers[l].scale) s *= factor;
    quantized_.scale.push_back(context_.layers[l].scale);
    quantized_.values.emplace_back(static_cast<std::size_t>(state_.parameters.weights[l].numel()));
  }
}

NetworkView Trial::view() const {
  std::vector<const float*> weights;
  std::vector<std::size_t> counts;
  for (const torch::Tensor& w : state_.parameters.weights) {
    weights.push_back(w.data_ptr<float>());
    counts.push_back(static_cast<std::size_t>(w.numel()));
  }
  return view_of(context_, weights, counts);
}

void Trial::select(double strength) {
  const NetworkView network = view();
  const std::unique_ptr<const Selection> selection = input_.method->prepare(network, strength);
  quantized_.values = select_weights(*selection, network, params_.epochs.plan.threads);
}

StepWeights Trial::project(double progress) {
  const double share = params_.ramp > 0 ? std::min(1.0, progress / params_.ramp) : 1.0;
  select(share < 1 ? input_.method->ramped(params_.strength, share) : params_.strength);
  return {value_tensors(quantized_, state_.parameters.weights), &quantized_.scale};
}

// The partial sums of a network that is compressed get quieter: E_l(v) of what it has become.
void Trial::close_loop() {
  select(params_.strength);
  const std::vector<energy::LayerCost> costs = input_.costs(
      export_network(input_.start->baseline, quantized_, state_.parameters, state_.statistics));
  for (std::size_t l = 0; l < context_.layers.size(); ++l) context_.layers[l].cost = costs[l];
}

void Trial::limit_values() {
  const std::vector<std::vector<int>> sets = input_.method->permitted_sets(
      view(), params_.strength, params_.largest_set, params_.epochs.plan.threads);
  for (std::size_t l = 0; l < sets.size(); ++l) context_.layers[l].permitted = sets[l];
  limited_ = true;
}

void Trial::train_one(int epoch, const std::string& step_name, const ProgressFunction& progress) {
  // At the start of epochs, so that a resumed trial finds the same.
  if (progress_at(epoch) >= params_.ramp) close_loop();
  if (!limited_ && progress_at(epoch) >= input_.method->sets_after()) limit_values();
  const EpochStats stats = train_epoch(
      network_, input_.images->training, input_.images->train, *input_.loss,
      [this](const TrainingState&, double done) { return project(done); }, params_.epochs, epoch,
      state_, optimizer_,
      step_name + ", epoch " + std::to_string(epoch + 1) + "/" +
          std::to_string(params_.epochs.epochs),
      progress);
  log_.push_back({{"epoch", epoch + 1},
                  {"final_learning_rate", stats.learning_rate},
                  {"mean_loss", stats.mean_loss},
                  {"training_top1_percent", 100.0 * stats.correct / stats.images}});
}

BatchStatistics Trial::final_statistics() const {
  const std::vector<torch::Tensor> weights = value_tensors(quantized_, state_.parameters.weights);
  ForwardInput input;
  input.weights = &weights;
  input.weight_scale = &quantized_.scale;
  input.parameters = &state_.parameters;
  input.precision = params_.epochs.precision;
  std::vector<std::size_t> images = input_.images->train;
  images.resize(std::min(images.size(), statistics_images));
  return estimate_statistics(
      network_, input, input_.images->training, images,
      static_cast<std::size_t>(params_.epochs.batch_size),
      {params_.epochs.augmentation, params_.epochs.seed, params_.epochs.epochs},
      params_.epochs.plan.threads);
}

nlohmann::json Trial::layer_log() const {
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t l = 0; l < quantized_.values.size(); ++l) {
    const SelectionContext::Layer& layer = context_.layers[l];
    const std::vector<std::int8_t>& values = quantized_.values[l];
    layers.push_back(
        {{"name", layer.name},
         {"weights", values.size()},
         {"zero_weights", std::count(values.begin(), values.end(), std::int8_t{0})},
         {"distinct_values", std::set<std::int8_t>(values.begin(), values.end()).size()},
         {"permitted_values", layer.permitted.size()}});
  }
  return layers;
}

TrialOutcome Trial::outcome() {
  if (!limited_) limit_values();
  select(params_.strength);
  TrialOutcome result;
  result.network =
      export_network(input_.start->baseline, quantized_, state_.parameters, final_statistics());
  result.network.metadata.clear();
  const std::vector<network::GemmLayer*> layers = result.network.gemm_layers();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    layers[l]->permitted_values = context_.layers[l].permitted;
  }
  result.epochs = log_;
  result.layers = layer_log();
  return result;
}

void Trial::save(int finished) const {
  TensorFile content;
  content.kind = trial_kind;
  content.record = {{"fingerprint", input_.fingerprint},
                    {"finished_epochs", finished},
                    {"limited", limited_},
                    {"log", log_}};
  for (const SelectionContext::Layer& layer : context_.layers) {
    content.record["permitted"].push_back(layer.permitted);
    content.record["costs"].push_back({layer.cost.energy_fj, layer.cost.of_sign_fj});
  }
  add_state(state_, &optimizer_, content);
  write_tensor_file(content, input_.checkpoint);
}

int Trial::restore() {
  if (!std::filesystem::exists(input_.checkpoint)) return 0;
  try {
    const TensorFile content = read_tensor_file(input_.checkpoint, trial_kind);
    if (content.record.at("fingerprint") != input_.fingerprint) return 0;
    restore_state(content, input_.checkpoint.string(), state_, &optimizer_);
    log_ = content.record.at("log");
    limited_ = content.record.at("limited");
    for (std::size_t l = 0; l < context_.layers.size(); ++l) {
      SelectionContext::Layer& layer = context_.layers[l];
      layer.permitted = content.record.at("permitted").at(l).get<std::vector<int>>();
      content.record.at("costs").at(l).at(0).get_to(layer.cost.energy_fj);
      content.record.at("costs").at(l).at(1).get_to(layer.cost.of_sign_fj);
    }
    return content.record.at("finished_epochs");
  } catch (const Error&) {
    return 0;  // damaged: the trial begins again
  }
}

std::optional<TrialOutcome> Trial::run(const std::string& step_name,
                                       const ProgressFunction& progress,
                                       const std::function<bool()>& go_on) {
  for (int epoch = restore(); epoch < params_.epochs.epochs; ++epoch) {
    if (!go_on()) return std::nullopt;
    train_one(epoch, step_name, progress);
    save(epoch + 1);
  }
  return outcome();
}

}  // namespace

std::optional<TrialOutcome> run_trial(const TrialInput& input, const TrialParams& params,
                                      const std::string& step_name,
                                      const ProgressFunction& progress,
                                      const std::function<bool()>& go_on) {
  return Trial(input, params).run(step_name, progress, go_on);
}

}  // namespace togglewise::compress
