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
    empty_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { content(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { content(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    content(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    content(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    content(mark);
  }
  void OnMapEnd() override {}

 private:
  // A document begins, for people, where its first value stands.
  void content(const YAML::Mark& mark) {
    if (empty_ && count.documents == 2) count.second = mark;
    empty_ = false;
  }
  bool empty_ = true;
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
