#include "sim/tech/liberty_parser.h"

#include "sim/base/files.h"
#include "sim/base/random.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LibertyParser, GroupsAndAttributes_BecomeATree_WithLineNumbers) {
  const LibertyGroup library = parse_liberty(
      "/* comment */ library (demo) {\n"
      "  area_unit : \"1um\" // no semicolon\n"
      "  capacitive_load_unit (1, pf)\n"
      "  cell (A1) { area : 3.5; pin (X, Y) { direction : input } };\n"
      "  values ( \\\n"
      "    \"1, 2\", \\\n"
      "    \"3, 4\" );\n"
      "  factor : VDD + 0.5;\n"
      "}\n",
      "demo.lib");
  EXPECT_EQ(library.first_argument(), "demo");
  EXPECT_THAT(library.attribute("area_unit")->values, ElementsAre("1um"));
  EXPECT_THAT(library.attribute("capacitive_load_unit")->values, ElementsAre("1", "pf"));
  EXPECT_THAT(library.attribute("values")->values, ElementsAre("1, 2", "3, 4"));
  EXPECT_EQ(library.attribute("values")->line, 5);
  EXPECT_THAT(library.attribute("factor")->values, ElementsAre("VDD + 0.5"));
  EXPECT_EQ(library.attribute("factor")->line, 8);
  const LibertyGroup* cell = library.group("cell");
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->line, 4);
  EXPECT_THAT(cell->group("pin")->arguments, ElementsAre("X", "Y"));
  EXPECT_THAT(cell->group("pin")->attribute("direction")->values, ElementsAre("input"));
  EXPECT_EQ(library.attribute("missing"), nullptr);
  EXPECT_EQ(library.group("missing"), nullptr);
}

TEST(LibertyParser, CutOffFile_IsReported_WithTheGroupThatIsOpen) {
  const Error error = error_of([] { read_liberty(data_file("cut_off.lib")); });
  EXPECT_EQ(error.id(), "TW-LIB-001");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.file(), HasSubstr("cut_off.lib"));
  EXPECT_EQ(error.line(), 7);
  EXPECT_THAT(error.message(), HasSubstr("pin (A), which begins at line 5"));
  EXPECT_EQ(error.expected(), "'}'");
}

TEST(LibertyParser, CutOffInsideStringsCommentsAndParentheses_IsReported) {
  for (const char* text :
       {"", "library (a) { x : \"1", "library (a) { /* ", "library (a", "library",
        "library (a) { x :", "library (a) { x", "library (a) { v (\"1\","}) {
    EXPECT_EQ(error_of([&] { parse_liberty(text, "x.lib"); }).id(), "TW-LIB-001") << text;
  }
}

TEST(LibertyParser, TextThatIsNotLiberty_IsReported_AtItsLine) {
  const Error error = error_of([] { read_liberty(data_file("not_liberty.lib")); });
  EXPECT_EQ(error.id(), "TW-LIB-002");
  EXPECT_EQ(error.line(), 3);
  EXPECT_EQ(error_of([] { parse_liberty("cell (a) { }", "x.lib"); }).id(), "TW-LIB-002");
  EXPECT_EQ(error_of([] { parse_liberty("library (a) { } }", "x.lib"); }).id(), "TW-LIB-002");
}

TEST(LibertyParser, EveryTruncationOfARealLibrary_IsRefused) {
  const std::string text = read_file(osu018_file());
  const std::size_t end = text.rfind('}');
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const std::string part = text.substr(0, random.below(end));
    const std::string id = error_of([&] { parse_liberty(part, "part.lib"); }).id();
    EXPECT_TRUE(id == "TW-LIB-001" || id == "TW-LIB-002") << part.size() << ": " << id;
  }
}

TEST(LibertyParser, AllOsuLibraries_ThatAreInstalled_AreRead) {
  for (const char* name :
       {"osu018/osu018_stdcells.lib", "osu035/osu035_stdcells.lib", "osu050/osu05_stdcells.lib"}) {
    const auto path = std::filesystem::path("/usr/share/qflow/tech") / name;
    if (!std::filesystem::exists(path)) continue;
    int cells = 0;
    for (const LibertyGroup& group : read_liberty(path).groups)
      cells += group.name == "cell" ? 1 : 0;
    EXPECT_GT(cells, 20) << name;
  }
}

}  // namespace
}  // namespace togglewise::tech
