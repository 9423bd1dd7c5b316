// ERT.yaml and action_counts.yaml, version 0.4: writing and reading.
#pragma once

#include <string>
#include <vector>

#include "sim/accelergy/reference_table.h"

namespace togglewise::accelergy {

constexpr const char* kFormatVersion = "0.4";

// `comment` is put in front, a line for each element. Numbers have all the digits of a double.
std::string ert_yaml(const ReferenceTable& table, const std::vector<std::string>& comment);
std::string action_counts_yaml(const ActionCounts& counts, const std::vector<std::string>& comment);

// Throw TW-ERT-004 with `file` and the line where the text is not what Accelergy's reader takes:
// every rule that it has is in README.md.
ReferenceTable parse_ert(const std::string& text, const std::string& file);
ActionCounts parse_action_counts(const std::string& text, const std::string& file);

// A line of comment for each element; what could end it or be taken for a template is replaced.
std::string yaml_comment(const std::vector<std::string>& lines);
// Text in double quotes for YAML. Braces are escaped: Accelergy expands templates before it parses.
std::string yaml_quoted(const std::string& text);
// The shortest decimal number that reads back as the same double, with a point and, where there is
// an exponent, its sign: without them some YAML readers take it for text.
std::string yaml_number(double value);

}  // namespace togglewise::accelergy
