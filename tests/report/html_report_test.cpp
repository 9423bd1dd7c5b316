#include "sim/report/html_report.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/report/html_document.h"
#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A copy of the example results (or of some of them), and the page made from it.
class ReportOf {
 public:
  explicit ReportOf(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      const fs::path to = directory_.path() / file;
      fs::create_directories(to.parent_path());
      fs::copy(fs::path(REPORT_TEST_DATA) / file, to, fs::copy_options::recursive);
    }
    report = write_html_report(directory_.path());
    html = read_file(report.file);
  }

  HtmlReport report;
  std::string html;

 private:
  TemporaryDirectory directory_;
};

const std::vector<std::string> all = {"train",    "calibrate", "map",    "simulate",
                                      "compress", "validate",  "gating", "delays"};

bool has_section(const std::string& html, const std::string& id) {
  return html.find("<section id=\"" + id + "\">") != std::string::npos;
}

TEST(HtmlReport, HasEverySection_WhenEveryCommandRan) {
  const ReportOf page(all);
  for (const char* id : {"energy", "accuracy", "weights", "weight-energy", "agreement", "mapping",
                         "gating", "delays", "cycles", "rtl", "training", "provenance"}) {
    EXPECT_TRUE(has_section(page.html, id)) << id;
  }
  EXPECT_FALSE(has_section(page.html, "absent"));
  EXPECT_THAT(page.report.absent, IsEmpty());
  EXPECT_EQ(page.report.results.size(), 10U);
}

TEST(HtmlReport, SaysWhichCommandMakesWhatIsMissing) {
  const ReportOf page({"train"});
  EXPECT_TRUE(has_section(page.html, "absent"));
  EXPECT_FALSE(has_section(page.html, "energy"));
  EXPECT_EQ(page.report.absent.size(), 8U);
  EXPECT_TRUE(has_section(page.html, "training"));
  for (const char* command : {"simulate", "validate", "compress", "calibrate", "map"}) {
    EXPECT_THAT(page.html, HasSubstr("togglewise " + std::string(command))) << command;
  }
}

TEST(HtmlReport, ShowsWhatEachTrickOfAMappingSaves) {
  const ReportOf page({"map"});
  for (const char* text : {"partial sum offset", "column sign", "unused rows on top", "pixel table",
                           "data-chart=\"mappingTricks\"", "data-chart=\"mappingLayers\"",
                           "which the search has not seen", "Partial sums start at 43,690."}) {
    EXPECT_THAT(page.html, HasSubstr(text));
  }
}

TEST(HtmlReport, ShowsWhatEachSetOfGatingOptionsSaves) {
  const ReportOf page({"gating"});
  const Json study =
      Json::parse(read_file(fs::path(REPORT_TEST_DATA) / "gating/gating-study.json"));
  ASSERT_EQ(study.at("trials").size(), 9U);  // none, six options, all, the best set
  EXPECT_THAT(page.html, HasSubstr("gating-study.json: lenet5 on ws64x64_osu018"));
  for (const Json& trial : study.at("trials")) {
    EXPECT_THAT(page.html,
                HasSubstr(format_fixed(trial.at("total_fj_per_image").get<double>() / 1e6, 2)));
    EXPECT_THAT(page.html, HasSubstr(format_percent(trial.at("saved_total").get<double>())));
  }
}

TEST(HtmlReport, ShowsTheDelayOfEachWeightValue_AndTheVoltages) {
  const ReportOf page({"delays"});
  const Json delays = Json::parse(read_file(fs::path(REPORT_TEST_DATA) / "delays/delays.json"));
  EXPECT_TRUE(has_section(page.html, "delays"));
  EXPECT_THAT(page.html, HasSubstr("data-chart=\"delays.0\""));
  const Json& choices = delays.at("voltage").at("choices");
  ASSERT_EQ(choices.size(), 16U);  // all values and the limit's, two clocks, kinds and supplies
  for (const Json& choice : choices) {
    EXPECT_THAT(page.html, HasSubstr(format_fixed(choice.at("supply_v").get<double>(), 3)));
    EXPECT_THAT(page.html, HasSubstr(format_percent(choice.at("energy_factor").get<double>())));
  }
  // The chart's numbers stand in the page, to a tenth of a picosecond.
  const double worst_ps = delays.at("delays").at("weights").at(3).at("any").at("sta_ps");
  EXPECT_THAT(page.html, HasSubstr(Json(std::round(10 * worst_ps) / 10).dump()));
}

