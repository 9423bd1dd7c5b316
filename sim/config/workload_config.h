// workloads/*.yaml → typed struct. Example: workloads/lenet5_fashion_mnist.yaml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace togglewise::config {

struct WorkloadConfig {
  std::filesystem::path file;
  std::string text_hash;
  std::string name;

  // Images streamed through a tile each time its weights are loaded.
  int batch_size = 1;

  // One of the two.
  struct Model {
    std::string architecture = "lenet5";  // a network to train; "" when there is a file
    std::filesystem::path file;           // an int8 ONNX network
  } model;

  struct Dataset {
    // idx: files (optionally .gz) as MNIST and Fashion-MNIST ship them. cifar10, cifar100: the
    // binary version's files, all in `directory`.
    std::string format = "idx";
    std::filesystem::path train_images, train_labels, test_images, test_labels;
    std::filesystem::path directory;
    std::string package;  // Debian package for the hint when files are missing; may be ""
    std::vector<std::string> classes;  // for CIFAR the published names, where none are given
    // The last `holdout_images` of a seeded shuffle of the training set are never trained on: the
    // accuracy limit of compression is measured on them.
    int holdout_images = 5000;
  } dataset;

  struct Training {
    int epochs = 10;
    int quantization_epochs = 3;  // the last of `epochs`, with fake quantization
    int batch_size = 128;
    int gradient_shards = 4;  // fixed, so that results do not depend on the number of threads
    double learning_rate = 0.1;
    double momentum = 0.9;
    double weight_decay = 1e-4;
  } training;

  struct Compression {
    int epochs = 3;  // per trial of the global multiplier
    int trials = 5;  // trials of the bisection over the global multiplier
    double learning_rate = 0.03;
    double distillation_temperature = 2.0;
    int largest_set = 0;  // upper limit of permitted values per layer, 0 = none
  } compression;

  struct Calibration {
    int images = 16;  // training images whose operand streams become the traces
  } calibration;
};

WorkloadConfig read_workload_config(const std::filesystem::path& file);

// The names of CIFAR's classes in the order of their labels: `format` is cifar10 or cifar100 (its
// fine labels).
std::vector<std::string> cifar_class_names(const std::string& format);

}  // namespace togglewise::config
