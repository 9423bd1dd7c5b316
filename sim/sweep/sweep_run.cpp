#include "sim/sweep/sweep_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/parallel.h"
#include "sim/sweep/point_queue.h"

namespace togglewise::sweep {
namespace {

using report::Json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A sweep of few points uses the remaining threads inside each of them.
int threads_per_point(std::uint64_t points, int threads) {
  return points >= static_cast<std::uint64_t>(threads)
             ? 1
             : threads / static_cast<int>(std::max<std::uint64_t>(points, 1));
}

Json error_json(const Error& error) {
  return {{"error",
           {{"input", error.kind() == ErrorKind::input},
            {"id", error.id()},
            {"message", error.message()},
            {"file", error.file()},
            {"line", error.line()},
            {"column", error.column()},
            {"expected", error.expected()},
            {"hint", error.hint()}}}};
}

[[noreturn]] void throw_error_of(const Json& json) {
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  Error error = json.at("input").get<bool>() ? Error::input(text("id"), text("message"))
                                             : Error::run(text("id"), text("message"));
  throw std::move(error)
      .at(text("file"), json.at("line").get<int>(), json.at("column").get<int>())
      .expected(text("expected"))
      .hint(text("hint"));
}

Error other_files(const PreparedSweep& sweep) {
  return Error::run("TW-SWEEP-009", "the ranks of this run have read different files")
      .at(sweep.plan().file().file.string())
      .expected("the same files on every machine");
}

// What one rank sends back for one point.
Json finished_json(PreparedSweep& sweep, std::uint64_t point) {
  const Clock::time_point start = Clock::now();
  Json json = {{"point", point}, {"key", sweep.key(point)}};
  json["result"] = to_json(sweep.evaluator().evaluate(sweep.plan().point(point)));
  json["seconds"] = seconds_since(start);
  return json;
}

// Rank 0's side of a run: local threads and the other ranks draw from one queue.
class Dispatcher {
 public:
  Dispatcher(PreparedSweep& sweep, Journal& journal, Ranks& ranks, int threads,
             const ProgressFunction& progress)
      : sweep_(sweep),
        journal_(journal),
        ranks_(ranks),
        threads_(threads),
        progress_(progress),
        queue_(sweep.unfinished(journal)),
        computed_of_(queue_.left()) {}

  SweepRunStatistics run() {
    const std::uint64_t points = sweep_.plan().size();
    if (computed_of_ == 0) {
      dismiss_ranks(ranks_);
      return {points, points, 0};
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < threads_; ++t) threads.emplace_back([&] { work(); });
    serve_ranks();
    for (std::thread& thread : threads) thread.join();
    if (queue_.problem()) std::rethrow_exception(queue_.problem());
    return {points, points - computed_of_, computed_of_};
  }

 private:
  void work() {
    for (;;) {
      const std::vector<std::uint64_t> taken = queue_.take(1);
      if (taken.empty()) return;
      try {
        const Clock::time_point start = Clock::now();
        const PointResult result = sweep_.evaluator().evaluate(sweep_.plan().point(taken[0]));
        keep(taken[0], result, seconds_since(start));
      } catch (...) {
        queue_.stop(std::current_exception());
      }
    }
  }

  void keep(std::uint64_t point, const PointResult& result, double seconds) {
    journal_.append(sweep_.key(point), result, seconds);
    progress_("sweep", ++done_, computed_of_);
  }

  // Until every other rank has been told that there is no more; a rank that is in the middle of a
  // point is waited for.
  void serve_ranks() {
    for (int rank = 1; rank < ranks_.size(); ++rank) ranks_.send(rank, "go");
    for (int active = ranks_.size() - 1; active > 0;) {
      const std::optional<Ranks::Message> message = ranks_.poll();
      if (!message) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        continue;
      }
      try {
        take_results(Json::parse(message->text));
      } catch (...) {
        queue_.stop(std::current_exception());
      }
      const std::vector<std::uint64_t> batch = queue_.take(batch_size());
      ranks_.send(message->from, Json(batch).dump());
      if (batch.empty()) --active;
    }
  }

  void take_results(const Json& message) {
    if (message.is_object()) throw_error_of(message.at("error"));
    for (const Json& finished : message) {
      const auto point = finished.at("point").get<std::uint64_t>();
      if (finished.at("key") != sweep_.key(point)) {
        throw other_files(sweep_);
      }
      keep(point, point_from_json(finished.at("result")), finished.at("seconds").get<double>());
    }
  }

