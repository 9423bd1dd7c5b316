// Every diagnostic of the YAML reader, provoked by the small bad files in data/.
#include "sim/config/yaml_reader.h"

#include <fstream>

#include "sim/base/files.h"
#include "sim/config/hardware_config.h"
#include "tests/config/expect_error.h"

namespace togglewise::config {
namespace {

const std::filesystem::path data =
    std::filesystem::path(TOGGLEWISE_SOURCE_DIR) / "tests/config/data";

void expect_refused(const std::string& file, ExpectedError expected) {
  SCOPED_TRACE(file);
  expected.words.push_back((data / file).string());
  expect_error([&] { read_hardware_config(data / file); }, expected);
}

TEST(YamlReader, UnknownKey_NamesNearestAndAllValidKeys) {
  expect_refused("misspelled_key.yaml", {"TW-CFG-002",
                                         {"unknown key 'rowz' in 'array'", "did you mean 'rows'?",
                                          "columns", "partial_sum_bits"},
                                         3,
                                         3});
  expect_refused("misspelled_top_key.yaml",
                 {"TW-CFG-002", {"unknown key 'nme'", "did you mean 'name'?"}, 1, 1});
}

TEST(YamlReader, MissingKey_NamesTheLineOfItsBlock) {
  expect_refused("missing_key.yaml", {"TW-CFG-003", {"key 'rows' is missing in 'array'"}, 2, 1});
  expect_refused("missing_section.yaml", {"TW-CFG-003", {"key 'mac' is missing"}, 1, 1});
  expect_refused("empty.yaml", {"TW-CFG-003", {"key 'name' is missing"}, 1, 1});
}

TEST(YamlReader, WrongType_SaysWhatItIsAndWhatWasExpected) {
  const std::string wanted = "a whole number from 1 to 256";
  expect_refused("rows_not_a_number.yaml",
                 {"TW-CFG-004", {"'array.rows' is 'many'", wanted}, 3, 9});
  expect_refused("rows_in_quotes.yaml",
                 {"TW-CFG-004", {"'array.rows' is the text \"16\"", wanted}, 3, 9});
  expect_refused("rows_with_fraction.yaml",
                 {"TW-CFG-004", {"'array.rows' is '16.5'", wanted}, 3, 9});
  expect_refused("clock_not_a_number.yaml",
                 {"TW-CFG-004", {"'clock_period_ps' is '.nan'", "a number above 0"}, 5, 18});
  expect_refused("rtl_not_a_list.yaml",
                 {"TW-CFG-004", {"'mac.rtl' is 'mac.sv'", "a list of 1 to 100"}, 7, 8});
  expect_refused("section_is_a_list.yaml",
                 {"TW-CFG-002", {"unknown key 'other'", "array, clock_period_ps"}, 3, 1});
  expect_refused("empty_value.yaml", {"TW-CFG-004", {"'mac.top' is empty", "a text"}, 8, 3});
}

TEST(YamlReader, OutOfRange_StatesTheRange) {
  expect_refused("rows_out_of_range.yaml",
                 {"TW-CFG-005", {"'array.rows' is 512", "from 1 to 256"}, 3, 9});
  expect_refused("rows_beyond_64_bits.yaml",
                 {"TW-CFG-005", {"is 99999999999999999999, out of range"}, 3, 9});
  expect_refused("clock_zero.yaml",
                 {"TW-CFG-005", {"'clock_period_ps' is 0", "above 0 and up to 1000000000"}, 5, 18});
  expect_refused("rtl_empty.yaml", {"TW-CFG-005", {"'mac.rtl' has 0 elements"}, 7, 8});
}

TEST(YamlReader, KeyGivenTwice_IsRefusedAtTheSecond) {
  expect_refused("key_twice.yaml", {"TW-CFG-007", {"key 'rows' is given twice in 'array'"}, 5, 3});
}

TEST(YamlReader, SyntaxError_IsPassedOnWithItsPlace) {
  expect_refused("syntax.yaml", {"TW-CFG-001", {"not valid YAML"}, 5});
  expect_refused("two_documents.yaml", {"TW-CFG-001", {"a second YAML document"}, 12});
}

TEST(YamlReader, MissingFile_IsAFileError) {
  expect_refused("no_such_file.yaml", {"TW-FILE-001", {}});
}

class YamlReaderSection : public testing::Test {
 protected:
  void read(const std::string& text, const YamlSection& root) {
    const std::filesystem::path file = folder.path() / "file.yaml";
    write_file_atomically(file, text);
    YamlDocument(file, root);
  }
  TemporaryDirectory folder;
};

TEST_F(YamlReaderSection, BlockAsList_IsRefusedWithItsKeys) {
  int rows = 0;
  YamlSection array, root;
  array.integer("rows", rows, {1, 4}, Presence::required);
  root.section("array", array, Presence::required);
  expect_error([&] { read("array: [1, 2]\n", root); },
               {"TW-CFG-004", {"'array' is a list", "a block with the keys rows"}, 1, 8});
  expect_error([&] { read("- 1\n", root); }, {"TW-CFG-004", {"a block with the keys array"}, 1, 1});
  expect_error([&] { read("? [a]\n: 1\n", root); }, {"TW-CFG-004", {"a key that is no text"}, 1});
}

TEST_F(YamlReaderSection, OptionalKeyLeftOut_KeepsTheDefault) {
  int number = 7;
  double real = 0.5;
  std::optional<int> maybe;
  std::string text = "kept";
  YamlSection root;
  root.integer("number", number, {0, 9}, Presence::optional)
      .real("real", real, {0, 1}, Presence::optional)
      .integer("maybe", maybe, {0, 9})
      .text("text", text, Presence::optional);
  read("# all left out\n", root);
  EXPECT_EQ(number, 7);
  EXPECT_EQ(real, 0.5);
  EXPECT_FALSE(maybe.has_value());
  EXPECT_EQ(text, "kept");
  read("{number: +3, real: 2.5e-1, maybe: 0, text: \"\"}\n", root);
  EXPECT_EQ(number, 3);
  EXPECT_EQ(real, 0.25);
  EXPECT_EQ(maybe, 0);
  EXPECT_EQ(text, "");
}

TEST_F(YamlReaderSection, BoundsOfRanges_AreIncludedUnlessExcluded) {
  double closed = 0;
  double open = 0;
  YamlSection root;
  root.real("closed", closed, {1, 2}, Presence::optional)
      .real("open", open, {1, 2, false, false}, Presence::optional);
  EXPECT_NO_THROW(read("closed: 1\n", root));
  EXPECT_NO_THROW(read("closed: 2\n", root));
  expect_error([&] { read("open: 1\n", root); }, {"TW-CFG-005", {"above 1 and below 2"}, 1, 7});
  expect_error([&] { read("open: 2\n", root); }, {"TW-CFG-005", {"above 1 and below 2"}, 1, 7});
}

TEST_F(YamlReaderSection, Paths_AreRelativeToTheFile) {
  std::filesystem::path relative, absolute;
  std::vector<std::filesystem::path> list;
  YamlSection root;
  root.path("relative", relative, Presence::required)
      .path("absolute", absolute, Presence::required)
      .paths("list", list, {1, 3}, Presence::required);
  read("relative: ../a/b\nabsolute: /c/d\nlist: [x, /y]\n", root);
  EXPECT_EQ(relative, (folder.path() / "../a/b").lexically_normal());
  EXPECT_EQ(absolute, "/c/d");
  EXPECT_THAT(list, testing::ElementsAre(folder.path() / "x", "/y"));
}

TEST_F(YamlReaderSection, Tree_KeepsTheValueWithItsPlaces) {
  YamlTree tree;
  YamlSection root;
  root.tree("any", tree, Presence::required);
  read("any:\n  a.b: [1, \"2\", [x, y]]\n  c:\n", root);
  ASSERT_EQ(tree.kind, YamlTree::Kind::block);
  ASSERT_EQ(tree.members.size(), 2U);
  const auto& [key, list] = tree.members[0];
  EXPECT_EQ(key.text, "a.b");
  EXPECT_EQ(key.line, 2);
  EXPECT_EQ(key.column, 3);
  ASSERT_EQ(list.elements.size(), 3U);
  EXPECT_EQ(list.elements[0].text, "1");
  EXPECT_FALSE(list.elements[0].quoted);
  EXPECT_EQ(list.elements[1].yaml, "\"2\"");
  EXPECT_TRUE(list.elements[1].quoted);
  EXPECT_EQ(list.elements[2].yaml, "[x, y]");
  EXPECT_EQ(list.elements[2].column, 17);
  EXPECT_EQ(tree.members[1].second.kind, YamlTree::Kind::empty);
  EXPECT_EQ(tree.members[1].second.line, 3);
}

class YamlOverrides : public testing::Test {
 protected:
  // A small base; `double` shares its block with `single` through an alias.
  const std::string base =
      "name: base\narray:\n  rows: 4\nsingle: &block\n  bytes: 1\ndouble: *block\n";

