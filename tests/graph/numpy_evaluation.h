// Somebody else's view of an ONNX file: Debian's onnx.checker, and a numpy evaluation of the
// operators as the ONNX specification defines them.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "sim/network/dataset.h"

namespace togglewise {

inline constexpr const char* system_python = "/usr/bin/python3";  // python3-onnx belongs to it

// Debian's packages python3-onnx and python3-numpy; starting Python to ask would take longer than
// most tests.
inline bool python_onnx_is_installed() {
  const std::filesystem::path packages = "/usr/lib/python3/dist-packages";
  return std::filesystem::exists(system_python) && std::filesystem::exists(packages / "onnx") &&
         std::filesystem::exists(packages / "numpy");
}

struct NumpyEvaluation {
  bool succeeded = false;
  std::string output;          // what went wrong otherwise
  std::vector<double> logits;  // [image][class]
};

inline NumpyEvaluation evaluate_with_numpy(const std::string& model,
                                           const network::Dataset& images) {
  const TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "model.onnx";
  const std::filesystem::path pixels = folder.path() / "pixels";
  write_file_atomically(file, model);
  write_file_atomically(pixels, std::string(images.pixels.begin(), images.pixels.end()));
  const CommandResult result = run_command(
      {system_python, std::string(TOGGLEWISE_SOURCE_DIR) + "/tests/graph/evaluate_onnx.py",
       file.string(), pixels.string()},
      folder.path());
  NumpyEvaluation evaluation{result.exit_status == 0, result.output, {}};
  std::istringstream lines(result.output);
  double logit = 0;
  while (evaluation.succeeded && lines >> logit) evaluation.logits.push_back(logit);
  return evaluation;
}

}  // namespace togglewise
