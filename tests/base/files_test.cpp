#include "sim/base/files.h"

#include <fstream>

#include <gtest/gtest.h>

#include "sim/base/command.h"
#include "sim/base/error.h"
#include "sim/base/hash.h"

namespace togglewise {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(WriteFileAtomically, LeavesOnlyTheNewContentUnderTheName) {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "a.json";
  write_file_atomically(file, "first");
  write_file_atomically(file, "second");
  EXPECT_EQ(read_file(file), "second");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(WriteFileAtomically, NamesTheFile_WhenTheFolderIsMissing) {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "missing" / "a.json";
  try {
    write_file_atomically(file, "x");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-FILE-002");
    EXPECT_EQ(error.file(), file.string());
  }
}

TEST(PendingFile, KeepsTheOldContent_WhenItIsNotCommitted) {
  const TemporaryDirectory folder;
  const fs::path file = folder.path() / "a.bin";
  write_file_atomically(file, "old");
  {
    const PendingFile pending(file);
    std::ofstream(pending.temporary()) << "half";
  }
  EXPECT_EQ(read_file(file), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(ReadFile, SaysWhatIsMissing) {
  EXPECT_THROW(read_file("/nonexistent/file"), Error);
  EXPECT_THROW(read_file("/"), Error);
}

TEST(RequireWritableDirectory, RefusesAFileInTheWay) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "file", "x");
  try {
    require_writable_directory(folder.path() / "file" / "out");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-FILE-003");
    EXPECT_EQ(error.exit_status(), 2);
  }
}

TEST(RunCommand, ReturnsOutputAndExitStatus) {
  const CommandResult result = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, "/");
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(RunCommand, NamesTheProgram_WhenItIsNotInstalled) {
  try {
    run_command({"no-such-program-here"}, "/");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), "TW-CMD-001");
    EXPECT_NE(std::string(error.what()).find("no-such-program-here"), std::string::npos);
  }
}

TEST(HashBytes, DiffersWhenOneBitDiffers) {
  EXPECT_EQ(hash_bytes("abc").size(), 32U);
  EXPECT_EQ(hash_bytes("abc"), hash_bytes("abc"));
  EXPECT_NE(hash_bytes("abc"), hash_bytes("abb"));
}

}  // namespace
}  // namespace togglewise
