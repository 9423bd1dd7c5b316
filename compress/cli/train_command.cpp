#include "compress/cli/train_command.h"

#include <memory>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/core.h>

#include "compress/cli/console.h"
#include "compress/run/train_run.h"
#include "sim/base/parallel.h"

namespace togglewise::compress {

namespace {

void print_summary(const nlohmann::json& result, const std::filesystem::path& out) {
  const auto line = [](const char* what, const nlohmann::json& accuracy) {
    fmt::print("{:<34}{:>8.2f} %  ({} of {} images)\n", what,
               accuracy.at("top1_percent").get<double>(), accuracy.at("correct").get<std::size_t>(),
               accuracy.at("images").get<std::size_t>());
  };
  const nlohmann::json& accuracy = result.at("accuracy");
  fmt::print("{} on {}\n", result.at("model").at("name").get<std::string>(),
             result.at("workload").at("name").get<std::string>());
  line("int8 top-1, test images", accuracy.at("test"));
  line("int8 top-1, held-out training", accuracy.at("holdout"));
  line("float top-1, held-out training", accuracy.at("float_holdout"));
  fmt::print("{:<34}{:>8.1f} s\n", "time", result.at("timing").at("total_seconds").get<double>());
  fmt::print("model, traces and train.json are in {}\n", out.string());
}

}  // namespace

void add_train_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "train", "Train the workload's network from scratch, ending with int8 fake quantization");
  auto options = std::make_shared<TrainOptions>();
  options->threads = default_thread_count();
  command->add_option("--workload", options->workload, "Workload (YAML)")->required();
  command->add_option("--out", options->out, "Folder for model, traces and results")->required();
  command->add_option("--seed", options->seed, "Seed of initialization, shuffles and hold-out")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_flag("--fresh", options->fresh, "Start over, whatever checkpoint lies in --out");
  command->footer("An interrupted run goes on from the checkpoint in --out.");
  command->callback([options] {
    Console console;
    print_summary(run_train(*options, console.reporter()), options->out);
  });
}

}  // namespace togglewise::compress
