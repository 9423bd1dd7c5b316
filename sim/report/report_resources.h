// The page's own files and ECharts, embedded into the program (report_resources.S).
#pragma once

#include <string_view>

namespace togglewise::report {

std::string_view report_template();  // web/report.html.in
std::string_view report_style();     // web/report.css
std::string_view report_script();    // web/report.js
std::string_view sweep_script();     // web/sweep.js, to stand before report.js
std::string_view study_script();     // web/study.js, to stand before report.js
std::string_view mapping_script();   // web/mapping.js, to stand before report.js
std::string_view compare_script();   // web/compare.js, to stand before report.js
std::string_view echarts_library();  // echarts.min.js as npm delivers it

}  // namespace togglewise::report
