#include "sim/report/result_files.h"

#include <cmath>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/error.h"
#include "sim/base/files.h"

namespace togglewise::report {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

constexpr const char* simulate = R"({"tool": "togglewise", "command": "simulate", "seed": 1})";

// The error that reading `directory` ends with.
Error error_of(const fs::path& directory) {
  try {
    read_result_files(directory);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error::run("", "");
}

TEST(ResultFiles, AreFoundBelowTheFolder_NearestFirst) {
  const TemporaryDirectory directory;
  write(directory.path() / "a/deep/simulate.json", simulate);
  write(directory.path() / "z.json", simulate);
  write(directory.path() / "other.json", R"({"name": "somebody else's"})");
  write(directory.path() / "list.json", "[1, 2]");
  write(directory.path() / ".hidden/cut.json", "{");
  write(directory.path() / ".simulate.json.123.part", "{");
  write(directory.path() / "notes.txt", "{");
  const ResultFiles results = read_result_files(directory.path());
  ASSERT_EQ(results.files.size(), 2U);
  EXPECT_EQ(results.first("simulate")->path, "z.json");
  EXPECT_EQ(results.files[1].path, "a/deep/simulate.json");
  EXPECT_EQ(results.first("validate"), nullptr);
  EXPECT_THAT(results.ignored, ElementsAre("list.json", "other.json"));
}

TEST(ResultFiles, ReportMissingFolder) {
  const Error error = error_of("/no/such/folder");
  EXPECT_EQ(error.id(), "TW-REPORT-001");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_EQ(error.file(), "/no/such/folder");
  EXPECT_THAT(error.expected(), HasSubstr("--out"));
}

TEST(ResultFiles, ReportFileInPlaceOfFolder) {
  const TemporaryDirectory directory;
  write(directory.path() / "file", "");
  EXPECT_EQ(error_of(directory.path() / "file").id(), "TW-REPORT-001");
}

TEST(ResultFiles, ReportFolderWithoutResults) {
  const TemporaryDirectory directory;
  write(directory.path() / "other.json", "{}");
  const Error error = error_of(directory.path());
  EXPECT_EQ(error.id(), "TW-REPORT-001");
  EXPECT_THAT(error.message(), HasSubstr("1 *.json"));
}

TEST(ResultFiles, ReportCutOffFile_WithItsPlace) {
  const TemporaryDirectory directory;
  write(directory.path() / "simulate.json", "{\"tool\": \"togglewise\",\n  \"seed\": 1");
  const Error error = error_of(directory.path());
  EXPECT_EQ(error.id(), "TW-REPORT-002");
  EXPECT_EQ(error.exit_status(), 2);
  EXPECT_THAT(error.file(), EndsWith("simulate.json"));
  EXPECT_EQ(error.line(), 2);
  EXPECT_EQ(error.column(), 12);
}

TEST(ResultFiles, ReportEmptyAndBinaryFiles) {
  for (const std::string& content : {std::string(), std::string("\x00\xFF{", 3)}) {
    const TemporaryDirectory directory;
    write(directory.path() / "train.json", content);
    EXPECT_EQ(error_of(directory.path()).id(), "TW-REPORT-002");
  }
}

TEST(ResultFiles, ReportFileThatCannotBeRead) {
  const TemporaryDirectory directory;
  fs::create_symlink("nowhere", directory.path() / "train.json");
  const Error error = error_of(directory.path());
  EXPECT_EQ(error.id(), "TW-REPORT-002");
  EXPECT_THAT(error.file(), EndsWith("train.json"));
}

TEST(JsonAccess, ToleratesWhatIsMissingOrOfAnotherType) {
  const Json json = Json::parse(R"({"a": {"b": 2.5, "c": "text", "d": [1, null]}})");
  EXPECT_EQ(number_at(json, "a.b"), 2.5);
  EXPECT_TRUE(std::isnan(number_at(json, "a.c")));
  EXPECT_TRUE(std::isnan(number_at(json, "a.b.c")));
  EXPECT_EQ(text_at(json, "a.c"), "text");
  EXPECT_EQ(text_at(json, "a.x"), "");
  EXPECT_EQ(array_at(json, "a.b").size(), 0U);
  ASSERT_EQ(numbers_at(json, "a.d").size(), 2U);
  EXPECT_TRUE(std::isnan(numbers_at(json, "a.d")[1]));
}

}  // namespace
}  // namespace togglewise::report
