#include "sim/tech/rtl_includes.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "sim/base/error.h"
#include "sim/base/files.h"

namespace togglewise::tech {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDirective = "`include";

// The text with comments and the contents of strings blanked, line breaks kept; names after
// `include stay.
std::string without_comments(const std::string& text) {
  std::string result = text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = i;
    if (text.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), text.size());
    } else if (text.compare(i, 2, "/*") == 0) {
      const std::size_t close = text.find("*/", i + 2);
      end = close == std::string::npos ? text.size() : close + 2;
    } else if (text[i] == '"') {
      // A string: nothing in it is a comment or a directive. Its own quotes stay.
      std::size_t close = i + 1;
      while (close < text.size() && text[close] != '"' && text[close] != '\n') {
        close += text[close] == '\\' ? 2 : 1;
      }
      i = std::min(close, text.size());
      continue;
    } else {
      continue;
    }
    for (std::size_t k = i; k < end; ++k) {
      if (result[k] != '\n') result[k] = ' ';
    }
    i = end - 1;
  }
  return result;
}

void collect(const fs::path& file, std::vector<fs::path>& found) {
  const std::string text = without_comments(read_file(file));
  for (std::size_t at = text.find(kDirective); at != std::string::npos;
       at = text.find(kDirective, at + 1)) {
    std::size_t open = text.find_first_not_of(" \t", at + kDirective.size());
    if (open == std::string::npos || text[open] != '"') {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
      throw Error::input("TW-SYN-006", "an `include without a literal file name")
          .at(file.string(), static_cast<int>(line))
          .expected("`include \"file\"")
          .hint("or name the file among the RTL files");
    }
    const std::size_t close = text.find('"', open + 1);
    const fs::path name = text.substr(open + 1, close == std::string::npos ? 0 : close - open - 1);
    const fs::path path = name.is_absolute() ? name : fs::absolute(file).parent_path() / name;
    if (!fs::is_regular_file(path)) continue;
    const bool known = std::any_of(found.begin(), found.end(), [&](const fs::path& other) {
      return fs::equivalent(other, path);
    });
    if (known) continue;
    found.push_back(path);
    collect(path, found);
  }
}

}  // namespace

std::vector<fs::path> included_files(const std::vector<fs::path>& rtl_files) {
  std::vector<fs::path> found;
  for (const fs::path& file : rtl_files) collect(file, found);
  return found;
}

}  // namespace togglewise::tech
