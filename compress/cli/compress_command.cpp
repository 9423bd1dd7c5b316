#include "compress/cli/compress_command.h"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "compress/cli/compress_arguments.h"
#include "compress/cli/console.h"
#include "compress/select/make_method.h"
#include "sim/base/error.h"
#include "sim/base/nearest.h"

namespace togglewise::compress {

namespace {

double nanojoules(const nlohmann::json& energy_fj) { return energy_fj.get<double>() * 1e-6; }

// What each limit's choice is like, where one search served several.
void print_limits(const nlohmann::json& result) {
  fmt::print("{:<13}{:>6}{:>15}{:>16}{:>15}\n", "limit, points", "trial", "lost, limit's",
             "lost, final", "gates, saved %");
  for (const nlohmann::json& limit : result.at("limits")) {
    const bool found = !limit.at("trial").is_null();
    const nlohmann::json& gates = limit.at("gate_energy");
    std::string lost = "-";
    if (found) {
      const std::size_t trial = limit.at("trial").get<std::size_t>() - 1;
      lost = fmt::format("{:.2f}", result.at("trials").at(trial).at("drop_points").get<double>());
    }
    fmt::print("{:<13}{:>6}{:>15}{:>16}{:>15}\n", limit.at("limit_points").dump(),
               found ? limit.at("trial").dump() : "dense", lost,
               fmt::format("{:.2f} ± {:.2f}", limit.at("test_drop_points").get<double>(),
                           limit.at("test_drop_standard_error_points").get<double>()),
               gates.is_null()
                   ? "-"
                   : fmt::format("{:.1f} ± {:.1f}",
                                 gates.at("mac_dynamic").at("reduction_percent").get<double>(),
                                 gates.at("mac_dynamic").value("half_width_percent", 0.0)));
  }
}

void print_summary(const nlohmann::json& result, const std::filesystem::path& out) {
  fmt::print("{:<10}{:>9}{:>12}{:>12}{:>9}{:>9}{:>9}\n", "layer", "weights", "before nJ",
             "after nJ", "saved %", "zeros %", "values");
  for (const nlohmann::json& layer : result.at("layers")) {
    const double before = nanojoules(layer.at("before").at("energy_fj_per_image"));
    const double after = nanojoules(layer.at("after").at("energy_fj_per_image"));
    const auto weights = layer.at("weights").get<double>();
    fmt::print("{:<10}{:>9}{:>12.3f}{:>12.3f}{:>9.1f}{:>9.1f}{:>9}\n",
               layer.at("name").get<std::string>(), weights, before, after,
               100.0 * (1.0 - after / before),
               100.0 * layer.at("after").at("zero_weights").get<double>() / weights,
               layer.at("after").at("distinct_values").get<std::size_t>());
  }
  const nlohmann::json& energy = result.at("energy");
  fmt::print("{:<19}{:>12.3f}{:>12.3f}{:>9.1f}\n", "per image",
             nanojoules(energy.at("before_fj_per_image")),
             nanojoules(energy.at("after_fj_per_image")),
             energy.at("reduction_percent").get<double>());
  for (const char* set : {"holdout", "test"}) {
    const nlohmann::json& accuracy = result.at("accuracy").at(set);
    const auto top1 = [&](const char* network) {
      return accuracy.at(network).at("top1_percent").get<double>();
    };
    fmt::print(
        "top-1, {} images {}: {:.2f} % float, {:.2f} % dense int8, {:.2f} % after ({:.2f} ± "
        "{:.2f} points below float)\n",
        accuracy.at("after").at("images").get<std::size_t>(),
        std::string(set) == "test" ? "of the final figure" : "of the limit", top1("float"),
        top1("before"), top1("after"), accuracy.at("drop_from_float_points").get<double>(),
        accuracy.at("drop_from_float_standard_error_points").get<double>());
  }
  if (energy.contains("gate")) {
    const nlohmann::json& gate = energy.at("gate");
    const nlohmann::json& mac = gate.at("mac_dynamic");
    fmt::print(
        "gates, {} timing, {} test images: MAC dynamic {:.3f} -> {:.3f} nJ (-{:.1f} ± {:.1f} "
        "%), total {:.3f} -> {:.3f} nJ (-{:.1f} %)\n",
        gate.at("timing").get<std::string>(), gate.at("images").get<int>(),
        nanojoules(mac.at("before_fj_per_image")), nanojoules(mac.at("after_fj_per_image")),
        mac.at("reduction_percent").get<double>(), mac.value("half_width_percent", 0.0),
        nanojoules(gate.at("total_before_fj_per_image")),
        nanojoules(gate.at("total_after_fj_per_image")),
        gate.at("total_reduction_percent").get<double>());
  }
  if (result.at("limits").size() > 1) print_limits(result);
  if (result.at("stopped_by_budget").get<bool>()) {
    fmt::print("the time budget ended the search early: another run may end elsewhere\n");
  }
  fmt::print("table above: dynamic, MACs that hold a weight, fidelity layer; time {:.1f} s\n",
             result.at("timing").at("total_seconds").get<double>());
  fmt::print("model, traces and compress.json are in {}\n", out.string());
}

void run(const CompressArguments& arguments, const std::string& method) {
  const CompressInputs inputs(arguments);
  CompressOptions options = inputs.options();
  options.method = make_method(method);
  Console console;
  print_summary(run_compress(options, inputs.hardware(), console.reporter()), options.out);
}

}  // namespace

void add_compress_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("compress", "weight selection per layer under one global accuracy limit");
  auto arguments = std::make_shared<CompressArguments>();
  auto method = std::make_shared<std::string>(method_names().front());
  add_compress_options(*command, *arguments);
  command
      ->add_option("--method", *method, "which values weights take: " + list_names(method_names()))
      ->capture_default_str();
  command->footer("An interrupted run goes on after its last finished epoch.");
  command->callback([arguments, method] { run(*arguments, *method); });
}

}  // namespace togglewise::compress
