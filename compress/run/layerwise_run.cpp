#include "compress/run/layerwise_run.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "compress/run/gradient_shards.h"
#include "compress/run/projected_network.h"
#include "compress/select/magnitude.h"
#include "sim/base/error.h"
#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

constexpr const char* layerwise_kind = "togglewise layer-wise compression";
constexpr std::size_t loss_batch = 64;  // images a task

// What an attempt changes, for when it is refused.
struct Snapshot {
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> momentum;
  BatchStatistics statistics;
  std::vector<int> permitted;  // of the layer
};

class LayerwiseRun {
 public:
  LayerwiseRun(const TrialInput& input, const TrialParams& params,
               const LayerwiseParams& layerwise);

  std::optional<TrialOutcome> run(const std::string& step_name, const ProgressFunction& progress,
                                  const std::function<bool()>& go_on);

 private:
  void select();
  double loss_with(std::size_t layer, const std::vector<std::int8_t>& values,
                   std::vector<torch::Tensor>& weights) const;
  std::vector<int> set_for(std::size_t layer, const LayerSetting& setting);
  Snapshot snapshot(std::size_t layer) const;
  void roll_back(std::size_t layer, const Snapshot& before);
  void train_a_moment(const std::string& step_name, const ProgressFunction& progress);
  bool attempt(const std::string& step_name, const ProgressFunction& progress);
  void decide_layer(const std::string& step_name, const ProgressFunction& progress);
  void limit_the_rest();
  void train_one(int epoch, const std::string& step_name, const ProgressFunction& progress);
  void save(int finished_epochs) const;
  int restore();
  int final_epochs() const;

  const TrialInput& input_;
  const TrialParams& params_;
  const LayerwiseParams& layerwise_;
  ProjectedNetwork network_;
  LayerwiseSchedule schedule_;
  std::vector<Batch> loss_batches_;
  std::vector<double> pruned_share_;  // [layer]
  // Of the layer under way: sets by pruned share, descending by size. All attempts start from the
  // same weights.
  std::map<double, std::map<int, std::vector<int>>> sets_;
  int attempts_ = 0;  // so far, of all layers: each trains on other images in another order
  nlohmann::json log_ = nlohmann::json::array();
  nlohmann::json decisions_ = nlohmann::json::array();
};

std::vector<double> energies_of(const SelectionContext& context,
                                const std::vector<std::vector<std::int8_t>>& values) {
  std::vector<double> energies_fj;
  for (std::size_t l = 0; l < values.size(); ++l) {
    energies_fj.push_back(energy::layer_energy_fj(context.layers[l].cost, values[l]));
  }
  return energies_fj;
}

LayerwiseSchedule schedule_of(ProjectedNetwork& network, const TrialInput& input, double limit,
                              const LayerwiseScheduleParams& params) {
  network.select(*input.method, limit);
  return {energies_of(network.context, network.quantized.values), limit, params};
}

std::vector<Batch> loss_batches(const CompressImages& images, std::size_t most) {
  const std::size_t count = std::min(most, images.train.size());
  std::vector<Batch> batches;
  for (std::size_t begin = 0; begin < count; begin += loss_batch) {
    batches.push_back(make_batch(images.training, images.train.data() + begin,
                                 std::min(loss_batch, count - begin)));
    batches.back().kept_answer = std::make_shared<torch::Tensor>();
  }
  return batches;
}

LayerwiseRun::LayerwiseRun(const TrialInput& input, const TrialParams& params,
                           const LayerwiseParams& layerwise)
    : input_(input),
      params_(params),
      layerwise_(layerwise),
      network_(*input.start, *input.context, params.sgd, params.epochs.plan.threads),
      schedule_(schedule_of(network_, input, params.strength, layerwise.schedule)),
      loss_batches_(loss_batches(*input.images, layerwise.loss_images)),
      pruned_share_(network_.context.layers.size(), 0.0) {}

int LayerwiseRun::final_epochs() const {
  return std::max(
      1, static_cast<int>(std::lround((1.0 - layerwise_.layer_share) * params_.epochs.epochs)));
}

// Decided layers (and the one under way) are pruned and have their sets; the others are dense.
void LayerwiseRun::select() {
  const NetworkView view = network_.view();
  MagnitudeThresholds thresholds;
  for (std::size_t l = 0; l < view.size(); ++l) {
    thresholds.of_layer.push_back(layer_threshold(view[l], pruned_share_[l]));
  }
  network_.select(PrunedSelection(std::move(thresholds)));
}

