#include "sim/report/report_resources.h"

#include <cstddef>

extern "C" {
extern const char togglewise_report_template[];
extern const char togglewise_report_template_end[];
extern const char togglewise_report_style[];
extern const char togglewise_report_style_end[];
extern const char togglewise_report_script[];
extern const char togglewise_report_script_end[];
extern const char togglewise_sweep_script[];
extern const char togglewise_sweep_script_end[];
extern const char togglewise_study_script[];
extern const char togglewise_study_script_end[];
extern const char togglewise_mapping_script[];
extern const char togglewise_mapping_script_end[];
extern const char togglewise_compare_script[];
extern const char togglewise_compare_script_end[];
extern const char togglewise_echarts_library[];
extern const char togglewise_echarts_library_end[];
}

namespace togglewise::report {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view report_template() {
  return between(togglewise_report_template, togglewise_report_template_end);
}
std::string_view report_style() {
  return between(togglewise_report_style, togglewise_report_style_end);
}
std::string_view report_script() {
  return between(togglewise_report_script, togglewise_report_script_end);
}
std::string_view sweep_script() {
  return between(togglewise_sweep_script, togglewise_sweep_script_end);
}
std::string_view study_script() {
  return between(togglewise_study_script, togglewise_study_script_end);
}
std::string_view mapping_script() {
  return between(togglewise_mapping_script, togglewise_mapping_script_end);
}
std::string_view compare_script() {
  return between(togglewise_compare_script, togglewise_compare_script_end);
}
std::string_view echarts_library() {
  return between(togglewise_echarts_library, togglewise_echarts_library_end);
}

}  // namespace togglewise::report