  struct Values {
    std::string name;
    int rows = 0;
    int columns = 7;
    int single = 0;
    int double_ = 0;
    std::vector<std::string> list;
  };

  Values read(const std::vector<YamlOverride>& overrides) {
    const std::filesystem::path file = folder.path() / "base.yaml";
    write_file_atomically(file, base);
    Values values;
    YamlSection array, single, double_, root;
    array.integer("rows", values.rows, {1, 9}, Presence::required)
        .integer("columns", values.columns, {1, 9}, Presence::optional);
    single.integer("bytes", values.single, {0, 99}, Presence::optional);
    double_.integer("bytes", values.double_, {0, 99}, Presence::required)
        .texts("list", values.list, {1, 2}, Presence::optional);
    root.text("name", values.name, Presence::required)
        .section("array", array, Presence::required)
        .section("single", single, Presence::optional)
        .section("double", double_, Presence::optional);
    const YamlDocument document(YamlText(file), root, overrides);
    hash = document.text_hash();
    return values;
  }
  static YamlOverride at_line_9(const std::string& key, std::optional<std::string> value) {
    return {key, std::move(value), "sweep.yaml", 9, 5};
  }
  void refused(const std::string& key, const std::string& value, const std::string& id,
               const std::string& word) {
    expect_error([&] { read({at_line_9(key, value)}); }, {id, {"sweep.yaml:9:5", word}, 9, 5});
  }

