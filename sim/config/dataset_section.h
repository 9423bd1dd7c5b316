// The section `dataset` of a workload file: where its images are, and what must be told of them.
#pragma once

#include <string>
#include <vector>

#include "sim/config/workload_config.h"
#include "sim/config/yaml_reader.h"

namespace togglewise::config {

// Declares the keys, which are read into `dataset`; finish() checks them against each other and
// fills in what they leave to the format. `dataset` must outlive it.
class DatasetSection {
 public:
  explicit DatasetSection(WorkloadConfig::Dataset& dataset);

  // Throws TW-CFG-003, TW-CFG-005, TW-CFG-009.
  void finish(const YamlDocument& document);

  YamlSection section;

 private:
  void check_paths(const YamlDocument& document) const;
  void check_classes(const YamlDocument& document) const;
  void read_image_size(const YamlDocument& document);

  WorkloadConfig::Dataset& dataset_;
  std::vector<std::string> image_size_;
};

}  // namespace togglewise::config
