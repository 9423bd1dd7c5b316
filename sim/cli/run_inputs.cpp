#include "sim/cli/run_inputs.h"

#include <numeric>

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/hash.h"
#include "sim/graph/onnx_import.h"

namespace togglewise::cli {

LoadedModel load_model(const std::filesystem::path& file, const config::HardwareConfig& hardware) {
  LoadedModel model;
  model.network = graph::read_onnx(file);
  network::check_network(model.network, hardware.array.weight_bits, file.string());
  model.identity = {model.network.name, file.string(), hash_bytes(read_file(file))};
  return model;
}

std::filesystem::path path_from_model(const std::filesystem::path& given, const LoadedModel& model,
                                      const std::string& key, const std::string& option) {
  if (!given.empty()) return given;
  const auto entry = model.network.metadata.find(key);
  const std::string recorded = entry == model.network.metadata.end() ? "" : entry->second;
  if (!recorded.empty()) {
    if (std::filesystem::exists(recorded)) return recorded;
    const std::filesystem::path beside =
        std::filesystem::path(model.identity.file).parent_path() / recorded;
    if (std::filesystem::exists(beside)) return beside;
  }
  throw Error::input(
      "TW-CLI-003",
      recorded.empty()
          ? fmt::format("the model's metadata has no '{}'", key)
          : fmt::format("'{}', which the model's metadata names, is not here", recorded))
      .at(model.identity.file)
      .expected(fmt::format("the file to be given with {}", option));
}

TestImages first_test_images(const config::WorkloadConfig& workload, int count) {
  TestImages images;
  images.dataset = network::read_test_set(workload);
  if (static_cast<std::size_t>(count) > images.dataset.size()) {
    throw Error::input("TW-CLI-004", fmt::format("--images asks for {} images", count))
        .at(workload.file.string())
        .expected(fmt::format("1 to {}, the size of the test set", images.dataset.size()));
  }
  images.indices.resize(static_cast<std::size_t>(count));
  std::iota(images.indices.begin(), images.indices.end(), std::size_t{0});
  images.workload = workload.name;
  images.source = fmt::format("test images 0..{} of {}", count - 1, workload.name);
  return images;
}

}  // namespace togglewise::cli
