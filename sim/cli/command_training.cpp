#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/base/command.h"
#include "sim/base/error.h"
#include "sim/cli/commands.h"

namespace togglewise::cli {
namespace {

constexpr const char* kProgram = "togglewise-compress";

// Beside this program (build folder, installation), else on the PATH.
std::string training_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path beside = self.parent_path() / kProgram;
  if (!error && std::filesystem::exists(beside)) return beside.string();
  return find_program(kProgram);
}

}  // namespace

void add_training_commands(CLI::App& app) {
  app.add_subcommand("train", "int8 quantization-aware training of a workload's network");
  app.add_subcommand("compress", "weight selection per layer under one global accuracy limit");
  app.add_subcommand("compare",
                     "methods of weight selection side by side: accuracy against energy");
}

bool is_training_command(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  return command == "train" || command == "compress" || command == "compare";
}

int run_training_program(int, char** argv) {
  const std::string program = training_program();
  if (!program.empty()) ::execv(program.c_str(), argv);
  throw Error::run("TW-CLI-002", fmt::format("cannot start '{}': {}", kProgram,
                                             program.empty() ? "not found" : std::strerror(errno)))
      .expected("the program beside togglewise or on the PATH")
      .hint("build with -DTOGGLEWISE_BUILD_COMPRESS=ON (needs Debian's libtorch-dev)");
}

}  // namespace togglewise::cli
