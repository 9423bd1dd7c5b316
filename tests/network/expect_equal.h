// Networks compared field by field, so that a difference is named.
#pragma once

#include <algorithm>
#include <type_traits>

#include <gtest/gtest.h>

#include "sim/network/quantized_network.h"

namespace togglewise::network {

inline void expect_equal(const GemmLayer& a, const GemmLayer& b) {
  EXPECT_EQ(a.fully_connected, b.fully_connected);
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_TRUE(a.window == b.window);
  EXPECT_EQ(a.groups, b.groups);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.bias, b.bias);
  EXPECT_EQ(a.weight_scale, b.weight_scale);
  EXPECT_EQ(a.input_scale, b.input_scale);
  EXPECT_EQ(a.output_scale, b.output_scale);
  EXPECT_EQ(a.relu, b.relu);
  EXPECT_EQ(a.high, b.high);
  EXPECT_EQ(a.permitted_values, b.permitted_values);
}

inline void expect_equal(const MaxPool& a, const MaxPool& b) {
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_TRUE(a.window == b.window);
}

inline void expect_equal(const AveragePool& a, const AveragePool& b) {
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_TRUE(a.window == b.window);
  EXPECT_EQ(a.count_padding, b.count_padding);
  EXPECT_EQ(a.input_scale, b.input_scale);
  EXPECT_EQ(a.output_scale, b.output_scale);
}

inline void expect_equal(const Add& a, const Add& b) {
  EXPECT_TRUE(a.output == b.output);
  EXPECT_EQ(a.input_scales[0], b.input_scales[0]);
  EXPECT_EQ(a.input_scales[1], b.input_scales[1]);
  EXPECT_EQ(a.output_scale, b.output_scale);
  EXPECT_EQ(a.relu, b.relu);
  EXPECT_EQ(a.high, b.high);
}

inline void expect_equal(const Concat& a, const Concat& b) {
  EXPECT_TRUE(a.output == b.output);
  EXPECT_TRUE(a.inputs == b.inputs);
  EXPECT_EQ(a.input_scales, b.input_scales);
  EXPECT_EQ(a.output_scale, b.output_scale);
}

inline void expect_equal(const Slice& a, const Slice& b) {
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_TRUE(std::equal(a.begin, a.begin + 3, b.begin));
  EXPECT_TRUE(std::equal(a.step, a.step + 3, b.step));
}

inline void expect_equal(const Pad& a, const Pad& b) {
  EXPECT_TRUE(a.input == b.input);
  EXPECT_TRUE(a.output == b.output);
  EXPECT_TRUE(std::equal(a.before, a.before + 3, b.before));
}

inline void expect_equal(const Clamp& a, const Clamp& b) {
  EXPECT_TRUE(a.output == b.output);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

inline void expect_equal(const Flatten& a, const Flatten& b) { EXPECT_TRUE(a.input == b.input); }

inline void expect_equal(const Node& a, const Node& b) {
  ASSERT_EQ(a.operation.index(), b.operation.index());
  EXPECT_EQ(name_of(a.operation), name_of(b.operation));
  EXPECT_EQ(a.inputs, b.inputs);
  std::visit(
      [&](const auto& operation) {
        expect_equal(operation, std::get<std::decay_t<decltype(operation)>>(b.operation));
      },
      a.operation);
}

inline void expect_equal(const QuantizedNetwork& a, const QuantizedNetwork& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_TRUE(a.input == b.input);
  EXPECT_EQ(a.input_scale, b.input_scale);
  EXPECT_EQ(a.normalization.mean, b.normalization.mean);
  EXPECT_EQ(a.normalization.deviation, b.normalization.deviation);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    SCOPED_TRACE(testing::Message()
                 << "node " << i << " '" << name_of(a.nodes[i].operation) << "'");
    expect_equal(a.nodes[i], b.nodes[i]);
  }
}

}  // namespace togglewise::network
