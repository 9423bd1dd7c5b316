#include "sim/sweep/journal.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "tests/config/expect_error.h"

namespace togglewise::sweep {
namespace {

namespace fs = std::filesystem;

PointResult result_of(int number, bool energy) {
  PointResult point;
  for (int l = 0; l < 2; ++l) {
    LayerResult layer;
    layer.cycles.cycles = 1000000007ULL * static_cast<unsigned>(number + l);
    layer.cycles.utilization = 1.0 / (3 + number);
    layer.cycles.accesses.dram_ifmap.read_bytes = ~std::uint64_t{0};
    layer.memory_pj_per_batch = 0.1 + number;
    if (energy) {
      layer.energy.emplace();
      layer.energy->per_image.adder_fj = 1e300 / 7;
      layer.energy->toggles.weight_update = 5;
    }
    point.layers.push_back(layer);
  }
  return point;
}

std::string key_of(int number) { return hash_bytes(std::to_string(number)); }

void expect_same(const PointResult& a, const PointResult& b) {
  EXPECT_EQ(to_json(a).dump(), to_json(b).dump());
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    EXPECT_EQ(a.layers[l].cycles.cycles, b.layers[l].cycles.cycles);
    EXPECT_EQ(a.layers[l].cycles.utilization, b.layers[l].cycles.utilization);
    EXPECT_EQ(a.layers[l].energy.has_value(), b.layers[l].energy.has_value());
  }
}

class JournalFile : public testing::Test {
 protected:
  fs::path out() const { return folder_.path(); }
  void fill(int points) {
    Journal journal(out(), Journal::Mode::append);
    for (int i = 0; i < points; ++i) journal.append(key_of(i), result_of(i, i % 2 == 0), 0.5);
  }
  TemporaryDirectory folder_;
};

TEST_F(JournalFile, GivesBackWhatWasAppended_ToTheLastBit) {
  fill(3);
  const Journal journal(out(), Journal::Mode::read_only);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(journal.has(key_of(i)));
    expect_same(journal.result(key_of(i)), result_of(i, i % 2 == 0));
    EXPECT_EQ(journal.seconds(key_of(i)), 0.5);
  }
  EXPECT_FALSE(journal.has(key_of(3)));
}

TEST_F(JournalFile, KeepsTheReason_WhenAPointIsNotPossible) {
  PointResult impossible;
  impossible.not_possible = "a tile, \"as it is\", needs 5 bytes\nmore";
  {
    Journal journal(out(), Journal::Mode::append);
    journal.append(key_of(0), impossible, 0);
  }
  EXPECT_EQ(Journal(out(), Journal::Mode::read_only).result(key_of(0)).not_possible,
            impossible.not_possible);
}

// A run that is killed in the middle of a line, at any byte of it.
TEST_F(JournalFile, ForgetsOnlyTheLastPoint_WhenItsLineIsCutOff) {
  fill(3);
  const std::string whole = read_file(journal_file(out()));
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = last; size < whole.size(); size += 7) {
    write_file_atomically(journal_file(out()), whole.substr(0, size));
    Journal journal(out(), Journal::Mode::append);
    EXPECT_TRUE(journal.has(key_of(1)));
    EXPECT_FALSE(journal.has(key_of(2)));
    journal.append(key_of(2), result_of(2, true), 0.5);
    EXPECT_EQ(read_file(journal_file(out())), whole);
  }
}

TEST_F(JournalFile, ForgetsADamagedPoint_AndKeepsTheOthers) {
  fill(3);
  std::string text = read_file(journal_file(out()));
  const std::size_t inside = text.find(key_of(1)) + 60;
  text[inside] = text[inside] == '1' ? '2' : '1';
  write_file_atomically(journal_file(out()), text);
  const Journal journal(out(), Journal::Mode::append);
  EXPECT_TRUE(journal.has(key_of(0)));
  EXPECT_FALSE(journal.has(key_of(1)));
  EXPECT_TRUE(journal.has(key_of(2)));
}

TEST_F(JournalFile, IsMadeByRunsOnly) {
  const Journal journal(out(), Journal::Mode::read_only);
  EXPECT_FALSE(journal.has(key_of(0)));
  EXPECT_FALSE(fs::exists(journal_file(out())));
}

TEST_F(JournalFile, SecondRunInTheSameFolder_IsRefused) {
  const Journal first(out(), Journal::Mode::append);
  expect_error([&] { Journal(out(), Journal::Mode::append); },
               {"TW-SWEEP-010", {"another sweep is writing", out().string()}});
  EXPECT_NO_THROW(Journal(out(), Journal::Mode::read_only));
}

TEST_F(JournalFile, OtherFileUnderItsName_IsRefusedAndLeftAlone) {
  write_file_atomically(journal_file(out()), "something else\n");
  expect_error([&] { Journal(out(), Journal::Mode::append); },
               {"TW-SWEEP-011", {"no journal of a sweep"}});
  EXPECT_EQ(read_file(journal_file(out())), "something else\n");
}

TEST_F(JournalFile, FolderThatCannotBeWritten_IsRefused) {
  expect_error([&] { Journal(out() / "missing", Journal::Mode::append); },
               {"TW-FILE-002", {"cannot write the journal"}});
}

}  // namespace
}  // namespace togglewise::sweep
