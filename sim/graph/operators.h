// The operators of ONNX that become operations of a network, by what they do.
#pragma once

#include "sim/graph/graph_import.h"

namespace togglewise::graph {

// import_layers.cpp: convolutions and fully connected layers
void import_convolution(GraphImport& graph, const OnnxNode& node);
void import_gemm(GraphImport& graph, const OnnxNode& node);
void import_matrix_product(GraphImport& graph, const OnnxNode& node);

// import_elementwise.cpp: what is folded into a layer, into the input's normalization, or is an Add
void import_arithmetic(GraphImport& graph, const OnnxNode& node);  // Add, Sub, Mul, Div
void import_batch_normalization(GraphImport& graph, const OnnxNode& node);
void import_relu(GraphImport& graph, const OnnxNode& node);
void import_clip(GraphImport& graph, const OnnxNode& node);

// import_pooling.cpp
void import_max_pool(GraphImport& graph, const OnnxNode& node);
void import_average_pool(GraphImport& graph, const OnnxNode& node);
void import_global_average_pool(GraphImport& graph, const OnnxNode& node);
void import_reduce_mean(GraphImport& graph, const OnnxNode& node);

// import_shapes.cpp
void import_flatten(GraphImport& graph, const OnnxNode& node);
void import_reshape(GraphImport& graph, const OnnxNode& node);
void import_squeeze(GraphImport& graph, const OnnxNode& node);
void import_unsqueeze(GraphImport& graph, const OnnxNode& node);
void import_transpose(GraphImport& graph, const OnnxNode& node);
void import_slice(GraphImport& graph, const OnnxNode& node);
void import_pad(GraphImport& graph, const OnnxNode& node);
void import_concat(GraphImport& graph, const OnnxNode& node);
void import_shape(GraphImport& graph, const OnnxNode& node);  // Shape, Size
void import_identity(GraphImport& graph, const OnnxNode& node);
void import_dropout(GraphImport& graph, const OnnxNode& node);
void import_softmax(GraphImport& graph, const OnnxNode& node);
void import_cast(GraphImport& graph, const OnnxNode& node);

// import_quantization.cpp
void import_quantize_linear(GraphImport& graph, const OnnxNode& node);
void import_dequantize_linear(GraphImport& graph, const OnnxNode& node);

}  // namespace togglewise::graph
