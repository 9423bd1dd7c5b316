// A folder with everything the program needs for a small run: the trained LeNet-5 of tests/data, a
// few random images as idx files, a workload, a 16×16 array, operand traces.
#pragma once

#include <string>
#include <vector>

#include "sim/base/command.h"
#include "sim/base/files.h"
#include "sim/base/random.h"
#include "sim/graph/onnx_import.h"
#include "sim/network/traces.h"

namespace togglewise {

inline std::string idx_header(unsigned kind, const std::vector<unsigned>& sizes) {
  std::string bytes{0, 0, 8, static_cast<char>(kind)};
  for (const unsigned size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>((size >> shift) & 0xFFU));
    }
  }
  return bytes;
}

class SmallRun {
 public:
  static constexpr unsigned kImages = 6;

  SmallRun() {
    Random random(17);
    std::string images = idx_header(3, {kImages, 28, 28});
    std::string labels = idx_header(1, {kImages});
    for (unsigned i = 0; i < kImages; ++i) {
      labels.push_back(static_cast<char>(i));
      int value = 0;
      for (int p = 0; p < 28 * 28; ++p) {
        value = std::max(-80, std::min(255, value + random.between(-60, 60)));
        images.push_back(static_cast<char>(std::max(0, value)));
      }
    }
    write("images.idx", images);
    write("labels.idx", labels);
    write("workload.yaml", workload_text("images.idx"));
    write("hw.yaml", hardware_text("/usr/share/qflow/tech/osu018/osu018_stdcells.lib", 16, 8));
  }

  static std::string workload_text(const std::string& images) {
    return "name: small\nmodel:\n  architecture: lenet5\ndataset:\n  format: idx\n"
           "  train_images: " +
           images +
           "\n  train_labels: labels.idx\n"
           "  test_images: " +
           images +
           "\n  test_labels: labels.idx\n"
           "  classes: [a, b, c, d, e, f, g, h, i, j]\n  holdout_images: 2\n";
  }

  static std::string hardware_text(const std::string& liberty, int rows, int weight_bits) {
    const std::string rtl = std::string(TOGGLEWISE_SOURCE_DIR) + "/rtl/";
    return "name: small\narray:\n  rows: " + std::to_string(rows) +
           "\n  columns: 16\n  weight_bits: " + std::to_string(weight_bits) +
           "\nclock_period_ps: 8000\nmac:\n  rtl: [" + rtl + "multiplier.sv, " + rtl +
           "adder.sv, " + rtl + "mac.sv]\n  top: mac\ntechnology:\n  liberty: " + liberty + "\n";
  }

  // Traces of the first images, as `train` would write them.
  void write_traces() const {
    const network::QuantizedNetwork network = graph::read_onnx(model());
    const network::Dataset dataset = network::read_idx(file("images.idx"), file("labels.idx"), "");
    network::write_traces(
        network::trace_network(network, dataset, {0, 1, 2, 3}, "random images", 1),
        file("traces.h5"));
  }

  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    write_file_atomically(folder_.path() / name, text);
  }
  static std::string model() {
    return std::string(TOGGLEWISE_SOURCE_DIR) + "/tests/data/lenet5_fashion_mnist.onnx";
  }
  static std::string program() { return std::string(TOGGLEWISE_BINARY_DIR) + "/bin/togglewise"; }

  CommandResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program());
    return run_command(arguments, folder_.path());
  }

 private:
  TemporaryDirectory folder_;
};

}  // namespace togglewise
