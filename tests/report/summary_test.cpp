#include "sim/report/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Summary, ShowsTheNumbersOfTheResultFiles) {
  const ResultFiles results = read_result_files(REPORT_TEST_DATA);
  const std::string text = summary_text(results);
  const Json& validate = results.first("validate")->json;
  const Json& compress = results.first("compress")->json;
  const double before = number_at(validate, "gate.before.total.mac_dynamic_fj_per_image");
  const double after = number_at(validate, "gate.after.total.mac_dynamic_fj_per_image");
  EXPECT_THAT(text, HasSubstr(format_change(relative_change(before, after))));
  EXPECT_THAT(text, HasSubstr(format_digits(before * 1e-9, 4)));
  EXPECT_THAT(text,
              HasSubstr(format_fixed(number_at(compress, "accuracy.test.after.top1_percent"), 2)));
  EXPECT_THAT(text, HasSubstr("comparisons"));
}

TEST(Summary, LeavesOutWhatWasNotRun) {
  ResultFiles results = read_result_files(REPORT_TEST_DATA);
  const ResultFile compress = *results.first("compress");
  results.files = {compress};
  EXPECT_THAT(summary_text(results), Not(HasSubstr("comparisons")));
  results.files.clear();
  EXPECT_EQ(summary_text(results), "");
}

}  // namespace
}  // namespace togglewise::report
