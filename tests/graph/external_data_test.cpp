// Weights in a file beside the model.
#include "sim/base/files.h"
#include "sim/graph/onnx_import.h"
#include "tests/config/expect_error.h"
#include "tests/graph/graph_builder.h"

namespace togglewise::graph {
namespace {

class ExternalData : public testing::Test {
 protected:
  ExternalData() {
    builder.classify(builder.input({2, 2, 2}), 8);
    inside = std::get<FloatNetwork>(import_onnx(builder.bytes(), "inside.onnx"));
    onnx::TensorProto& weights = tensor();
    write_file_atomically(folder.path() / "weights.bin", "skip" + weights.raw_data() + "rest");
    weights.clear_raw_data();
    weights.set_data_location(onnx::TensorProto_DataLocation_EXTERNAL);
    set("location", "weights.bin");
    set("offset", "4");
    set("length", "96");
  }

  onnx::TensorProto& tensor() { return *builder.graph().mutable_initializer(0); }
  void set(const std::string& key, const std::string& value) {
    for (onnx::StringStringEntryProto& entry : *tensor().mutable_external_data()) {
      if (entry.key() == key) return entry.set_value(value);
    }
    onnx::StringStringEntryProto& entry = *tensor().add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  FloatNetwork import() {
    write_file_atomically(folder.path() / "model.onnx", builder.bytes());
    return std::get<FloatNetwork>(import_onnx(folder.path() / "model.onnx"));
  }
  void expect_refused(const std::string& key, const std::string& value, const std::string& word) {
    set(key, value);
    expect_error([&] { import(); }, {"TW-ONNX-006", {"model.onnx", "'constant", word}});
  }

  TemporaryDirectory folder;
  GraphBuilder builder;
  FloatNetwork inside;
};

TEST_F(ExternalData, BesideTheModel_IsRead) {
  EXPECT_EQ(import().parameters.back().weights, inside.parameters.back().weights);
}

TEST_F(ExternalData, BeyondTheFile_IsRefused) { expect_refused("offset", "9", "from byte 9 of"); }

TEST_F(ExternalData, OfAnotherLength_IsRefused) { expect_refused("length", "92", "(length 92)"); }

TEST_F(ExternalData, WithOffsetsThatAreNoNumbers_IsRefused) {
  expect_refused("offset", "-4", "offset '-4'");
  expect_refused("offset", "99999999999999999999999", "offset '9");
}

TEST_F(ExternalData, OutsideTheFolder_IsRefused) {
  expect_refused("location", "../weights.bin", "in '../weights.bin'");
  expect_refused("location", "/etc/passwd", "in '/etc/passwd'");
  expect_refused("location", "", "in ''");
  expect_refused("location", "nowhere.bin", "cannot be read");
}

TEST_F(ExternalData, OfAModelFromMemory_IsRefused) {
  expect_error([&] { import_onnx(builder.bytes(), "memory"); },
               {"TW-ONNX-006", {"memory", "not read from a file"}});
}

}  // namespace
}  // namespace togglewise::graph
