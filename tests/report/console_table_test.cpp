#include "sim/report/console_table.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/number_format.h"

namespace togglewise::report {
namespace {

using Align = ConsoleTable::Align;

TEST(DisplayWidth, CountsColumns_NotBytes) {
  EXPECT_EQ(display_width("conv1"), 5U);
  EXPECT_EQ(display_width("K×N×M"), 5U);
  EXPECT_EQ(display_width("e\u0301"), 1U);  // e and a combining accent
  EXPECT_EQ(display_width("層1"), 3U);
  EXPECT_EQ(display_width("\xFF\xC3"), 2U);  // not UTF-8
}

TEST(ConsoleTable, AlignsNumbersRight_WhenCellsHoldUtf8) {
  ConsoleTable table({{"Layer", "", Align::left}, {"Energy", "µJ"}});
  table.add_row({"conv·1", "1.25"});
  table.add_row({"fc", "−10.50"});
  EXPECT_EQ(table.text(),
            "Layer   Energy\n"
            "            µJ\n"
            "──────────────\n"
            "conv·1    1.25\n"
            "fc      −10.50\n");
}

TEST(ConsoleTable, HasOneHeaderLine_WhenNoColumnHasAUnit) {
  ConsoleTable table({{"a", ""}, {"b", ""}});
  table.add_row({"1", "2"});
  EXPECT_EQ(table.text(), "a  b\n────\n1  2\n");
}

TEST(ConsoleTable, DoesNotLetACellBreakItsLine) {
  ConsoleTable table({{"a", "", Align::left}});
  table.add_row({"x\ny\x1b[31m"});
  EXPECT_THAT(table.text(), testing::HasSubstr("x?y?[31m\n"));
}

TEST(ConsoleTable, RefusesARow_WhenACellIsMissing) {
  ConsoleTable table({{"a", ""}, {"b", ""}});
  EXPECT_THROW(table.add_row({"1"}), std::invalid_argument);
}

TEST(NumberFormat, GroupsThousandsAndWritesARealMinus) {
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_fixed(-1234567.891, 2), "−1,234,567.89");
  EXPECT_EQ(format_fixed(-0.001, 1), "0.0");
  EXPECT_EQ(format_digits(0.012345, 3), "0.0123");
  EXPECT_EQ(format_digits(123456, 3), "123,456");
}

TEST(NumberFormat, SignsChangesAndMarksWhatIsNotKnown) {
  EXPECT_EQ(format_change(relative_change(200, 100)), "−50.0 %");
  EXPECT_EQ(format_change(relative_change(100, 125)), "+25.0 %");
  EXPECT_EQ(format_change(0.0), "0.0 %");
  EXPECT_EQ(format_change(relative_change(0, 1)), "–");
}

}  // namespace
}  // namespace togglewise::report
