#include "sim/graph/operators.h"

#include <map>

namespace togglewise::graph {

OperatorImport find_operator(const std::string& type) {
  static const std::map<std::string, OperatorImport> table = {
      {"Conv", import_convolution},
      {"Gemm", import_gemm},
      {"MatMul", import_matrix_product},
      {"Add", import_arithmetic},
      {"Sub", import_arithmetic},
      {"Mul", import_arithmetic},
      {"Div", import_arithmetic},
      {"BatchNormalization", import_batch_normalization},
      {"Relu", import_relu},
      {"Clip", import_clip},
      {"MaxPool", import_max_pool},
      {"AveragePool", import_average_pool},
      {"GlobalAveragePool", import_global_average_pool},
      {"ReduceMean", import_reduce_mean},
      {"Flatten", import_flatten},
      {"Reshape", import_reshape},
      {"Squeeze", import_squeeze},
      {"Unsqueeze", import_unsqueeze},
      {"Transpose", import_transpose},
      {"Slice", import_slice},
      {"Pad", import_pad},
      {"Concat", import_concat},
      {"Shape", import_shape},
      {"Size", import_shape},
      {"Identity", import_identity},
      {"Dropout", import_dropout},
      {"Softmax", import_softmax},
      {"Cast", import_cast},
      {"QuantizeLinear", import_quantize_linear},
      {"DequantizeLinear", import_dequantize_linear},
  };
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace togglewise::graph
