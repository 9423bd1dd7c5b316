// A small workload with a model that was trained for it.
#pragma once

#include <filesystem>
#include <string>

#include "compress/run/compress_run.h"
#include "compress/run/train_run.h"
#include "compress/select/make_method.h"
#include "sim/base/files.h"
#include "tests/compress/small_workload.h"

namespace togglewise::compress::test {

struct Trained {
  TemporaryDirectory folder;
  std::filesystem::path workload;
  std::filesystem::path model;

  explicit Trained(SmallWorkload small = {}) {
    workload = small.write(folder.path());
    TrainOptions options;
    options.workload = workload;
    options.out = folder.path() / "dense";
    options.threads = 2;
    run_train(options, Reporter{});
    model = options.out / model_file;
  }

  // Without a limit to speak of; results go into the folder `out`.
  CompressOptions options(const std::string& out, double max_accuracy_drop = 100.0) const {
    CompressOptions options;
    options.workload = workload;
    options.files.model = model;
    options.out = folder.path() / out;
    options.max_accuracy_drops = {max_accuracy_drop};
    options.method = make_method(method_names().front());
    options.threads = 2;
    return options;
  }
};

}  // namespace togglewise::compress::test