  // Large enough that cheap points do not wait for messages, small enough that all end together.
  std::size_t batch_size() const {
    const std::size_t workers =
        static_cast<std::size_t>(std::max(threads_, 1)) * static_cast<std::size_t>(ranks_.size());
    return std::clamp<std::size_t>(queue_.left() / (4 * workers), 1, 512);
  }

  PreparedSweep& sweep_;
  Journal& journal_;
  Ranks& ranks_;
  int threads_;
  const ProgressFunction& progress_;
  PointQueue queue_;
  std::uint64_t computed_of_;
  std::atomic<std::uint64_t> done_{0};
};

}  // namespace

PreparedSweep::PreparedSweep(SweepFile file, WorkloadLoader load, int threads)
    : plan_(std::move(file), threads),
      workloads_(std::move(load)),
      evaluator_(plan_, workloads_, threads_per_point(plan_.size(), threads)),
      keys_(plan_.size()) {
  for (std::uint64_t i = 0; i < plan_.size(); ++i) {
    workloads_.add(plan_.point(i).hardware, plan_.point(i).run);
  }
  for (std::uint64_t i = 0; i < plan_.size(); ++i) keys_[i] = evaluator_.key_of(plan_.point(i));
}

std::vector<std::uint64_t> PreparedSweep::unfinished(const Journal& journal) const {
  std::vector<std::uint64_t> points;
  for (std::uint64_t i = 0; i < keys_.size(); ++i) {
    if (!journal.has(keys_[i])) points.push_back(i);
  }
  return points;
}

SweepRunStatistics run_points(PreparedSweep& sweep, Journal& journal, Ranks& ranks,
                              const SweepRunParams& params, const ProgressFunction& progress) {
  const int threads = std::clamp(params.threads, ranks.size() > 1 ? 0 : 1, default_thread_count());
  return Dispatcher(sweep, journal, ranks, threads, progress).run();
}

void dismiss_ranks(Ranks& ranks) {
  for (int rank = 1; rank < ranks.size(); ++rank) ranks.send(rank, "stop");
}

void serve_points(const std::function<std::unique_ptr<PreparedSweep>()>& make, Ranks& ranks,
                  int threads) {
  if (ranks.receive() != "go") return;
  Json message = Json::array();
  std::unique_ptr<PreparedSweep> sweep;
  for (;;) {
    ranks.send(0, message.dump(-1, ' ', false, Json::error_handler_t::replace));
    const auto batch = Json::parse(ranks.receive()).get<std::vector<std::uint64_t>>();
    if (batch.empty()) return;
    std::vector<Json> finished(batch.size());
    try {
      if (!sweep) sweep = make();
      parallel_for(batch.size(), threads, [&](std::size_t i) {
        if (batch[i] >= sweep->plan().size()) throw other_files(*sweep);
        finished[i] = finished_json(*sweep, batch[i]);
      });
      message = finished;
    } catch (const Error& error) {
      message = error_json(error);
    } catch (const std::exception& error) {
      message = error_json(Error::run("TW-INTERNAL", error.what()));
    }
  }
}

double estimate_seconds(PreparedSweep& sweep, const Journal& journal,
                        const SweepRunParams& params) {
  const std::vector<std::uint64_t> left = sweep.unfinished(journal);
  if (left.empty()) return 0;
  double seconds = 0;
  std::uint64_t points = 0;
  for (std::uint64_t i = 0; i < sweep.plan().size(); ++i) {
    if (!journal.has(sweep.key(i))) continue;
    seconds += journal.seconds(sweep.key(i));
    ++points;
  }
  if (points == 0) {
    // The first, a middle and the last one: sizes usually go up from one end to the other.
    for (const std::uint64_t i : {left.front(), left[left.size() / 2], left.back()}) {
      const Clock::time_point start = Clock::now();
      sweep.evaluator().evaluate(sweep.plan().point(i));
      seconds += seconds_since(start);
      ++points;
    }
  }
  const double threads = std::clamp(params.threads, 1, default_thread_count());
  const double at_once = std::min(threads, static_cast<double>(left.size()));
  return seconds / static_cast<double>(points) * static_cast<double>(left.size()) / at_once;
}

}  // namespace togglewise::sweep
