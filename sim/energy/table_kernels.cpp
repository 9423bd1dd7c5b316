#include "sim/energy/table_kernels.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/energy/table_kernels.cpp"
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

void AddProductsOfRow(const std::int8_t* a, int weight, std::size_t count, std::int32_t* p) {
  const hn::Rebind<std::int8_t, D32> d8;
  const std::size_t lanes = hn::Lanes(D32());
  const V32 factor = hn::Set(D32(), weight & 0xFFFF);  // high halves of the values do not count
  std::size_t t = 0;
  for (; t + lanes <= count; t += lanes) {
    const V32 values = hn::PromoteTo(D32(), hn::LoadU(d8, a + t));
    hn::StoreU(AddProducts(hn::LoadU(D32(), p + t), values, factor), D32(), p + t);
  }
  for (; t < count; ++t) p[t] += weight * a[t];
}

HWY_INLINE V32 LoadCells(const std::uint32_t* cell) {
  return hn::BitCast(D32(), hn::LoadU(DU32(), cell));
}
HWY_INLINE V32 LoadCodes(const std::uint16_t* code) {
  const hn::Rebind<std::uint16_t, D32> d16;
  return hn::PromoteTo(D32(), hn::LoadU(d16, code));
}

// One vector of look_up_and_advance: the cells, and the next codes stored.
template <bool kOut>
HWY_INLINE V32 Advance(const CodeVectors& in, const CodeVectors& out, const std::uint32_t* cell,
                       const std::int32_t* p, std::uint16_t* code) {
  const hn::Rebind<std::uint16_t, D32> d16;
  const Boundary boundary(in.mask, in.zeros_apart || out.zeros_apart, hn::LoadU(D32(), p),
                          hn::LoadU(D32(), p + 1));
  V32 index = hn::Add(LoadCells(cell), LoadCodes(code));
  if (kOut) index = hn::Add(index, boundary.Code(out));
  hn::StoreU(hn::DemoteTo(d16, boundary.Code(in)), d16, code);
  return index;
}

template <bool kOut>
HWY_INLINE std::int64_t RunLookups(const BoundaryRecipes& recipes, const std::int32_t* table,
                                   const std::uint32_t* cell, const std::int32_t* p,
                                   std::size_t count, std::uint16_t* code) {
  const std::uint32_t mask = recipes.in.distance_factor != 0 ? recipes.in.mask : recipes.out.mask;
  const CodeVectors in(recipes.in, mask);
  const CodeVectors out(recipes.out, mask);
  const std::size_t lanes = hn::Lanes(D32());
  ExactSum sum;
  std::size_t t = 0;
  for (; t + lanes <= count; t += lanes) {
    const V32 index = Advance<kOut>(in, out, cell + t, p + t, code + t);
    sum.Add(hn::GatherIndex(D32(), table, index));
  }
  if (t < count) {
    const auto valid = hn::FirstN(D32(), count - t);
    const V32 index = Advance<kOut>(in, out, cell + t, p + t, code + t);
    const V32 found = hn::GatherIndex(D32(), table, hn::IfThenElseZero(valid, index));
    sum.Add(hn::IfThenElseZero(valid, found));
  }
  return sum.Total();
}

std::int64_t LookUpAndAdvance(const BoundaryRecipes& recipes, const std::int32_t* table,
                              const std::uint32_t* cell, const std::int32_t* p, std::size_t count,
                              std::uint16_t* code) {
  return recipes.out.is_zero() ? RunLookups<false>(recipes, table, cell, p, count, code)
                               : RunLookups<true>(recipes, table, cell, p, count, code);
}

std::int64_t LookUp(const std::int32_t* table, const std::uint32_t* cell, const std::uint16_t* in,
                    const std::uint16_t* out, std::size_t count) {
  const std::size_t lanes = hn::Lanes(D32());
  const auto index = [&](std::size_t t) {
    return hn::Add(LoadCells(cell + t), hn::Add(LoadCodes(in + t), LoadCodes(out + t)));
  };
  ExactSum sum;
  std::size_t t = 0;
  for (; t + lanes <= count; t += lanes) sum.Add(hn::GatherIndex(D32(), table, index(t)));
  if (t < count) {
    const auto valid = hn::FirstN(D32(), count - t);
    const V32 found = hn::GatherIndex(D32(), table, hn::IfThenElseZero(valid, index(t)));
    sum.Add(hn::IfThenElseZero(valid, found));
  }
  return sum.Total();
}

std::size_t Compact(const std::uint32_t* dense, std::size_t size, std::uint32_t* index,
                    std::uint32_t* value) {
  const DU32 d;
  const std::size_t lanes = hn::Lanes(d);
  const auto zero = hn::Zero(d);
  std::size_t found = 0;
  for (std::size_t i = 0; i < size; i += lanes) {
    const auto values = hn::LoadU(d, dense + i);
    const auto used = hn::Ne(values, zero);
    if (hn::AllFalse(d, used)) continue;
    hn::CompressStore(hn::Iota(d, static_cast<std::uint32_t>(i)), used, d, index + found);
    found += hn::CompressStore(values, used, d, value + found);
  }
  return found;
}

std::int64_t WeightedSum(const std::int32_t* table, const std::uint32_t* cell,
                         const std::uint32_t* count, std::size_t size) {
  std::int64_t total = 0;
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const std::size_t lanes = hn::Lanes(D32());
  auto even = hn::Zero(D64());
  auto odd = hn::Zero(D64());
  for (; i + lanes <= size; i += lanes) {
    const V32 found = hn::GatherIndex(D32(), table, LoadCells(cell + i));
    const V32 times = LoadCells(count + i);
    even = hn::Add(even, hn::MulEven(found, times));
    odd = hn::Add(odd, hn::MulEven(OddLanes(found), OddLanes(times)));
  }
  total = hn::GetLane(hn::SumOfLanes(D64(), hn::Add(even, odd)));
#endif
  for (; i < size; ++i) total += std::int64_t{table[cell[i]]} * count[i];
  return total;
}

}  // namespace togglewise::energy::HWY_NAMESPACE
#if TOGGLEWISE_WITH_VNNI
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace togglewise::energy {

HWY_EXPORT(AddProductsOfRow);
HWY_EXPORT(LookUpAndAdvance);
HWY_EXPORT(LookUp);
HWY_EXPORT(Compact);
HWY_EXPORT(WeightedSum);

void add_products(const std::int8_t* a, int weight, std::size_t count, std::int32_t* p) {
  HWY_DYNAMIC_DISPATCH(AddProductsOfRow)(a, weight, count, p);
}

std::int64_t look_up_and_advance(const BoundaryRecipes& recipes, const std::int32_t* table,
                                 const std::uint32_t* cell, const std::int32_t* p,
                                 std::size_t count, std::uint16_t* code) {
  return HWY_DYNAMIC_DISPATCH(LookUpAndAdvance)(recipes, table, cell, p, count, code);
}

std::int64_t look_up(const std::int32_t* table, const std::uint32_t* cell, const std::uint16_t* in,
                     const std::uint16_t* out, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(LookUp)(table, cell, in, out, count);
}

std::size_t compact(const std::uint32_t* dense, std::size_t size, std::uint32_t* index,
                    std::uint32_t* value) {
  return HWY_DYNAMIC_DISPATCH(Compact)(dense, size, index, value);
}

std::int64_t weighted_sum(const std::int32_t* table, const std::uint32_t* cell,
                          const std::uint32_t* count, std::size_t size) {
  return HWY_DYNAMIC_DISPATCH(WeightedSum)(table, cell, count, size);
}

}  // namespace togglewise::energy
#endif
