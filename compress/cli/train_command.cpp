#include "compress/cli/train_command.h"

#include <memory>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/core.h>

#include "compress/cli/common_options.h"
#include "compress/cli/console.h"
#include "compress/run/train_run.h"

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
      "train", "int8 quantization-aware training of a workload's network, from scratch");
  auto common = std::make_shared<CommonOptions>();
  auto init = std::make_shared<std::filesystem::path>();
  command->add_option("--init", *init,
                      "network (ONNX, float or int8) whose weights training starts from, in place "
                      "of random ones");
  add_common_options(*command, *common);
  command->footer("An interrupted run goes on after its last whole epoch.");
  command->callback([common, init] {
    TrainOptions options;
    options.workload = common->workload;
    options.init = *init;
    options.out = common->out;
    options.seed = common->seed;
    options.threads = common->thread_count();
    options.fresh = common->fresh;
    Console console;
    print_summary(run_train(options, console.reporter()), options.out);
  });
}

}  // namespace togglewise::compress
