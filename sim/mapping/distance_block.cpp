#include "sim/mapping/distance_block.h"

#include <array>
#include <cstdint>

#include "sim/mapping/coded_layer.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/mapping/distance_block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace togglewise::mapping::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::CappedTag<float, kBlockNodes>;
using Indices = hn::RebindToSigned<Floats>;

// What a row adds to a node's distances to the block's nodes depends on the node's code alone: one
// line of kBlockNodes costs for each that occurs.
void ExpandCosts(const CodedLayer& layer, std::size_t image, std::size_t row,
                 const std::uint8_t* block, float* lines) {
  const float* table = layer.table_of(row);
  const std::size_t values = layer.rows[row].values;
  const Floats f;
  const Indices i;
  std::array<std::int32_t, kBlockNodes> codes{};
  for (std::size_t j = 0; j < kBlockNodes; ++j) codes[j] = block[j];
  for (std::size_t j = 0; j < kBlockNodes; j += hn::Lanes(f)) {
    const auto index = hn::LoadU(i, codes.data() + j);
    for (const std::size_t code : layer.occurring_in(image, row)) {
      hn::StoreU(hn::GatherIndex(f, table + code * values, index), f,
                 lines + code * kBlockNodes + j);
    }
  }
}

// Several rows at once, so that a sum is seldom loaded and stored.
template <std::size_t kRows>
void AddLines(const std::uint8_t* const* codes, const float* const* lines, std::size_t nodes,
              float* to) {
  const Floats f;
  for (std::size_t m = 0; m < nodes; ++m, to += kBlockNodes) {
    for (std::size_t j = 0; j < kBlockNodes; j += hn::Lanes(f)) {
      auto sum = hn::LoadU(f, to + j);
      for (std::size_t r = 0; r < kRows; ++r) {
        sum = hn::Add(sum, hn::LoadU(f, lines[r] + codes[r][m] * kBlockNodes + j));
      }
      hn::StoreU(sum, f, to + j);
    }
  }
}

void DistanceBlock(const CodedLayer& layer, std::size_t begin, float* to) {
  constexpr std::size_t kRows = 4;
  constexpr std::size_t kMostValues = 256;
  std::vector<float> buffer(kRows * kMostValues * kBlockNodes);
  const std::size_t nodes = layer.nodes - begin;
  for (std::size_t image = 0; image < layer.images; ++image) {
    std::array<const std::uint8_t*, kRows> codes{};
    std::array<const float*, kRows> lines{};
    std::size_t held = 0;
    for (std::size_t r = 0; r < layer.rows.size(); ++r) {
      float* expanded = buffer.data() + held * kMostValues * kBlockNodes;
      codes[held] = layer.codes_of(image, r) + begin;
      lines[held] = expanded;
      ExpandCosts(layer, image, r, codes[held], expanded);
      if (++held < kRows) continue;
      AddLines<kRows>(codes.data(), lines.data(), nodes, to);
      held = 0;
    }
    for (std::size_t r = 0; r < held; ++r) AddLines<1>(&codes[r], &lines[r], nodes, to);
  }
}

}  // namespace togglewise::mapping::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::mapping {

HWY_EXPORT(DistanceBlock);

std::vector<float> distance_block(const CodedLayer& layer, std::size_t begin) {
  std::vector<float> to((layer.nodes - begin) * kBlockNodes, 0.0F);
  HWY_DYNAMIC_DISPATCH(DistanceBlock)(layer, begin, to.data());
  return to;
}

std::vector<float> distance_block_reference(const CodedLayer& layer, std::size_t begin) {
  std::vector<float> to((layer.nodes - begin) * kBlockNodes, 0.0F);
  for (std::size_t m = begin; m < layer.nodes; ++m) {
    for (std::size_t j = 0; j < kBlockNodes; ++j) {
      float& sum = to[(m - begin) * kBlockNodes + j];
      for (std::size_t image = 0; image < layer.images; ++image) {
        for (std::size_t r = 0; r < layer.rows.size(); ++r) {
          const std::uint8_t* codes = layer.codes_of(image, r);
          sum += layer.table_of(r)[codes[m] * layer.rows[r].values + codes[begin + j]];
        }
      }
    }
  }
  return to;
}

}  // namespace togglewise::mapping
#endif
