// Work shared over threads (oneTBB). Results must not depend on the number of threads: every task
// writes to its own slot, and slots are combined in index order.
#pragma once

#include <cstddef>
#include <functional>

namespace togglewise {

// Number of processors this process may use, at least 1.
int default_thread_count();

// Calls task(i) once for every i in [0, count), on at most `threads` threads. The first exception
// thrown by a task is rethrown after the running tasks have ended.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& task);

}  // namespace togglewise