// `weights` are those of the network as it is; the layer's are replaced.
double LayerwiseRun::loss_with(std::size_t layer, const std::vector<std::int8_t>& values,
                               std::vector<torch::Tensor>& weights) const {
  std::copy(values.begin(), values.end(), weights[layer].data_ptr<float>());
  ForwardInput input;
  input.weights = &weights;
  input.weight_scale = &network_.quantized.scale;
  input.parameters = &network_.state.parameters;
  input.precision = params_.epochs.precision;
  input.device = params_.epochs.device;
  std::vector<double> losses(loss_batches_.size());
  parallel_for(losses.size(), params_.epochs.plan.threads, [&](std::size_t b) {
    compute_single_threaded();
    const torch::NoGradGuard no_gradients;
    const Batch& batch = loss_batches_[b];
    const torch::Tensor logits =
        network_.network.forward(input, input_of(batch, network_.network.network(), true)).logits;
    losses[b] = (*input_.loss)(logits, batch).item<double>();
  });
  double sum = 0;
  for (const double loss : losses) sum += loss;
  return sum / static_cast<double>(std::min(layerwise_.loss_images, input_.images->train.size()));
}

std::vector<int> LayerwiseRun::set_for(std::size_t layer, const LayerSetting& setting) {
  std::map<int, std::vector<int>>& by_size = sets_[setting.pruned_share];
  if (by_size.empty()) {
    std::vector<int> sizes;
    for (const LayerSetting& other : layerwise_.schedule.settings) {
      if (other.pruned_share == setting.pruned_share) sizes.push_back(other.set_size);
    }
    std::sort(sizes.rbegin(), sizes.rend());
    std::vector<int> wanted = sizes;
    for (int& size : wanted) {
      if (params_.largest_set > 0) size = std::min(size, params_.largest_set);
    }
    select();
    std::vector<torch::Tensor> weights = network_.step_weights().weights;
    const LayerView view = network_.view()[layer];
    const std::vector<std::vector<int>> sets = greedy_sets(
        view, layer_threshold(view, setting.pruned_share), wanted,
        [&](const std::vector<std::int8_t>& values) { return loss_with(layer, values, weights); },
        layerwise_.greedy);
    for (std::size_t i = 0; i < sizes.size(); ++i) by_size[sizes[i]] = sets[i];
  }
  return by_size.at(setting.set_size);
}

Snapshot LayerwiseRun::snapshot(std::size_t layer) const {
  Snapshot result;
  for (const torch::Tensor& p : network_.state.parameters.all()) {
    result.parameters.push_back(p.clone());
  }
  for (const torch::Tensor& m : network_.optimizer.momentum()) {
    result.momentum.push_back(m.clone());
  }
  result.statistics = network_.state.statistics;
  result.permitted = network_.context.layers[layer].permitted;
  return result;
}

void LayerwiseRun::roll_back(std::size_t layer, const Snapshot& before) {
  const torch::NoGradGuard no_gradients;
  const std::vector<torch::Tensor> parameters = network_.state.parameters.all();
  std::vector<torch::Tensor> momentum = before.momentum;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    torch::Tensor parameter = parameters[i];
    parameter.copy_(before.parameters[i]);
    // None before the first step is as good as zeros.
    if (before.momentum.empty()) momentum.push_back(torch::zeros_like(parameter));
  }
  network_.optimizer.restore_momentum(momentum);
  network_.state.statistics = before.statistics;
  network_.context.layers[layer].permitted = before.permitted;
  pruned_share_[layer] = 0;
}

void LayerwiseRun::train_a_moment(const std::string& step_name, const ProgressFunction& progress) {
  const std::vector<std::size_t>& train = input_.images->train;
  const auto batch = static_cast<std::size_t>(params_.epochs.batch_size);
  const double share =
      layerwise_.layer_share * params_.epochs.epochs / static_cast<double>(pruned_share_.size());
  const std::size_t steps =
      std::max<std::size_t>(1, static_cast<std::size_t>(share * train.size() / batch));
  const std::size_t count = std::min(train.size(), steps * batch);
  // Attempt after attempt goes through the training images.
  std::vector<std::size_t> images;
  const std::size_t begin = static_cast<std::size_t>(attempts_) * count % train.size();
  for (std::size_t i = 0; i < count; ++i) images.push_back(train[(begin + i) % train.size()]);
  EpochParams epochs = params_.epochs;
  epochs.epochs = 1;  // the learning rate falls to zero, so that the check sees settled weights
  epochs.seed += 1000 + static_cast<std::uint64_t>(attempts_);
  train_epoch(
      network_.network, input_.images->training, images, *input_.loss,
      [this](const TrainingState&, double) {
        select();
        return network_.step_weights();
      },
      epochs, 0, network_.state, network_.optimizer, step_name, progress);
}

