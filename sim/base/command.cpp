#include "sim/base/command.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise {

std::string find_program(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string candidate = folder;
    candidate.append("/").append(program);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

CommandResult run_command(const std::vector<std::string>& arguments,
                          const std::filesystem::path& working_directory) {
  const auto cannot_start = [&](const char* reason) {
    return Error::run("TW-CMD-001", fmt::format("cannot start '{}': {}", arguments.at(0), reason))
        .expected("the program to be installed and on the PATH");
  };
  const std::string program =
      arguments.at(0).find('/') == std::string::npos ? find_program(arguments[0]) : arguments[0];
  if (program.empty()) throw cannot_start("not found");

  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) throw cannot_start(std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) throw cannot_start(std::strerror(errno));
  if (child == 0) {
    ::close(pipe_ends[0]);
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::dup2(pipe_ends[1], STDERR_FILENO);
    if (::chdir(working_directory.c_str()) != 0) ::_exit(126);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  CommandResult result;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = ::read(pipe_ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    result.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(pipe_ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace togglewise
