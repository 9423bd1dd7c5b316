// Readers for the files under test, written from the formats' definitions and not from our writers.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace togglewise::activity {

struct SaifEntry {
  std::uint64_t t0 = 0, t1 = 0, tx = 0, tc = 0, ig = 0;
};
struct SaifFile {
  std::uint64_t duration = 0;
  std::string divider;
  std::string timescale;
  std::string direction;
  std::map<std::string, SaifEntry> nets;  // "instance/instance/net[3]", backslashes removed
};

class SaifReader {
 public:
  explicit SaifReader(const std::string& text) { tokenize(text); }

  SaifFile read() {
    expect("(");
    expect("SAIFILE");
    while (peek() == "(") read_item("");
    expect(")");
    if (at_ != tokens_.size()) throw std::runtime_error("text behind the end");
    return std::move(file_);
  }

 private:
  void tokenize(const std::string& text) {
    std::string token;
    const auto flush = [&] {
      if (!token.empty()) tokens_.push_back(token);
      token.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\\') {
        token += text.at(++i);
      } else if (c == '(' || c == ')') {
        flush();
        tokens_.push_back(std::string(1, c));
      } else if (c == '"') {
        while (text.at(++i) != '"') token += text[i];
        tokens_.push_back(token);
        token.clear();
      } else if (c == '[' || c == ']') {
        throw std::runtime_error("a bracket that is not escaped");
      } else if (c == ' ' || c == '\n') {
        flush();
      } else {
        token += c;
      }
    }
  }
  const std::string& peek() const { return tokens_.at(at_); }
  const std::string& next() { return tokens_.at(at_++); }
  void expect(const std::string& token) {
    if (next() != token) throw std::runtime_error("expected " + token);
  }
  std::string rest() {
    std::string all;
    while (peek() != ")") all += (all.empty() ? "" : " ") + next();
    return all;
  }

  void read_item(const std::string& path) {
    expect("(");
    const std::string keyword = next();
    if (keyword == "INSTANCE") {
      const std::string inner = path + next() + "/";
      while (peek() == "(") read_item(inner);
    } else if (keyword == "NET") {
      while (peek() == "(") read_net(path);
    } else if (keyword == "DURATION") {
      file_.duration = std::stoull(next());
    } else if (keyword == "DIVIDER") {
      file_.divider = rest();
    } else if (keyword == "TIMESCALE") {
      file_.timescale = rest();
    } else if (keyword == "DIRECTION") {
      file_.direction = rest();
    } else {
      rest();
    }
    expect(")");
  }
  void read_net(const std::string& path) {
    expect("(");
    const std::string name = path + next();
    SaifEntry entry;
    while (peek() == "(") {
      next();
      const std::string key = next();
      const std::uint64_t value = std::stoull(next());
      if (key == "T0") entry.t0 = value;
      if (key == "T1") entry.t1 = value;
      if (key == "TX") entry.tx = value;
      if (key == "TC") entry.tc = value;
      if (key == "IG") entry.ig = value;
      expect(")");
    }
    expect(")");
    if (!file_.nets.emplace(name, entry).second) throw std::runtime_error("twice: " + name);
  }

  std::vector<std::string> tokens_;
  std::size_t at_ = 0;
  SaifFile file_;
};

struct VcdFile {
  std::uint64_t end = 0;
  // By "scope/scope/net[3]", without the backslash of escaped names.
  std::map<std::string, std::uint64_t> toggles;
  std::map<std::string, std::uint64_t> time_one;
};

// Counts changes between known values after the first value of each bit.
inline VcdFile read_vcd(const std::string& text) {
  struct Variable {
    std::string value;  // most significant bit first
    std::vector<std::uint64_t> toggles;
    std::vector<std::uint64_t> ones;
    std::vector<std::uint64_t> since;
  };
  std::map<std::string, Variable> variables;
  std::vector<std::string> scopes;
  std::istringstream in(text);
  std::string token;
  std::map<std::string, std::pair<std::string, std::size_t>> place;  // bit name → code, index
  const auto skip = [&] {
    while (in >> token && token != "$end") {
    }
  };
  std::uint64_t time = 0;
  const auto assign = [&](const std::string& value, const std::string& code) {
    Variable& variable = variables.at(code);
    const std::size_t width = variable.toggles.size();
    std::string full = value;
    if (full.size() < width) full.insert(0, width - full.size(), full[0] == 'x' ? 'x' : '0');
    for (std::size_t i = 0; i < width; ++i) {
      if (!variable.value.empty()) {
        if (variable.value[i] == '1') variable.ones[i] += time - variable.since[i];
        const bool known = variable.value[i] != 'x' && full[i] != 'x';
        if (known && variable.value[i] != full[i]) ++variable.toggles[i];
      }
      variable.since[i] = time;
    }
    variable.value = full;
  };
  while (in >> token) {
    if (token == "$scope") {
      std::string name;
      in >> token >> name;
      scopes.push_back(name[0] == '\\' ? name.substr(1) : name);
      skip();
    } else if (token == "$upscope") {
      scopes.pop_back();
      skip();
    } else if (token == "$var") {
      std::string type, code, name, range;
      std::size_t width = 0;
      in >> type >> width >> code >> name >> range;
      if (range != "$end") skip();
      std::string path;
      for (const std::string& scope : scopes) path += scope + "/";
      path += name[0] == '\\' ? name.substr(1) : name;
      Variable& variable = variables[code];
      variable.toggles.resize(width);
      variable.ones.resize(width);
      variable.since.resize(width);
      for (std::size_t i = 0; i < width; ++i) {
        const bool bus = range != "$end";
        place[bus ? path + "[" + std::to_string(width - 1 - i) + "]" : path] = {code, i};
      }
    } else if (token == "$dumpvars" || token == "$end") {
      continue;
    } else if (token[0] == '$') {
      skip();
    } else if (token[0] == '#') {
      time = std::stoull(token.substr(1));
    } else if (token[0] == 'b') {
      std::string code;
      in >> code;
      assign(token.substr(1), code);
    } else {
      assign(token.substr(0, 1), token.substr(1));
    }
  }
  VcdFile file;
  file.end = time;
  for (const auto& [name, at] : place) {
    Variable& variable = variables.at(at.first);
    file.toggles[name] = variable.toggles[at.second];
    const bool high = variable.value.at(at.second) == '1';
    file.time_one[name] = variable.ones[at.second] + (high ? time - variable.since[at.second] : 0);
  }
  return file;
}

}  // namespace togglewise::activity