bool LayerwiseRun::attempt(const std::string& step_name, const ProgressFunction& progress) {
  const std::size_t layer = schedule_.layer();
  const LayerSetting setting = schedule_.setting();
  const double allowed = schedule_.allowed_drop_points();
  const std::string& name = network_.context.layers[layer].name;
  const Snapshot before = snapshot(layer);
  network_.context.layers[layer].permitted = set_for(layer, setting);
  pruned_share_[layer] = setting.pruned_share;
  train_a_moment(step_name + ", layer " + std::to_string(schedule_.decided() + 1) + "/" +
                     std::to_string(pruned_share_.size()) + ", attempt " +
                     std::to_string(++attempts_),
                 progress);
  select();
  const double drop = input_.limit_drop(network_.running(), layerwise_.check_images);
  const bool accepted = schedule_.report(drop);
  decisions_.push_back({{"layer", name},
                        {"pruned_share", setting.pruned_share},
                        {"set_size", network_.context.layers[layer].permitted.size()},
                        {"drop_points", drop},
                        {"allowed_points", allowed},
                        {"accepted", accepted}});
  if (!accepted) roll_back(layer, before);
  return accepted;
}

// Until a setting is accepted or none is left.
void LayerwiseRun::decide_layer(const std::string& step_name, const ProgressFunction& progress) {
  sets_.clear();
  const std::size_t decided = schedule_.decided();
  while (schedule_.decided() == decided) attempt(step_name, progress);
  select();
  network_.set_costs(input_.costs(network_.running()));
}

// Layers that stayed as they were may have more values than the hardware allows.
void LayerwiseRun::limit_the_rest() {
  const std::vector<std::vector<int>> sets = input_.method->permitted_sets(
      network_.view(), params_.strength, params_.largest_set, params_.epochs.plan.threads);
  for (std::size_t l = 0; l < sets.size(); ++l) network_.context.layers[l].permitted = sets[l];
}

void LayerwiseRun::train_one(int epoch, const std::string& step_name,
                             const ProgressFunction& progress) {
  EpochParams epochs = params_.epochs;
  epochs.epochs = final_epochs();
  const EpochStats stats = train_epoch(
      network_.network, input_.images->training, input_.images->train, *input_.loss,
      [this](const TrainingState&, double) {
        select();
        return network_.step_weights();
      },
      epochs, epoch, network_.state, network_.optimizer,
      step_name + ", epoch " + std::to_string(epoch + 1) + "/" + std::to_string(epochs.epochs),
      progress);
  log_.push_back({{"epoch", epoch + 1},
                  {"final_learning_rate", stats.learning_rate},
                  {"mean_loss", stats.mean_loss},
                  {"training_top1_percent", 100.0 * stats.correct / stats.images}});
}

void LayerwiseRun::save(int finished_epochs) const {
  TensorFile content;
  content.kind = layerwise_kind;
  content.record = {{"fingerprint", input_.fingerprint},
                    {"finished_epochs", finished_epochs},
                    {"decided", schedule_.decided()},
                    {"attempts", attempts_},
                    {"pruned_share", pruned_share_},
                    {"log", log_},
                    {"decisions", decisions_}};
  network_.add_to(content);
  write_tensor_file(content, input_.checkpoint);
}

int LayerwiseRun::restore() {
  if (!std::filesystem::exists(input_.checkpoint)) return 0;
  try {
    const TensorFile content = read_tensor_file(input_.checkpoint, layerwise_kind);
    if (content.record.at("fingerprint") != input_.fingerprint) return 0;
    network_.restore(content, input_.checkpoint.string());
    content.record.at("pruned_share").get_to(pruned_share_);
    content.record.at("attempts").get_to(attempts_);
    log_ = content.record.at("log");
    decisions_ = content.record.at("decisions");
    schedule_.restore(content.record.at("decided"));
    return content.record.at("finished_epochs");
  } catch (const Error&) {
    return 0;  // damaged: the trial begins again
  }
}

std::optional<TrialOutcome> LayerwiseRun::run(const std::string& step_name,
                                              const ProgressFunction& progress,
                                              const std::function<bool()>& go_on) {
  const int finished = restore();
  while (!schedule_.finished()) {
    if (!go_on()) return std::nullopt;
    decide_layer(step_name, progress);
    save(0);
  }
  if (params_.largest_set > 0) limit_the_rest();
  for (int epoch = finished; epoch < final_epochs(); ++epoch) {
    if (!go_on()) return std::nullopt;
    train_one(epoch, step_name, progress);
    save(epoch + 1);
  }
  select();
  TrialOutcome result;
  result.network = network_.finished(*input_.images, params_.epochs);
  result.epochs = log_;
  result.layers = network_.layer_log();
  result.decisions = decisions_;
  return result;
}

}  // namespace

std::optional<TrialOutcome> run_layerwise(const TrialInput& input, const TrialParams& params,
                                          const LayerwiseParams& layerwise,
                                          const std::string& step_name,
                                          const ProgressFunction& progress,
                                          const std::function<bool()>& go_on) {
  return LayerwiseRun(input, params, layerwise).run(step_name, progress, go_on);
}

}  // namespace togglewise::compress