TEST(HtmlReport, ShowsOneNetwork_WhenOnlySimulateRan) {
  const ReportOf page({"simulate"});
  EXPECT_TRUE(has_section(page.html, "energy"));
  EXPECT_TRUE(has_section(page.html, "agreement"));
  EXPECT_TRUE(has_section(page.html, "cycles"));
  EXPECT_THAT(page.html, AllOf(HasSubstr("Energy per image"), Not(HasSubstr(">compressed <"))));
}

TEST(HtmlReport, PrefersManyImages_WhenValidateMeasuredOneNetworkOnly) {
  const TemporaryDirectory directory;
  Json validate = Json::parse(read_file(fs::path(REPORT_TEST_DATA) / "validate/validate.json"));
  validate["gate"].erase("before");
  validate["images"] = 8;
  write_result(directory.path() / "validate.json", validate);
  EXPECT_THAT(read_file(write_html_report(directory.path()).file),
              HasSubstr("Mean of 8 images at fidelity gate, zero-delay (validate.json)"));
  fs::copy(fs::path(REPORT_TEST_DATA) / "simulate", directory.path() / "simulate");
  EXPECT_THAT(
      read_file(write_html_report(directory.path()).file),
      HasSubstr("Mean of 200 images at fidelity gate, zero-delay (simulate/simulate-gate.json)"));
}

TEST(HtmlReport, ShowsTheNumbersOfTheResults) {
  const ReportOf page(all);
  const Json validate =
      Json::parse(read_file(fs::path(REPORT_TEST_DATA) / "validate/validate.json"));
  const double reduction = validate.at("gate").at("mac_dynamic_reduction");
  char expected[32];
  std::snprintf(expected, sizeof(expected), "−%.1f %%", 100 * reduction);
  EXPECT_THAT(page.html, HasSubstr("<div class=\"value\">" + std::string(expected) + "</div>"));
  EXPECT_THAT(page.html, HasSubstr("0 of 505,675,776"));
  EXPECT_THAT(page.html, HasSubstr("90.21 → 89.60 %"));
  EXPECT_THAT(page.html, HasSubstr("on 10,000 test images"));
  EXPECT_THAT(page.html, HasSubstr("−64, −32, −8, 0, 8, 16, 32, 64"));
  EXPECT_THAT(page.html, HasSubstr("ffeeddccbbaa99887766554433221100"));
  EXPECT_THAT(page.html, HasSubstr("layer-agnostic"));
}

TEST(HtmlReport, MarksWhatDoesNotAgree) {
  const TemporaryDirectory directory;
  Json validate = Json::parse(read_file(fs::path(REPORT_TEST_DATA) / "validate/validate.json"));
  validate["lockstep"]["mismatches"] = 3;
  validate["toggles"]["rtl"]["skew"] = 1;
  write_result(directory.path() / "validate.json", validate);
  const std::string html = read_file(write_html_report(directory.path()).file);
  EXPECT_THAT(html, HasSubstr("<div class=\"card bad\"><div class=\"label\">RTL mismatches"));
  EXPECT_THAT(html, HasSubstr("DIFFERENT"));
  EXPECT_THAT(html, HasSubstr("<tr class=\"bad\"><th scope=\"row\" class=\"text\">skew registers"));
}

