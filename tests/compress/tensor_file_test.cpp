// Checkpoints: what was written is read, and nothing else passes for it.
#include "compress/run/tensor_file.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "compress/run/state_file.h"
#include "sim/base/error.h"
#include "sim/base/files.h"

namespace togglewise::compress {
namespace {

constexpr const char* kind = "togglewise test checkpoint";

TensorFile sample() {
  TensorFile content;
  content.kind = kind;
  content.record = {{"epoch", 3}, {"loss", 0.12345678901234567}};
  content.tensors["weights"] = torch::arange(24, torch::kFloat).reshape({2, 3, 4}) * 0.37;
  content.tensors["bias"] = torch::full({5}, -1.5);
  return content;
}

std::string id_of_reading(const std::filesystem::path& file, const std::string& expected_kind) {
  try {
    read_tensor_file(file, expected_kind);
  } catch (const Error& error) {
    return error.id();
  }
  return "";
}

TEST(TensorFile, Content_IsReadAsItWasWritten) {
  const TemporaryDirectory folder;
  write_tensor_file(sample(), folder.path() / "a.pt");
  const TensorFile read = read_tensor_file(folder.path() / "a.pt", kind);
  EXPECT_EQ(read.record, sample().record);
  ASSERT_EQ(read.tensors.size(), 2U);
  EXPECT_TRUE(read.tensors.at("weights").equal(sample().tensors.at("weights")));
  EXPECT_TRUE(read.tensors.at("bias").equal(sample().tensors.at("bias")));
}

TEST(TensorFile, AnotherKind_IsRefused) {
  const TemporaryDirectory folder;
  write_tensor_file(sample(), folder.path() / "a.pt");
  EXPECT_EQ(id_of_reading(folder.path() / "a.pt", "something else"), "TW-CKPT-001");
}

TEST(TensorFile, CutOffFile_IsRefused_WhereverItEnds) {
  const TemporaryDirectory folder;
  write_tensor_file(sample(), folder.path() / "a.pt");
  const std::string bytes = read_file(folder.path() / "a.pt");
  for (std::size_t part = 0; part < 8; ++part) {
    write_file_atomically(folder.path() / "b.pt", bytes.substr(0, bytes.size() * part / 8));
    EXPECT_EQ(id_of_reading(folder.path() / "b.pt", kind), "TW-CKPT-001") << part;
  }
}

TEST(TensorFile, ChangedTensorByte_IsRefused) {
  const TemporaryDirectory folder;
  const TensorFile content = sample();
  write_tensor_file(content, folder.path() / "a.pt");
  std::string bytes = read_file(folder.path() / "a.pt");
  const std::string needle(
      reinterpret_cast<const char*>(content.tensors.at("weights").data_ptr<float>()), 24 * 4);
  const std::size_t place = bytes.find(needle);
  ASSERT_NE(place, std::string::npos);
  bytes[place + 10] = static_cast<char>(bytes[place + 10] ^ 1);
  write_file_atomically(folder.path() / "b.pt", bytes);
  EXPECT_EQ(id_of_reading(folder.path() / "b.pt", kind), "TW-CKPT-001");
}

TEST(TensorFile, MissingFile_IsRefused) {
  EXPECT_EQ(id_of_reading("/nonexistent/a.pt", kind), "TW-FILE-001");
}

std::string id_of_restoring(const TensorFile& file, TrainingState& state) {
  try {
    restore_state(file, "a.pt", state, nullptr);
  } catch (const Error& error) {
    return error.id();
  }
  return "";
}

TEST(TrainingStateFile, OfAnotherNetwork_IsRefused) {
  const auto state_of = [](std::int64_t channels) {
    TrainingState state;
    state.parameters.weights = {torch::ones({channels, 2, 1, 1})};
    state.parameters.gains = {torch::ones({channels})};
    state.parameters.biases = {torch::zeros({channels})};
    state.statistics = unit_statistics(state.parameters);
    return state;
  };
  TensorFile file;
  add_state(state_of(3), nullptr, file);
  TrainingState same = state_of(3);
  TrainingState other = state_of(4);
  EXPECT_EQ(id_of_restoring(file, same), "");
  EXPECT_EQ(id_of_restoring(file, other), "TW-CKPT-002");
  file.tensors.erase("mean0");
  EXPECT_EQ(id_of_restoring(file, same), "TW-CKPT-002");
}

}  // namespace
}  // namespace togglewise::compress
