#include "sim/config/yaml_document_count.h"

#include <sstream>

#include <yaml-cpp/eventhandler.h>

namespace togglewise::config {
namespace {

class DocumentCounter : public YAML::EventHandler {
 public:
  YamlDocumentCount count;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++count.documents == 2) count.second = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

YamlDocumentCount count_yaml_documents(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentCounter counter;
  while (counter.count.documents < 2 && parser.HandleNextDocument(counter)) {
  }
  return counter.count;
}

}  // namespace togglewise::config
