#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/cli/commands.h"
#include "sim/cli/common_options.h"
#include "sim/cli/hardware_source.h"
#include "sim/cli/progress_printer.h"
#include "sim/cli/timing_options.h"
#include "sim/cli/workload_source.h"
#include "sim/report/number_format.h"
#include "sim/study/compressed_traces.h"
#include "sim/study/study_files.h"

namespace togglewise::cli {
namespace {

struct Options : CommonOptions {
  std::filesystem::path hardware;
  std::filesystem::path model;
  std::filesystem::path workload;
  std::filesystem::path compressed;  // "": a pruned version of the model
  int images = 1;
  study::GroupingStudyParams study;
  double sparsity = study::PruningParams{}.sparsity;
  bool only_tables = false;
  TimingOptions timing;
};

WorkloadSource load_source(const Options& options, const config::HardwareConfig& hardware,
                           const std::filesystem::path& model) {
  WorkloadSourceOptions source;
  source.workload = options.workload;
  source.model = model;
  source.images = options.images;
  source.seed = options.seed;
  source.threads = options.thread_count();
  source.need_operands = true;
  return load_workload_source(hardware, source);
}

void run(const Options& options) {
  const Stopwatch watch;
  HardwareSource hardware = load_hardware(options.hardware);
  require_cell_library(hardware);
  apply_timing(options.timing, hardware.config);
  // Tables say what the transitions of the streams cost. How double-buffered weights join one
  // tile's stream with the next one's is no question of the grouping.
  hardware.config.array.double_buffered_weights = false;
  require_writable_directory(options.out);
  study::GroupingStudyParams params = options.study;
  params.layer_fidelity = !options.only_tables;
  params.seed = options.seed;
  params.threads = options.thread_count();
  study::check_groupings(params);
  const WorkloadSource source = load_source(options, hardware.config, options.model);

  study::StudyRun run;
  run.compressed_source = fmt::format(
      "the network with the smallest {} % of each layer's weights set to zero and the others to "
      "powers of two, activations as before",
      report::format_fixed(100 * options.sparsity, 0));
  network::Traces compressed;
  if (options.compressed.empty()) {
    compressed = study::pruned_to_powers_of_two(
        *source.traces, {options.sparsity, hardware.config.array.weight_bits});
  } else {
    WorkloadSource other = load_source(options, hardware.config, options.compressed);
    run.compressed_source = other.model->file;
    compressed = std::move(*other.traces);
  }
  announce(fmt::format("synthesizing the MAC onto {}",
                       hardware.config.technology.liberty.filename().string()));
  const energy::MacHardware mac(hardware.config);
  const study::GroupingStudy result =
      study::study_groupings(mac, *source.traces, compressed, params, make_progress_printer());
  run.seed = options.seed;
  run.hardware = &hardware.config;
  run.timing = mac.engine().timing();
  run.model = *source.model;
  run.workload = source.workload;
  run.operand_source = source.operand_source;
  run.seconds = watch.seconds();
  study::write_study_files(run, result, options.out);
  fmt::print("{} on {}, {} timing, {}\n\n{}\nResults: {}\n", source.name, hardware.config.name,
             run.timing, source.operand_source, study::study_text(result), options.out.string());
}

}  // namespace

void add_study_command(CLI::App& app) {
  CLI::App* study = app.add_subcommand("study", "how far models of energy are from the gates");
  study->require_subcommand(1);
  CLI::App* command = study->add_subcommand(
      "grouping", "groupings of transitions, and what others use, against gate-level energy");
  const auto options = std::make_shared<Options>();
  command->add_option("--hw", options->hardware, "hardware configuration (YAML)")->required();
  command->add_option("--model", options->model, "int8 network (ONNX, QDQ)");
  command->add_option("--workload", options->workload,
                      "workload with the test images (default: the one named in the model)");
  command->add_option("--images", options->images, "the first N test images")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--compressed", options->compressed,
                      "another version of the network, to try the tables on (default: pruned to "
                      "powers of two)");
  command
      ->add_option("--sparsity", options->sparsity,
                   "share of zero weights of the default compressed network")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  command
      ->add_option("--groupings", options->study.groupings,
                   "groupings to compare, with commas (default: all)")
      ->delimiter(',');
  command
      ->add_option("--transitions", options->study.transitions_per_weight,
                   "sampled transitions per weight value")
      ->check(CLI::Range(100, 100000000))
      ->capture_default_str();
  command
      ->add_option("--fractions", options->study.sample_divisors,
                   "also fit to 1/N of the transitions, for each of these N from large to small; "
                   "the last must be 1")
      ->delimiter(',')
      ->capture_default_str();
  command->add_flag("--only-tables", options->only_tables, "leave out fidelity layer");
  add_timing_options(*command, options->timing);
  add_common_options(*command, *options);
  command->callback([options] { run(*options); });
}

}  // namespace togglewise::cli
