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
    // The name of a network to train, which `train` knows or not; "" when there is a file.
    std::string architecture = "lenet5";
    std::filesystem::path file;  // an int8 ONNX network
  } model;

  struct Dataset {
    // idx: files (optionally .gz) as MNIST and Fashion-MNIST ship them. cifar10, cifar100: the
    // binary version's files, all in `directory`. folder: an image file per image, in
    // `directory`/train/CLASS and `directory`/test/CLASS.
    std::string format = "idx";
    std::filesystem::path train_images, train_labels, test_images, test_labels;
    std::filesystem::path directory;
    std::string package;  // Debian package for the hint when files are missing; may be ""
    // In the order of their labels. Where none are given: the published names of CIFAR, the sorted
    // names of the class folders (none, while there are no such folders).
    std::vector<std::string> classes;
    // What every image of the format folder must have; 0: what the first one has.
    int image_height = 0;
    int image_width = 0;
    // Of pixels in 0..1, one for each channel, or one for all: what a float network that does not
    // normalize by itself was trained with. Empty: it takes pixels as they are.
    std::vector<float> mean, deviation;
    // The last `holdout_images` of a seeded shuffle of the training set are never trained on: the
    // accuracy limit of compression is measured on them.
    int holdout_images = 5000;
    // Above 0: the limit is measured on so many test images, the first, and the final figure is
    // reported on the others. For networks whose weights have seen the whole training set.
    int limit_test_images = 0;
  } dataset;

  struct Training {
    int epochs = 10;
    int quantization_epochs = 3;  // the last of `epochs`, with fake quantization
    int batch_size = 128;
    int gradient_shards = 4;  // fixed, so that results do not depend on the number of threads
    double learning_rate = 0.1;
    double momentum = 0.9;
    double weight_decay = 1e-4;
    // Drawn anew for every image and epoch.
    struct Augmentation {
      bool flip = false;     // left and right, every other image on average
      int crop_padding = 0;  // pixels on every side, of which a part of the old size is cut
    } augmentation;
    std::string precision = "auto";  // auto, float32, bfloat16
    std::string device = "cpu";      // cpu, cuda
  } training;

  struct Compression {
    int epochs = 3;            // per trial of the global multiplier
    int continued_epochs = 2;  // of trials that go on from a milder one; 0: none does
    int trials = 5;            // trials of the search over the global multiplier
    double learning_rate = 0.03;
    double distillation_temperature = 2.0;
    int activation_bits = 8;  // of what enters a layer's array; less toggles less
    int largest_set = 0;      // upper limit of permitted values per layer, 0 = none
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
