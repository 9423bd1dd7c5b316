// A sweep's workloads, loaded the way the other commands load theirs.
#pragma once

#include "sim/sweep/sweep_workload.h"

namespace togglewise::cli {

sweep::WorkloadLoader sweep_workload_loader(int threads);

}  // namespace togglewise::cli
