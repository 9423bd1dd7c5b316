#include "sim/energy/statistics_kernels.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/energy/statistics_kernels.cpp"
#ifndef HWY_WANT_AVX3_DL
#define HWY_WANT_AVX3_DL  // the AVX-512 population count
#endif
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/array/vnni_target.h"
#include "sim/energy/table_vectors-inl.h"

HWY_BEFORE_NAMESPACE();
#if TOGGLEWISE_WITH_VNNI
HWY_PUSH_ATTRIBUTES("avx512vnni")
#endif
namespace togglewise::energy::HWY_NAMESPACE {

// Sums that stay in registers.
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t kSums = 16;
#else
constexpr std::size_t kSums = 8;
#endif

HWY_INLINE V32 LoadCellPair(const std::int16_t* values) {
#if HWY_TARGET == HWY_SCALAR
  std::int32_t pair;
  hwy::CopyBytes<4>(values, &pair);
  return hn::Set(D32(), pair);
#else
  return hn::BitCast(D32(), hn::LoadU(D16(), values));
#endif
}

void AddCountedCells(const std::int16_t* plane, const std::uint32_t* pair,
                     const std::uint32_t* count, std::size_t size, std::int32_t* sums) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t w = 0; w < kWeightValues; w += kSums * lanes) {
    V32 sum[kSums];
    for (std::size_t j = 0; j < kSums; ++j) sum[j] = hn::LoadU(d, sums + w + j * lanes);
    for (std::size_t i = 0; i < size; ++i) {
      const std::int16_t* row = plane + (std::size_t{pair[i]} * kWeightValues + w) * 2;
      const V32 times = hn::Set(d, static_cast<std::int32_t>(count[i]));
      for (std::size_t j = 0; j < kSums; ++j) {
        sum[j] = AddProducts(sum[j], LoadCellPair(row + j * lanes * 2), times);
      }
    }
    for (std::size_t j = 0; j < kSums; ++j) hn::StoreU(sum[j], d, sums + w + j * lanes);
  }
}

void AddSamples(const CodeRecipe& recipe, const CellMajorTable& table, const PeSamples& samples,
                std::int64_t* sums) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t step = HWY_MIN(lanes, kBlockWeights);
  const CodeVectors out(recipe, recipe.mask);
  for (std::size_t w = 0; w < kWeightValues; w += step) {
    const std::int32_t* block =
        table.by_block.data() + w / kBlockWeights * table.cells * kBlockWeights;
    // Their high halves do not count.
    const V32 weights =
        hn::And(hn::Iota(d, static_cast<std::int32_t>(w) - 128), hn::Set(d, 0xFFFF));
    const V32 in_block = hn::Iota(d, static_cast<std::int32_t>(w % kBlockWeights));
    ExactSum sum;
    for (std::size_t i = 0; i < samples.cell.size(); ++i) {
      const V32 p0 = AddProducts(hn::Set(d, samples.p0[i]), hn::Set(d, samples.a0[i]), weights);
      const V32 p1 = AddProducts(hn::Set(d, samples.p1[i]), hn::Set(d, samples.a1[i]), weights);
      const Boundary leaving(out.mask, out.zeros_apart, p0, p1);
      const V32 cell = hn::Add(hn::Set(d, samples.cell[i]), leaving.Code(out));
      sum.Add(hn::GatherIndex(d, block, hn::Add(hn::ShiftLeft<4>(cell), in_block)));
    }
    sum.AddLanesTo(sums + w);
  }
}

}  // namespace togglewise::energy::HWY_NAMESPACE
#if TOGGLEWISE_WITH_VNNI
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::energy {

HWY_EXPORT(AddCountedCells);
HWY_EXPORT(AddSamples);

void add_counted_cells(const std::int16_t* plane, const CellCounts& counts, std::size_t begin,
                       std::size_t end, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(AddCountedCells)
  (plane, counts.pair.data() + begin, counts.count.data() + begin, end - begin, sums);
}

void add_samples(const CodeRecipe& out, const CellMajorTable& table, const PeSamples& samples,
                 std::int64_t* sums) {
  HWY_DYNAMIC_DISPATCH(AddSamples)(out, table, samples, sums);
}

}  // namespace togglewise::energy
#endif
