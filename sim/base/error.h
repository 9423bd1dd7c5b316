// The one error type of Togglewise. Libraries throw it; only the command line formats and prints
// it.
#pragma once

#include <exception>
#include <string>

namespace togglewise {

// What went wrong decides the exit status: usage and input 2, everything met while running 1.
enum class ErrorKind { input, run };

// Built fluently, so that a call site reads as the message does:
//   throw Error::input("TW-CFG-002", "unknown key 'rowz'").at(path, line, column)
//       .expected("one of rows, columns").hint("did you mean 'rows'?");
// `id` is stable and documented in the README; line and column count from 1, 0 means unknown.
class Error : public std::exception {
 public:
  static Error input(std::string id, std::string message);
  static Error run(std::string id, std::string message);

  Error&& at(std::string file, int line = 0, int column = 0) &&;
  Error&& expected(std::string what) &&;
  Error&& hint(std::string text) &&;

  const char* what() const noexcept override { return text_.c_str(); }
  int exit_status() const { return kind_ == ErrorKind::input ? 2 : 1; }
  ErrorKind kind() const { return kind_; }
  const std::string& id() const { return id_; }
  const std::string& message() const { return message_; }
  const std::string& file() const { return file_; }
  int line() const { return line_; }
  int column() const { return column_; }
  const std::string& expected() const { return expected_; }
  const std::string& hint() const { return hint_; }

 private:
  Error(ErrorKind kind, std::string id, std::string message);
  void format();

  ErrorKind kind_;
  std::string id_;
  std::string message_;
  std::string file_;
  int line_ = 0;
  int column_ = 0;
  std::string expected_;
  std::string hint_;
  std::string text_;  // "file:line:column: message [id]; expected …; hint"
};

}  // namespace togglewise
