// The points still to be computed, handed out in order to threads and ranks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace togglewise::sweep {

class PointQueue {
 public:
  explicit PointQueue(std::vector<std::uint64_t> points) : points_(std::move(points)) {}

  // Up to `count` points; none when all are handed out or the run is stopped.
  std::vector<std::uint64_t> take(std::size_t count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return {};
    const std::size_t end = std::min(points_.size(), next_ + count);
    std::vector<std::uint64_t> taken(points_.begin() + static_cast<std::ptrdiff_t>(next_),
                                     points_.begin() + static_cast<std::ptrdiff_t>(end));
    next_ = end;
    return taken;
  }
  std::size_t left() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return points_.size() - next_;
  }

  // Hands out nothing more. The first problem is kept.
  void stop(std::exception_ptr problem) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!stopped_) problem_ = std::move(problem);
    stopped_ = true;
  }
  std::exception_ptr problem() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return problem_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> points_;
  std::size_t next_ = 0;
  bool stopped_ = false;
  std::exception_ptr problem_;
};

}  // namespace togglewise::sweep
