// The options of `compress`, which `compare` has too, and what they name, read and ready to run.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "compress/cli/common_options.h"
#include "compress/run/compress_run.h"

namespace togglewise::compress {

struct CompressArguments {
  CommonOptions common;
  std::filesystem::path model;
  std::filesystem::path hardware;
  std::filesystem::path tables;
  std::filesystem::path init;
  std::filesystem::path teacher;
  std::filesystem::path sets;
  std::filesystem::path delays;
  double delay_limit_ps = 0;
  std::string delay_kind = "sta";
  std::string mapping;
  std::string budget;
  std::vector<double> max_accuracy_drops = CompressOptions().max_accuracy_drops;
  double margin = CompressOptions().margin_standard_errors;
  int energy_images = CompressOptions().energy_images;
  std::optional<int> activation_bits;
  int trials = 0;
  int epochs = 0;
  std::optional<int> continued_epochs;
  std::optional<int> largest_set;
  bool pareto = false;
};

// All options but the method. `arguments` must outlive the parsing of `command`.
void add_compress_options(CLI::App& command, CompressArguments& arguments);

// The hardware, its tables and everything else that the arguments name.
class CompressInputs {
 public:
  explicit CompressInputs(const CompressArguments& arguments);
  ~CompressInputs();
  CompressInputs(const CompressInputs&) = delete;
  CompressInputs& operator=(const CompressInputs&) = delete;

  // Without a method.
  const CompressOptions& options() const { return options_; }
  // Valid as long as this.
  HardwareModel hardware() const;

 private:
  struct Loaded;
  std::unique_ptr<const Loaded> loaded_;
  CompressOptions options_;
};

}  // namespace togglewise::compress