  TemporaryDirectory folder;
  std::string hash;
};

TEST_F(YamlOverrides, ReplaceAddAndRemove_AndLeaveAliasesOfABlockAlone) {
  const Values plain = read({});
  const std::string plain_hash = hash;
  EXPECT_EQ(plain.single, 1);
  const Values values = read({at_line_9("array.rows", "8"), at_line_9("array.columns", "3"),
                              at_line_9("double.bytes", "64"), at_line_9("name", "other")});
  EXPECT_EQ(values.rows, 8);
  EXPECT_EQ(values.columns, 3);
  EXPECT_EQ(values.single, 1);
  EXPECT_EQ(values.double_, 64);
  EXPECT_EQ(values.name, "other");
  EXPECT_NE(hash, plain_hash);
  EXPECT_EQ(read({at_line_9("single.bytes", std::nullopt)}).single, 0);
  EXPECT_EQ(read({at_line_9("array.columns", std::nullopt)}).columns, 7);
}

TEST_F(YamlOverrides, BadValues_AreReportedWhereTheOverrideStands) {
  refused("array.rows", "12", "TW-CFG-005", "'array.rows' is 12");
  refused("array.rows", "many", "TW-CFG-004", "'array.rows' is 'many'");
  refused("array.rows", "", "TW-CFG-004", "'array.rows' is empty");
  refused("array.rows", "[", "TW-CFG-001", "not valid YAML");
  refused("array.rowz", "1", "TW-CFG-002", "did you mean 'rows'?");
  refused("arry.rows", "1", "TW-CFG-002", "did you mean 'array'?");
  refused("array.rows.deep", "1", "TW-CFG-002", "'array.rows' is a value and no block");
  refused("double.list", "[a, [b]]", "TW-CFG-004", "'double.list.1' is a list");
}

TEST_F(YamlOverrides, Paths_AreRelativeToTheFileOfTheOverride) {
  const std::filesystem::path file = folder.path() / "paths.yaml";
  write_file_atomically(file, "own: a\nother: b\n");
  std::filesystem::path own, other;
  YamlSection root;
  root.path("own", own, Presence::required).path("other", other, Presence::required);
  const YamlDocument document(YamlText(file), root, {{"other", "c", "/sweeps/s.yaml", 1, 1}});
  EXPECT_EQ(own, folder.path() / "a");
  EXPECT_EQ(other, "/sweeps/c");
}

TEST_F(YamlOverrides, BlockThatOnlyAnOverrideOpens_IsReportedThereWhenAKeyIsMissing) {
  const std::filesystem::path file = folder.path() / "small.yaml";
  write_file_atomically(file, "name: small\n");
  int bytes = 0;
  int latency = 0;
  std::string name;
  YamlSection dram, root;
  dram.integer("bytes", bytes, {0, 9}, Presence::required)
      .integer("latency", latency, {0, 9}, Presence::optional);
  root.text("name", name, Presence::required).section("dram", dram, Presence::optional);
  expect_error(
      [&] { const YamlDocument document(YamlText(file), root, {at_line_9("dram.latency", "3")}); },
      {"TW-CFG-003", {"sweep.yaml", "key 'bytes' is missing in 'dram'"}, 9, 5});
}

}  // namespace
}  // namespace togglewise::config
