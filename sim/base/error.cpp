#include "sim/base/error.h"

#include <utility>

#include <fmt/format.h>

namespace togglewise {

Error::Error(ErrorKind kind, std::string id, std::string message)
    : kind_(kind), id_(std::move(id)), message_(std::move(message)) {
  format();
}

Error Error::input(std::string id, std::string message) {
  return Error(ErrorKind::input, std::move(id), std::move(message));
}

Error Error::run(std::string id, std::string message) {
  return Error(ErrorKind::run, std::move(id), std::move(message));
}

Error&& Error::at(std::string file, int line, int column) && {
  file_ = std::move(file);
  line_ = line;
  column_ = column;
  format();
  return std::move(*this);
}

Error&& Error::expected(std::string what) && {
  expected_ = std::move(what);
  format();
  return std::move(*this);
}

Error&& Error::hint(std::string text) && {
  hint_ = std::move(text);
  format();
  return std::move(*this);
}

void Error::format() {
  text_.clear();
  if (!file_.empty()) {
    text_ += file_;
    if (line_ > 0) text_ += fmt::format(":{}", line_);
    if (line_ > 0 && column_ > 0) text_ += fmt::format(":{}", column_);
    text_ += ": ";
  }
  text_ += message_;
  if (!expected_.empty()) text_ += "; expected " + expected_;
  if (!hint_.empty()) text_ += "; " + hint_;
  text_ += " [" + id_ + "]";
}

}  // namespace togglewise
