#include "sim/topology/csv_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace togglewise::topology {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(std::string_view line) {
  std::vector<std::string> texts;
  const auto cells = split_csv_line(line);
  EXPECT_TRUE(cells.has_value()) << line;
  if (cells) {
    for (const CsvCell& cell : *cells) texts.push_back(cell.text);
  }
  return texts;
}

TEST(CsvLine, LosesBlanksAndTheCommaAtItsEnd) {
  EXPECT_THAT(texts("  a ,\tb,  12  ,"), ElementsAre("a", "b", "12"));
  EXPECT_THAT(texts("a,b,12"), ElementsAre("a", "b", "12"));
  EXPECT_THAT(texts("a, ,b, , "), ElementsAre("a", "", "b"));
}

TEST(CsvLine, EndsAtAComment) {
  EXPECT_THAT(texts("a, 1,#dw"), ElementsAre("a", "1"));
  EXPECT_THAT(texts("a, 1 # text, more"), ElementsAre("a", "1"));
  EXPECT_THAT(texts("# only a comment"), ElementsAre());
  EXPECT_THAT(texts("   "), ElementsAre());
}

TEST(CsvLine, TakesWhatStandsInQuotes) {
  EXPECT_THAT(texts(R"("a, #1", 2)"), ElementsAre("a, #1", "2"));
  EXPECT_THAT(texts(R"("a ""b""" , 2)"), ElementsAre("a \"b\"", "2"));
}

TEST(CsvLine, IsRefused_WhenAQuoteIsNotClosedOrTextStandsBesideIt) {
  EXPECT_FALSE(split_csv_line("\"a, 1").has_value());
  EXPECT_FALSE(split_csv_line("\"a\" b, 1").has_value());
}

TEST(CsvLine, KnowsTheColumnOfEveryCell) {
  const auto cells = split_csv_line("ab,  12,3");
  ASSERT_TRUE(cells.has_value());
  EXPECT_EQ(cells->at(0).column, 1);
  EXPECT_EQ(cells->at(1).column, 6);
  EXPECT_EQ(cells->at(2).column, 9);
}

}  // namespace
}  // namespace togglewise::topology
