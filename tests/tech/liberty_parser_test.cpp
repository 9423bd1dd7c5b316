#include "sim/tech/liberty_parser.h"

#include <fmt/format.h>

#include "sim/base/files.h"
#include "sim/base/random.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string joined(const std::vector<LibertyValue>& values) {
  std::vector<std::string> texts;
  for (const LibertyValue& value : values) texts.push_back(value.text());
  return fmt::format("{}", fmt::join(texts, "|"));
}

// "name=value" and "name(argument){…}", each with its line and column before it.
std::string written(const LibertyAttribute& attribute) {
  return fmt::format("{}:{} {}={}", attribute.position.line, attribute.position.column,
                     attribute.name, joined(attribute.values));
}
std::string written(const LibertyGroup& group) {
  std::string text = fmt::format("{}:{} {}({}){{", group.position.line, group.position.column,
                                 group.name, joined(group.arguments));
  for (const LibertyAttribute& attribute : group.attributes) text += " " + written(attribute);
  for (const LibertyGroup& child : group.groups) text += " " + written(child);
  return text + "}";
}

// The library's statements in the order of the file.
std::vector<std::string> statements(const std::string& text) {
  std::vector<std::string> result;
  LibertyHandler handler;
  handler.library = [&](const LibertyGroup& group) { result.push_back(written(group)); };
  handler.attribute = [&](const LibertyAttribute& a) { result.push_back(written(a)); };
  handler.group = [&](const LibertyGroup& group) { result.push_back(written(group)); };
  LibertySource source(text, "x.lib");
  parse_liberty(source, handler);
  return result;
}
void parse(const std::string& text) { statements(text); }

TEST(LibertyParser, GroupsAndAttributes_AreHandedOn_WithTheirPlace) {
  EXPECT_THAT(
      statements("/* comment */ library (demo) {\n"
                 "  area_unit : \"1um\" // no semicolon\n"
                 "  capacitive_load_unit (1, pf)\n"
                 "  cell (A1) { area : 3.5; pin (X, Y) { direction : input } };\n"
                 "  values ( \\\n"
                 "    \"1, 2\", \\\n"
                 "    \"3, 4\" );\n"
                 "  factor : VDD + 0.5;\n"
                 "}\n"),
      ElementsAre("1:15 library(demo){}", "2:3 area_unit=1um", "3:3 capacitive_load_unit=1|pf",
                  "4:3 cell(A1){ 4:15 area=3.5 4:27 pin(X|Y){ 4:40 direction=input}}",
                  "5:3 values=1, 2|3, 4", "8:3 factor=VDD + 0.5"));
}

TEST(LibertyParser, CommentsAndContinuations_MayStandAnywhere) {
  EXPECT_THAT(statements("library /* a */ \\\n (demo) // b\n { // c \" { }\n"
                         "a /* d */ : /* e */ 1 /* f */ ; b : \\\n 2; c\\\n(1, /* g */ 2) ;\n"
                         "d : \"x \\  \n y\"; e:\n 7; f:8; range (A[3:0], 3:0); /* } */ }"),
              ElementsAre("1:1 library(demo){}", "4:1 a=1", "4:33 b=2", "5:5 c=1|2",
                          "7:1 d=x      y", "8:6 e=7", "9:5 f=8", "9:10 range=A[3:0]|3:0"));
}

TEST(LibertyParser, OnlyWantedGroups_AreKept_AndTheOthersMayHoldAnything) {
  std::vector<std::string> seen;
  std::vector<std::string> asked;
  LibertyHandler handler;
  handler.wanted = [&](const LibertyGroup& parent, const LibertyGroup& header) {
    asked.push_back(fmt::format("{}/{}", parent.name, header.name));
    return header.name != "noise";
  };
  handler.group = [&](const LibertyGroup& group) { seen.push_back(written(group)); };
  const std::string text =
      "library (x) { noise (1) { what ever } \"}\" /* } */ { [ ] { } }\n // }\n }\n"
      "  cell (a) { noise () { } area : 1; } }";
  LibertySource source(text, "x.lib");
  EXPECT_EQ(error_of([&] { parse_liberty(source, handler); }).line(), 1) << "a '\"' too early";
  const std::string good =
      "library (x) { noise (1) { what ever \"}\" /* } */ { [ ] { } }\n // }\n }\n"
      "  cell (a) { noise () { } area : 1; } }";
  seen.clear();
  asked.clear();
  LibertySource good_source(good, "x.lib");
  parse_liberty(good_source, handler);
  EXPECT_THAT(seen, ElementsAre("4:3 cell(a){ 4:27 area=1}"));
  EXPECT_THAT(asked, ElementsAre("library/noise", "library/cell", "cell/noise"));
}

