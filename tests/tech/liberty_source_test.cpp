#include "sim/tech/liberty_source.h"

#include <cstring>

#include <zlib.h>

#include "sim/base/files.h"
#include "tests/bench/replicated_library.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

void write_gzip(const std::filesystem::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, content.data(), static_cast<unsigned>(content.size())),
            static_cast<int>(content.size()));
  gzclose(file);
}

std::string read_all(LibertySource& source, std::size_t piece) {
  std::string result;
  std::string buffer(piece, '\0');
  while (const std::size_t count = source.read(buffer.data(), piece)) {
    result.append(buffer, 0, count);
  }
  return result;
}

TEST(LibertySource, PlainFilesZippedFilesAndText_GiveTheSameBytes_AlsoTwice) {
  const TemporaryDirectory folder;
  const std::string text = read_file(osu018_file());
  write_gzip(folder.path() / "a.lib.gz", text);
  LibertySource plain(osu018_file());
  LibertySource zipped(folder.path() / "a.lib.gz");
  LibertySource memory(text, "a.lib");
  for (LibertySource* source : {&plain, &zipped, &memory}) {
    EXPECT_EQ(read_all(*source, 4099), text) << source->name();
    source->rewind();
    EXPECT_EQ(read_all(*source, 1 << 20), text) << source->name();
  }
}

TEST(LibertySource, AZippedLibrary_IsReadLikeThePlainOne) {
  const TemporaryDirectory folder;
  write_gzip(folder.path() / "a.lib.gz", read_file(osu018_file()));
  const auto plain = CellLibrary::read(osu018_file());
  const auto zipped = CellLibrary::read(folder.path() / "a.lib.gz");
  ASSERT_EQ(zipped->cell_names(), plain->cell_names());
  for (std::size_t i = 0; i < plain->cells().size(); ++i) {
    EXPECT_EQ(zipped->cells()[i].line, plain->cells()[i].line);
    EXPECT_EQ(zipped->cells()[i].leakage_nw, plain->cells()[i].leakage_nw);
  }
}

TEST(LibertySource, DamagedGzipFiles_AreReported) {
  const TemporaryDirectory folder;
  const std::filesystem::path path = folder.path() / "a.lib.gz";
  write_gzip(path, read_file(osu018_file()));
  const std::string whole = read_file(path);
  const auto error_with = [&](const std::string& content) {
    write_file_atomically(path, content);
    return error_of([&] { CellLibrary::read(path); });
  };
  const Error cut = error_with(whole.substr(0, whole.size() / 2));
  EXPECT_EQ(cut.id(), "TW-LIB-007");
  EXPECT_EQ(cut.exit_status(), 2);
  EXPECT_THAT(cut.file(), HasSubstr("a.lib.gz"));
  EXPECT_THAT(cut.hint(), HasSubstr("gzip -t"));
  std::string flipped = whole;
  for (std::size_t i = 0; i < 40; ++i) flipped[whole.size() / 2 + i] ^= 0x55;
  EXPECT_EQ(error_with(flipped).id(), "TW-LIB-007");
  std::string wrong_checksum = whole;
  wrong_checksum[whole.size() - 6] ^= 0x01;
  EXPECT_EQ(error_with(wrong_checksum).id(), "TW-LIB-007");
}

TEST(LibertySource, MissingFilesAndFolders_AreReported) {
  const Error missing = error_of([] { LibertySource source("no/such.lib"); });
  EXPECT_EQ(missing.id(), "TW-FILE-001");
  EXPECT_THAT(missing.message(), HasSubstr("No such file"));
  EXPECT_EQ(error_of([] { LibertySource source("/tmp"); }).id(), "TW-FILE-001");
}

TEST(LibertySource, AFileOfManyMegabytes_IsReadWhole) {
  const TemporaryDirectory folder;
  const std::filesystem::path path = folder.path() / "large.lib";
  const std::size_t cells = bench::write_replicated_library(osu018_file(), path, 8'000'000);
  const auto library = CellLibrary::read(path);
  EXPECT_EQ(library->cells().size(), cells);
  const LibraryCell* last = library->find("COPY20_NAND2X1");
  ASSERT_NE(last, nullptr);
  EXPECT_DOUBLE_EQ(last->leakage_nw, CellLibrary::read(osu018_file())->find("NAND2X1")->leakage_nw);
}

}  // namespace
}  // namespace togglewise::tech
