// The graphs that fuzzing starts from are ones that are imported as a whole.
#include "sim/graph/import_summary.h"
#include "tests/config/expect_error.h"

namespace togglewise::graph {
namespace {

TEST(ImportCorpus, Seeds_AreImported) {
  const std::string folder = std::string(TOGGLEWISE_SOURCE_DIR) + "/tests/data/onnx/";
  const ImportedNetwork real = import_onnx(folder + "float_residual.onnx");
  EXPECT_EQ(geometry(real).gemm_layers().size(), 3U);
  EXPECT_EQ(geometry(real).normalization.deviation.size(), 2U);
  const ImportedNetwork whole = import_onnx(folder + "int8_channels_last.onnx");
  ASSERT_TRUE(std::holds_alternative<network::QuantizedNetwork>(whole));
  EXPECT_EQ(geometry(whole).classes, 4);
  EXPECT_THAT(import_summary(whole), testing::HasSubstr("fully connected"));
}

}  // namespace
}  // namespace togglewise::graph
