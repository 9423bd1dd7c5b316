#include "compress/run/compress_trial.h"

#include <algorithm>
#include <optional>

#include "compress/run/projected_network.h"
#include "sim/base/error.h"

namespace togglewise::compress {

namespace {

constexpr const char* trial_kind = "togglewise compression trial";

class Trial {
 public:
  Trial(const TrialInput& input, const TrialParams& params);

  std::optional<TrialOutcome> run(const std::string& step_name, const ProgressFunction& progress,
                                  const std::function<bool()>& go_on);

 private:
  bool continues() const { return !input_.parent.empty(); }
  void go_on_from_parent();
  double progress_at(int epoch) const { return static_cast<double>(epoch) / params_.epochs.epochs; }
  void close_loop();
  void limit_values();
  StepWeights project(double progress);
  void train_one(int epoch, const std::string& step_name, const ProgressFunction& progress);
  TrialOutcome outcome();
  void save(int finished) const;
  int restore();

  const TrialInput& input_;
  const TrialParams& params_;
  ProjectedNetwork network_;
  double first_share_ = 0;  // of the strength, where the ramp begins
  bool limited_ = false;    // values are those of permitted_sets()
  nlohmann::json log_ = nlohmann::json::array();
};

Trial::Trial(const TrialInput& input, const TrialParams& params)
    : input_(input),
      params_(params),
      network_(*input.start, *input.context, params.sgd, params.epochs.plan.threads) {
  if (continues()) go_on_from_parent();
  network_.choose_scales(*input.method, params.strength);
}

// Its weights and costs; what was permitted to it is not for this trial.
void Trial::go_on_from_parent() {
  network_.restore(read_tensor_file(input_.parent, trial_kind), input_.parent.string());
  for (std::size_t l = 0; l < network_.context.layers.size(); ++l) {
    network_.context.layers[l].permitted = input_.context->layers[l].permitted;
  }
  first_share_ = input_.method->share_at(params_.strength, input_.parent_strength);
}

StepWeights Trial::project(double progress) {
  const double ramped = params_.ramp > 0 ? std::min(1.0, progress / params_.ramp) : 1.0;
  const double share = first_share_ + (1.0 - first_share_) * ramped;
  const SelectionMethod& method = *input_.method;
  network_.select(method, share < 1 ? method.ramped(params_.strength, share) : params_.strength);
  return network_.step_weights();
}

// The partial sums of a network that is compressed get quieter: E_l(v) of what it has become.
void Trial::close_loop() {
  network_.select(*input_.method, params_.strength);
  network_.set_costs(input_.costs(network_.running()));
}

void Trial::limit_values() {
  const std::vector<std::vector<int>> sets = input_.method->permitted_sets(
      network_.view(), params_.strength, params_.largest_set, params_.epochs.plan.threads);
  for (std::size_t l = 0; l < sets.size(); ++l) network_.context.layers[l].permitted = sets[l];
  limited_ = true;
}

void Trial::train_one(int epoch, const std::string& step_name, const ProgressFunction& progress) {
  // At the start of epochs, so that a resumed trial finds the same.
  if (continues() || progress_at(epoch) >= params_.ramp) close_loop();
  if (!limited_ && progress_at(epoch) >= input_.method->sets_after()) limit_values();
  const EpochStats stats = train_epoch(
      network_.network, input_.images->training, input_.images->train, *input_.loss,
      [this](const TrainingState&, double done) { return project(done); }, params_.epochs, epoch,
      network_.state, network_.optimizer,
      step_name + ", epoch " + std::to_string(epoch + 1) + "/" +
          std::to_string(params_.epochs.epochs),
      progress);
  log_.push_back({{"epoch", epoch + 1},
                  {"final_learning_rate", stats.learning_rate},
                  {"mean_loss", stats.mean_loss},
                  {"training_top1_percent", 100.0 * stats.correct / stats.images}});
}

TrialOutcome Trial::outcome() {
  if (!limited_) limit_values();
  network_.select(*input_.method, params_.strength);
  TrialOutcome result;
  result.network = network_.finished(*input_.images, params_.epochs);
  result.epochs = log_;
  result.layers = network_.layer_log();
  return result;
}

void Trial::save(int finished) const {
  TensorFile content;
  content.kind = trial_kind;
  content.record = {{"fingerprint", input_.fingerprint},
                    {"finished_epochs", finished},
                    {"limited", limited_},
                    {"log", log_}};
  network_.add_to(content);
  write_tensor_file(content, input_.checkpoint);
}

int Trial::restore() {
  if (!std::filesystem::exists(input_.checkpoint)) return 0;
  try {
    const TensorFile content = read_tensor_file(input_.checkpoint, trial_kind);
    if (content.record.at("fingerprint") != input_.fingerprint) return 0;
    network_.restore(content, input_.checkpoint.string());
    log_ = content.record.at("log");
    limited_ = content.record.at("limited");
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

bool is_finished_state(const std::filesystem::path& file, const std::string& fingerprint,
                       int epochs) {
  try {
    const TensorFile content = read_tensor_file(file, trial_kind);
    return content.record.at("fingerprint") == fingerprint &&
           content.record.at("finished_epochs") == epochs;
  } catch (const Error&) {
    return false;
  }
}

std::optional<TrialOutcome> run_trial(const TrialInput& input, const TrialParams& params,
                                      const std::string& step_name,
                                      const ProgressFunction& progress,
                                      const std::function<bool()>& go_on) {
  return Trial(input, params).run(step_name, progress, go_on);
}

}  // namespace togglewise::compress
