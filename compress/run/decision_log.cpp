#include "compress/run/decision_log.h"

#include "sim/base/files.h"

namespace togglewise::compress {

void DecisionLog::add(const std::string& what, nlohmann::json details) {
  nlohmann::ordered_json line = {{"decision", what}};
  for (auto& [key, value] : details.items()) line[key] = value;
  text_ += line.dump() + "\n";
  write_file_atomically(file_, text_);
}

}  // namespace togglewise::compress