TEST(LibertyParser, TextThatCrossesTheReadBuffer_IsTheSame) {
  // The window is 256 KiB: a string longer than that, and statements around its end.
  const std::string digits(300000, '7');
  const std::vector<std::string> large =
      statements("library (x) { comment : \"" + digits + "\"; after : 1; }");
  ASSERT_EQ(large.size(), 3U);
  EXPECT_EQ(large[1], "1:15 comment=" + digits);
  for (std::size_t blanks = 262100; blanks < 262150; ++blanks) {
    const std::vector<std::string> result =
        statements("library (x) {" + std::string(blanks, ' ') + "cell (abc) { b : \"c\"; } }");
    ASSERT_EQ(result.size(), 2U) << blanks;
    EXPECT_EQ(result[1], fmt::format("1:{} cell(abc){{ 1:{} b=c}}", blanks + 14, blanks + 27));
  }
}

TEST(LibertyParser, AnEndlessString_IsReported) {
  const std::string text =
      "library (x) { comment : \"" + std::string(LibertyText::kMaxTokenBytes + 1, 'x') + "\"; }";
  const Error error = error_of([&] { parse(text); });
  EXPECT_EQ(error.id(), "TW-LIB-002");
  EXPECT_THAT(error.message(), HasSubstr("16 MiB"));
}

TEST(LibertyParser, CutOffFile_IsReported_WithTheGroupThatIsOpen) {
  LibertySource source(data_file("cut_off.lib"));
  const Error error = error_of([&] { parse_liberty(source, {}); });
  EXPECT_EQ(error.id(), "TW-LIB-001");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.file(), HasSubstr("cut_off.lib"));
  EXPECT_EQ(error.line(), 7);
  EXPECT_EQ(error.column(), 1);
  EXPECT_THAT(error.message(), HasSubstr("pin (A), which begins at line 5"));
  EXPECT_EQ(error.expected(), "'}'");
}

TEST(LibertyParser, CutOffInsideStringsCommentsAndParentheses_IsReported) {
  for (const char* text :
       {"", "library (a) { x : \"1", "library (a) { /* ", "library (a", "library", "library (a)",
        "library (a) { x :", "library (a) { x", "library (a) { v (\"1\",", "library (a) { \\"}) {
    EXPECT_EQ(error_of([&] { parse(text); }).id(), "TW-LIB-001") << text;
  }
}

TEST(LibertyParser, TextThatIsNotLiberty_IsReported_AtItsPlace) {
  LibertySource source(data_file("not_liberty.lib"));
  const Error error = error_of([&] { parse_liberty(source, {}); });
  EXPECT_EQ(error.id(), "TW-LIB-002");
  EXPECT_EQ(error.line(), 3);
  EXPECT_EQ(error.column(), 8);
  EXPECT_THAT(error.message(), HasSubstr("'['"));
  for (const char* text : {"cell (a) { }", "library (a) { } }", "library : a", "library (a) ;", "{",
                           "library (a) { \x01 : 1; }", "library (a) { b (1 ; 2) }"}) {
    EXPECT_EQ(error_of([&] { parse(text); }).id(), "TW-LIB-002") << text;
  }
}

TEST(LibertyParser, AnIncludedFile_IsRefused_ByName) {
  const Error error =
      error_of([] { parse("library (a) {\n  include_file (\"cells/nand.lib\");\n}"); });
  EXPECT_EQ(error.id(), "TW-LIB-006");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_EQ(error.line(), 2);
  EXPECT_EQ(error.column(), 3);
  EXPECT_THAT(error.message(), HasSubstr("cells/nand.lib"));
  EXPECT_FALSE(error.hint().empty());
}

TEST(LibertyParser, DeepNesting_IsRefused_WithoutEndingTheStack) {
  std::string text = "library (a) {";
  for (int i = 0; i < 100000; ++i) text += " g () {";
  const Error error = error_of([&] { parse(text); });
  EXPECT_EQ(error.id(), "TW-LIB-008");
  EXPECT_EQ(error.line(), 1);
  EXPECT_GT(error.column(), 200);
}

TEST(LibertyParser, EveryTruncationOfARealLibrary_IsRefused) {
  const std::string text = read_file(osu018_file());
  const std::size_t end = text.rfind('}');
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const std::string part = text.substr(0, random.below(end));
    const std::string id = error_of([&] { parse(part); }).id();
    EXPECT_TRUE(id == "TW-LIB-001" || id == "TW-LIB-002") << part.size() << ": " << id;
  }
}

}  // namespace
}  // namespace togglewise::tech
