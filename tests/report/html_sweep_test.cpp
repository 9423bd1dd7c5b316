#include "sim/report/html_sweep.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "sim/report/html_sweep_charts.h"

namespace togglewise::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

SweepPage page_of(const std::string& fidelity, int points) {
  SweepPage page;
  page.name = "test";
  page.hardware = {{"name", "base"}, {"liberty", "/lib/cells.lib"}};
  page.fields = {"array.rows", "array.columns"};
  page.groups = {{"net", fidelity, fidelity == "cycles" ? "" : "test images", false, {"a", "b"}}};
  for (int i = 0; i < points; ++i) {
    SweepPagePoint point;
    point.rows = 8 << (i % 4);
    point.columns = 8 << (i / 4);
    point.short_label = point.label =
        std::to_string(point.rows) + "×" + std::to_string(point.columns);
    point.clock_period_ps = 8000;
    point.total.cycles_per_image = 1e6 / (1 + i);
    point.total.utilization = 0.5 / (1 + i);
    if (fidelity != "cycles") {
      point.total.energy = SweepEnergy{1.0 + i, 2.0 + i, 3.0 + i, 0.0};
    }
    point.layers = {point.total, point.total};
    page.points.push_back(point);
  }
  mark_pareto_fronts(page);
  return page;
}

TEST(ParetoFront, HoldsWhatNothingElseBeatsInBoth) {
  EXPECT_THAT(pareto_front({1, 2, 3, 2, 4}, {9, 5, 4, 6, 4}), ElementsAre(0, 1, 2));
  EXPECT_THAT(pareto_front({2, 1, 2}, {3, 7, 3}), ElementsAre(1, 0, 2));
  EXPECT_THAT(pareto_front({}, {}), ElementsAre());
}

TEST(ParetoFront, IsTheDefinition_OnRandomPoints) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> x;
    std::vector<double> y;
    for (int i = random.between(1, 30); i > 0; --i) {
      x.push_back(random.between(0, 9));
      y.push_back(random.between(0, 9));
    }
    const std::vector<std::size_t> front = pareto_front(x, y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      bool beaten = false;
      for (std::size_t j = 0; j < x.size(); ++j) {
        beaten |= x[j] <= x[i] && y[j] <= y[i] && (x[j] < x[i] || y[j] < y[i]);
      }
      EXPECT_EQ(std::count(front.begin(), front.end(), i), beaten ? 0 : 1);
    }
  }
}

TEST(HtmlSweep, ShowsFrontMapsAndTable_WithEnergies) {
  const std::string html = sweep_html(page_of("gate", 16));
  for (const char* text : {"Energy against time", "Rows and columns", "Layers on each array",
                           "All points", "Least energy × time", "data-chart=\"sweep-front.0\"",
                           "data-chart=\"sweep-map.1\"", "Operands: test images, fidelity gate."}) {
    EXPECT_THAT(html, HasSubstr(text)) << text;
  }
  EXPECT_THAT(html, Not(HasSubstr("Synthetic operands")));
}

TEST(HtmlSweep, SpeaksOfNoEnergies_AtFidelityCycles) {
  const std::string html = sweep_html(page_of("cycles", 16));
  const std::string page = html.substr(0, html.find("<script>"));
  EXPECT_THAT(page, HasSubstr("Time against size"));
  EXPECT_THAT(page, Not(HasSubstr("nJ")));
}

TEST(HtmlSweep, MarksSyntheticOperands) {
  SweepPage page = page_of("gate", 4);
  page.groups[0].synthetic = true;
  EXPECT_THAT(sweep_html(page), HasSubstr("not of a network"));
}

TEST(HtmlSweep, KeepsTheFront_WhenThereAreTooManyPointsToShow) {
  SweepPage page = page_of("gate", 16);
  for (int i = 0; i < 3000; ++i)
    page.points.push_back(page.points[static_cast<std::size_t>(i % 16)]);
  for (SweepPagePoint& point : page.points) point.on_front = false;
  page.points[1234].on_front = true;
  page.points[1234].label = "the-front";
  const std::string html = sweep_html(page);
  EXPECT_THAT(html, HasSubstr("500 of 3016 points"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\" class=\"text\">the-front</th>"));
}

TEST(HtmlSweep, SaysWhyPointsAreNotPossible_AndLeavesThemOutOfCharts) {
  SweepPage page = page_of("gate", 4);
  page.points[0].not_possible = "the tile <does not> fit";
  mark_pareto_fronts(page);
  EXPECT_EQ(possible_points(page, 0).size(), 3U);
  EXPECT_THAT(sweep_html(page), HasSubstr("the tile &lt;does not&gt; fit"));
  EXPECT_EQ(front_chart(page, 0).at("labels").size(), 3U);
}

TEST(HtmlSweep, ComparesTime_WhenClocksDiffer) {
  SweepPage page = page_of("gate", 4);
  EXPECT_EQ(front_chart(page, 0).at("x_axis"), "cycles per image");
  page.points[0].clock_period_ps = 4000;
  EXPECT_EQ(front_chart(page, 0).at("x_axis"), "time, µs/image");
  EXPECT_EQ(front_chart(page, 0).at("x").at(0), 1e6 * 4000 * 1e-6);
}

}  // namespace
}  // namespace togglewise::report
