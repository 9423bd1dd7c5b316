// The report in headless Chromium: every chart is drawn, nothing is complained about.
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "sim/report/html_report.h"
#include "sim/report/html_sweep.h"

namespace togglewise::report {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// The page after its scripts ran, and what Chromium logged, as one text.
std::string open_in_chromium(const fs::path& page, const std::vector<std::string>& more) {
  const TemporaryDirectory profile;
  std::vector<std::string> arguments = {"chromium",
                                        "--headless",
                                        "--no-sandbox",
                                        "--disable-gpu",
                                        "--disable-quic",
                                        "--no-first-run",
                                        "--disable-background-networking",
                                        "--disable-component-update",
                                        "--disable-sync",
                                        "--disable-dev-shm-usage",
                                        "--user-data-dir=" + profile.path().string(),
                                        "--enable-logging=stderr",
                                        "--virtual-time-budget=10000"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.insert(arguments.end(), {"--dump-dom", "file://" + page.string()});
  return run_command(arguments, profile.path()).output;
}

void expect_all_charts(const std::string& log, int charts) {
  const std::string count = std::to_string(charts);
  EXPECT_THAT(log, HasSubstr("data-charts=\"" + count + " of " + count + "\""));
  EXPECT_THAT(log, Not(HasSubstr("CONSOLE")));
  EXPECT_THAT(log, Not(HasSubstr("Uncaught")));
}

class Browser : public testing::Test {
 protected:
  void SetUp() override {
    if (find_program("chromium").empty()) {
      GTEST_SKIP() << "chromium is not installed (Debian: apt-get install chromium)";
    }
    fs::copy(REPORT_TEST_DATA, directory_.path() / "results", fs::copy_options::recursive);
  }

  fs::path results() const { return directory_.path() / "results"; }

 private:
  TemporaryDirectory directory_;
};

TEST_F(Browser, DrawsEveryChart_InLightAndDark) {
  const HtmlReport report = write_html_report(results());
  for (const char* scheme : {"preferredColorScheme=1", "preferredColorScheme=0"}) {
    expect_all_charts(open_in_chromium(report.file, {std::string("--blink-settings=") + scheme}),
                      10);
  }
}

TEST_F(Browser, DrawsEveryChart_OnANarrowScreen) {
  const HtmlReport report = write_html_report(results());
  expect_all_charts(open_in_chromium(report.file, {"--window-size=400,800"}), 10);
}

TEST_F(Browser, DrawsWhatThereIs_WhenOnlySimulateRan) {
  for (const char* folder : {"train", "calibrate", "compress", "map", "validate"}) {
    fs::remove_all(results() / folder);
  }
  expect_all_charts(open_in_chromium(write_html_report(results()).file, {}), 4);
}

TEST_F(Browser, StaysQuiet_WhenResultsLackKeys) {
  fs::remove_all(results());
  fs::create_directory(results());
  for (const char* command :
       {"train", "calibrate", "map", "simulate", "compress", "validate", "delays"}) {
    write_result(results() / (std::string(command) + ".json"),
                 {{"tool", "togglewise"}, {"command", command}});
  }
  const std::string log = open_in_chromium(write_html_report(results()).file, {});
  EXPECT_THAT(log, HasSubstr("data-charts="));
  EXPECT_THAT(log, Not(HasSubstr("CONSOLE")));
}

TEST_F(Browser, StaysQuiet_WhenEveryButtonIsPressed) {
  std::string html = read_file(write_html_report(results()).file);
  const std::string press =
      "<script>document.querySelectorAll('.controls button').forEach((button) => button.click());"
      "document.documentElement.dataset.pressed = document.querySelectorAll("
      "'.controls button[aria-pressed=true]').length;</script>";
  html.insert(html.rfind("</body>"), press);
  std::ofstream(results() / "pressed.html") << html;
  const std::string log = open_in_chromium(results() / "pressed.html", {});
  expect_all_charts(log, 10);
  // One unit, one scope, and one scope for each chart of mappings.
  EXPECT_THAT(log, HasSubstr("data-pressed=\"4\""));
}

TEST_F(Browser, DrawsEveryChartOfASweep_AlsoWhenEveryButtonIsPressed) {
  for (const char* fidelity : {"gate", "cycles"}) {
    SweepPage page;
    page.fields = {"array.rows", "array.columns"};
    page.groups = {{"net", fidelity, "", false, {"first", "last"}}};
    for (const int rows : {8, 64}) {
      for (const int columns : {8, 64}) {
        SweepPagePoint point;
        point.label = std::to_string(rows) + "×" + std::to_string(columns);
        point.rows = rows;
        point.columns = columns;
        point.clock_period_ps = 8000;
        point.total.cycles_per_image = 1e5 / (rows + columns);
        point.total.utilization = 1.0 / rows;
        if (page.groups[0].fidelity == "gate") {
          point.total.energy = SweepEnergy{1.0 * rows, 2.0 * rows, 3.0 * rows, 0.0};
        }
        point.layers = {point.total, point.total};
        page.points.push_back(point);
      }
    }
    mark_pareto_fronts(page);
    std::string html = sweep_html(page);
    html.insert(html.rfind("</body>"),
                "<script>document.querySelectorAll('.controls button').forEach((button) => "
                "button.click());</script>");
    std::ofstream(results() / "sweep.html") << html;
    expect_all_charts(open_in_chromium(results() / "sweep.html", {}), 3);
  }
}

// That the tests above can fail: Chromium reports what a page's script throws.
TEST_F(Browser, IsHeard_WhenAScriptFails) {
  const fs::path page = results() / "broken.html";
  std::ofstream(page) << "<!DOCTYPE html><script>undefinedFunction();</script>";
  EXPECT_THAT(open_in_chromium(page, {}), HasSubstr("CONSOLE"));
}

}  // namespace
}  // namespace togglewise::report