// Every address that the page's own markup would load; ECharts only names XML namespaces.
TEST(HtmlReport, AsksForNothingFromOutside) {
  const ReportOf page(all);
  const std::string markup =
      std::regex_replace(page.html.substr(0, page.html.find("<script>")), std::regex("\\s+"), " ");
  const std::regex address("(src|href)=\"([^\"]*)\"");
  for (std::sregex_iterator match(markup.begin(), markup.end(), address), end; match != end;
       ++match) {
    const std::string target = (*match)[2];
    EXPECT_TRUE(target[0] == '#' || target.rfind("data:", 0) == 0) << target;
  }
  EXPECT_THAT(page.html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.html, HasSubstr("echarts"));
  EXPECT_THAT(page.html, Not(HasSubstr("<script src")));
}

TEST(HtmlReport, EscapesNames_WhenTheyHoldMarkup) {
  const TemporaryDirectory directory;
  Json simulate =
      Json::parse(read_file(fs::path(REPORT_TEST_DATA) / "simulate/simulate-gate.json"));
  const std::string evil = "</script><script>alert(1)</script>&\"'";
  simulate["layers"][0]["name"] = evil;
  simulate["model"]["name"] = evil;
  simulate["hardware"]["name"] = evil;
  write_result(directory.path() / "simulate.json", simulate);
  const std::string html = read_file(write_html_report(directory.path()).file);
  EXPECT_THAT(html, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(html, HasSubstr("&lt;/script&gt;&lt;script&gt;alert(1)"));
  EXPECT_THAT(html, HasSubstr("\\u003c/script\\u003e"));
}

TEST(HtmlReport, ToleratesResultsThatLackKeys) {
  const TemporaryDirectory directory;
  for (const char* command : {"train", "calibrate", "simulate", "compress", "validate"}) {
    write_result(directory.path() / (std::string(command) + ".json"),
                 {{"tool", "togglewise"}, {"command", command}, {"layers", "none"}});
  }
  const HtmlReport report = write_html_report(directory.path());
  EXPECT_EQ(report.results.size(), 5U);
  EXPECT_TRUE(has_section(read_file(report.file), "provenance"));
}

TEST(HtmlReport, Warns_WhenResultsAreAboutDifferentNetworks) {
  const ReportOf consistent(all);
  EXPECT_THAT(consistent.html, Not(HasSubstr("different networks")));
  const TemporaryDirectory directory;
  for (const char* file : {"validate/validate.json", "compress/compress.json"}) {
    Json json = Json::parse(read_file(fs::path(REPORT_TEST_DATA) / file));
    if (json.at("command") == "compress") json["model"]["hash"] = "another";
    write_result(directory.path() / fs::path(file).filename(), json);
  }
  const std::string html = read_file(write_html_report(directory.path()).file);
  EXPECT_THAT(html, HasSubstr("validate.json and compress.json are about different networks: the "
                              "compressed network is ffeeddccbbaa99887766554433221100 in one and "
                              "another in the other."));
}

TEST(HtmlReport, NamesFilesThatItLeavesAside) {
  const TemporaryDirectory directory;
  fs::copy(fs::path(REPORT_TEST_DATA) / "train/train.json", directory.path() / "train.json");
  std::ofstream(directory.path() / "other.json") << "{}";
  const HtmlReport report = write_html_report(directory.path());
  EXPECT_THAT(report.ignored, testing::ElementsAre("other.json"));
  EXPECT_THAT(read_file(report.file), HasSubstr("not a result of Togglewise: other.json"));
}

TEST(HtmlReport, IsTheSame_WhenWrittenAgain) {
  const ReportOf first(all);
  const ReportOf second(all);
  EXPECT_EQ(first.html, second.html);
}

TEST(HtmlTable, RefusesARow_WhenACellIsMissing) {
  HtmlTable table({{"a", ""}, {"b", ""}}, "caption");
  EXPECT_THROW(table.add_row({"1"}), std::invalid_argument);
}

}  // namespace
}  // namespace togglewise::report
