// The dialogue of rank 0 with the others, over threads instead of MPI; mpirun itself is tested in
// tests/cli.
#include "sim/sweep/ranks.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sim/sweep/sweep_files.h"
#include "tests/config/expect_error.h"
#include "tests/sweep/small_sweep.h"

namespace togglewise::sweep {
namespace {

// Mailboxes between ranks that are threads of this process.
class Post {
 public:
  explicit Post(int ranks) : boxes_(static_cast<std::size_t>(ranks)) {}
  void put(int to, Ranks::Message message) {
    const std::lock_guard<std::mutex> lock(mutex_);
    boxes_[static_cast<std::size_t>(to)].push_back(std::move(message));
    arrived_.notify_all();
  }
  std::optional<Ranks::Message> take(int rank, bool wait) {
    std::unique_lock<std::mutex> lock(mutex_);
    auto& box = boxes_[static_cast<std::size_t>(rank)];
    if (wait) arrived_.wait(lock, [&] { return !box.empty(); });
    if (box.empty()) return std::nullopt;
    Ranks::Message message = box.front();
    box.pop_front();
    return message;
  }
  int ranks() const { return static_cast<int>(boxes_.size()); }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::deque<Ranks::Message>> boxes_;
};

class ThreadRank : public Ranks {
 public:
  ThreadRank(Post& post, int rank) : post_(post), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return post_.ranks(); }
  void send(int to, const std::string& text) override { post_.put(to, {rank_, text}); }
  std::string receive() override { return post_.take(rank_, true)->text; }
  std::optional<Message> poll() override { return post_.take(rank_, false); }

 private:
  Post& post_;
  int rank_;
};

class SharedSweep : public testing::Test {
 protected:
  static constexpr int kRanks = 3;
  static constexpr const char* kBlock =
      "  array.rows: {from: 1, to: 20, step: 1}\n  array.columns: [3, 5, 16]\n";

  // Runs the sweep on rank 0; the others prepare theirs with `make`.
  SweepRunStatistics run(const std::string& out,
                         const std::function<std::unique_ptr<PreparedSweep>()>& make,
                         int threads = 0) {
    std::filesystem::create_directories(small_.path(out));
    PreparedSweep sweep = prepare(small_.path("sweep.yaml"));
    Journal journal(small_.path(out), Journal::Mode::append);
    Post post(kRanks);
    std::vector<std::thread> others;
    for (int rank = 1; rank < kRanks; ++rank) {
      others.emplace_back([&, rank] {
        ThreadRank ranks(post, rank);
        serve_points(make, ranks, 1);
      });
    }
    ThreadRank first(post, 0);
    SweepRunStatistics statistics;
    std::exception_ptr problem;
    try {
      statistics = run_points(sweep, journal, first, {threads});
      write_sweep_files(sweep, journal, summarize(sweep, journal), small_.path(out));
    } catch (...) {
      problem = std::current_exception();
    }
    for (std::thread& other : others) other.join();
    if (problem) std::rethrow_exception(problem);
    return statistics;
  }

  SmallSweep small_;
};

TEST_F(SharedSweep, ComputesEachPointOnce_AndWritesWhatOneProcessWrites) {
  const std::filesystem::path file = small_.sweep_file(kBlock);
  const auto make = [&] {
    return std::make_unique<PreparedSweep>(read_sweep_file(file), small_workload, 1);
  };
  EXPECT_EQ(run("shared", make, 1).computed, 60U);
  EXPECT_EQ(run("handed-out", make, 0).computed, 60U);
  PreparedSweep sweep = prepare(file);
  std::filesystem::create_directories(small_.path("alone"));
  Journal journal(small_.path("alone"), Journal::Mode::append);
  run_points(sweep, journal, *alone(), {1});
  write_sweep_files(sweep, journal, summarize(sweep, journal), small_.path("alone"));
  for (const char* name : {"sweep.csv", "sweep.json", "sweep.html"}) {
    EXPECT_EQ(read_file(small_.path("shared") / name), read_file(small_.path("alone") / name))
        << name;
  }
  // A line for every point, none twice.
  const std::string lines = read_file(journal_file(small_.path("shared")));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 61);
}

TEST_F(SharedSweep, OthersAreSentHome_WhenEverythingIsFinished) {
  const std::filesystem::path file = small_.sweep_file(kBlock);
  const auto make = [&] {
    return std::make_unique<PreparedSweep>(read_sweep_file(file), small_workload, 1);
  };
  run("twice", make);
  const SweepRunStatistics again = run("twice", [&]() -> std::unique_ptr<PreparedSweep> {
    ADD_FAILURE() << "there is nothing to prepare for";
    return nullptr;
  });
  EXPECT_EQ(again.computed, 0U);
  EXPECT_EQ(again.finished_before, 60U);
}

TEST_F(SharedSweep, RankThatReadOtherFiles_EndsTheRun) {
  const std::filesystem::path file = small_.sweep_file(kBlock);
  small_.write("other.yaml",
               "name: other\nhardware: hw.yaml\nseed: 2\nsweep:\n" + std::string(kBlock));
  expect_error(
      [&] {
        run("other", [&] {
          return std::make_unique<PreparedSweep>(read_sweep_file(small_.path("other.yaml")),
                                                 small_workload, 1);
        });
      },
      {"TW-SWEEP-009", {"different files", "sweep.yaml"}});
}

TEST_F(SharedSweep, ErrorOfAnotherRank_IsThatOfTheRun) {
  small_.sweep_file(kBlock);
  expect_error(
      [&] {
        run("error", [&]() -> std::unique_ptr<PreparedSweep> {
          throw Error::input("TW-TEST-001", "not readable there").at("file", 3, 4).expected("x");
        });
      },
      {"TW-TEST-001", {"file:3:4: not readable there", "expected x"}, 3, 4});
}

TEST(Ranks, IsOneProcess_WhenMpirunDidNotStartIt) {
  const std::unique_ptr<Ranks> ranks = join_ranks();
  EXPECT_EQ(ranks->rank(), 0);
  EXPECT_EQ(ranks->size(), 1);
  EXPECT_FALSE(ranks->poll().has_value());
}

}  // namespace
}  // namespace togglewise::sweep
