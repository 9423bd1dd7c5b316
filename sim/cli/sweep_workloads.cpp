#include "sim/cli/sweep_workloads.h"

#include <memory>
#include <utility>

#include "sim/cli/workload_source.h"

namespace togglewise::cli {

sweep::WorkloadLoader sweep_workload_loader(int threads) {
  return [threads](const config::HardwareConfig& hardware, const sweep::RunSetup& run,
                   bool need_operands) {
    WorkloadSourceOptions options;
    options.workload = run.workload;
    options.model = run.model;
    options.operands = run.operands;
    options.images = run.images;
    options.batch_size = run.batch_size;
    options.seed = run.seed;
    options.threads = threads;
    options.need_operands = need_operands;
    options.mapping = kNoMapping;  // one is made for one array: a sweep compares natural ones
    WorkloadSource source = load_workload_source(hardware, options);
    sweep::SweepWorkload workload;
    workload.name = std::move(source.name);
    workload.operand_source = std::move(source.operand_source);
    workload.synthetic = source.synthetic;
    workload.batch_size = source.batch_size;
    workload.layers = std::move(source.layers);
    if (source.model) workload.model_hash = source.model->hash;
    if (source.traces) {
      workload.images = source.traces->layers.at(0).images;
      workload.traces = std::make_shared<const network::Traces>(std::move(*source.traces));
    }
    return workload;
  };
}

}  // namespace togglewise::cli
