// Networks compared field by field, so that a difference is named.
#pragma once

#include <gtest/gtest.h>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

inline void expect_equal(const GemmLayer& a, const GemmLayer& b) {
  SCOPED_TRACE(a.name);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.fully_connected, b.fully_connected);
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_EQ(a.kernel_height, b.kernel_height);
  EXPECT_EQ(a.kernel_width, b.kernel_width);
  EXPECT_EQ(a.stride, b.stride);
  EXPECT_EQ(a.padding, b.padding);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.bias, b.bias);
  EXPECT_EQ(a.weight_scale, b.weight_scale);
  EXPECT_EQ(a.input_scale, b.input_scale);
  EXPECT_EQ(a.output_scale, b.output_scale);
  EXPECT_EQ(a.relu, b.relu);
  EXPECT_EQ(a.permitted_values, b.permitted_values);
}

inline void expect_equal(const MaxPool& a, const MaxPool& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_EQ(a.kernel, b.kernel);
  EXPECT_EQ(a.stride, b.stride);
}

inline void expect_equal(const Flatten& a, const Flatten& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_TRUE(a.input == b.input);
}

inline void expect_equal(const QuantizedNetwork& a, const QuantizedNetwork& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_TRUE(a.input == b.input);
  EXPECT_EQ(a.input_scale, b.input_scale);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    ASSERT_EQ(a.nodes[i].index(), b.nodes[i].index()) << "node " << i;
    std::visit(
        [&](const auto& node) {
          expect_equal(node, std::get<std::decay_t<decltype(node)>>(b.nodes[i]));
        },
        a.nodes[i]);
  }
}

}  // namespace togglewise::network
