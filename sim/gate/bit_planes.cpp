#include "sim/gate/bit_planes.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace togglewise::gate {
namespace {

// Bits first … first+count−1 of 512 bytes, one plane each: bit j of `planes[k]` is bit first+k of
// byte j.
#if defined(__SSE2__)
void split_bits(const std::uint8_t* bytes, int count, std::uint64_t* const* planes) {
  for (int group = 0; group < 32; ++group) {
    __m128i x = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes) + group);
    std::uint16_t masks[8];
    for (int bit = 7; bit >= 0; --bit) {
      masks[bit] = static_cast<std::uint16_t>(_mm_movemask_epi8(x));
      x = _mm_add_epi8(x, x);
    }
    for (int bit = 0; bit < count; ++bit) {
      std::memcpy(reinterpret_cast<char*>(planes[bit]) + 2 * group, masks + bit, 2);
    }
  }
}
#else
void split_bits(const std::uint8_t* bytes, int count, std::uint64_t* const* planes) {
  for (int bit = 0; bit < count; ++bit) {
    for (int word = 0; word < 8; ++word) {
      std::uint64_t sum = 0;
      for (int i = 0; i < 64; ++i) {
        sum |= static_cast<std::uint64_t>((bytes[64 * word + i] >> bit) & 1) << i;
      }
      planes[bit][word] = sum;
    }
  }
}
#endif

std::size_t divided_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace

BitPlanes::BitPlanes(int bits, std::size_t cycles, TimeOrder order) {
  reshape(bits, cycles, order);  // new lines are zero
}

BitPlanes BitPlanes::constant(std::int32_t value, std::size_t cycles, int bits, TimeOrder order) {
  BitPlanes planes(bits, cycles, order);
  for (int bit = 0; bit < bits; ++bit) {
    if ((static_cast<std::uint32_t>(value) >> bit & 1U) == 0) continue;
    std::fill_n(planes.plane(bit), planes.blocks() * kBlockWords, ~std::uint64_t{0});
  }
  return planes;
}

void BitPlanes::reshape(int bits, std::size_t cycles, TimeOrder order) {
  if (bits == bits_ && cycles == cycles_ && order == order_) return;
  bits_ = bits;
  cycles_ = cycles;
  order_ = order;
  if (cycles == 0) {
    blocks_ = chunk_blocks_ = chunk_step_ = 0;
  } else if (order == TimeOrder::consecutive) {
    chunk_blocks_ = 1;
    chunk_step_ = kBlockCycles;
    blocks_ = divided_up(cycles, kBlockCycles);
  } else {
    const std::size_t chunks =
        std::max<std::size_t>(1, divided_up(cycles - 1, kBlockCycles * kChunkBlocks - 1));
    chunk_step_ = divided_up(cycles - 1, chunks);
    chunk_blocks_ = divided_up(chunk_step_ + 1, kBlockCycles);
    blocks_ = chunks * chunk_blocks_;
  }
  lines_.resize(static_cast<std::size_t>(bits) * blocks_);
}

std::size_t BitPlanes::cycle_at(std::size_t chunk, std::size_t block, std::size_t bit) const {
  const std::size_t in_chunk = std::min(bit * chunk_blocks_ + block, chunk_step_);
  return std::min(chunk * chunk_step_ + in_chunk, cycles_ - 1);
}

template <typename Value>
void BitPlanes::fill(const Value* values) {
  alignas(16) std::array<std::uint8_t, kBlockCycles> bytes{};
  std::array<Value, kBlockCycles * kChunkBlocks> padded{};
  for (std::size_t chunk = 0; chunk < chunks(); ++chunk) {
    const std::size_t first = std::min(chunk * chunk_step_, cycles_ - 1);
    const std::size_t size = chunk_blocks_ * kBlockCycles;
    const std::size_t shared = order_ == TimeOrder::interleaved ? 1 : 0;
    const std::size_t given = std::min({size, chunk_step_ + shared, cycles_ - first});
    std::copy(values + first, values + first + given, padded.data());
    std::fill(padded.data() + given, padded.data() + size, padded[given - 1]);
    for (std::size_t block = 0; block < chunk_blocks_; ++block) {
      for (int low_bit = 0; low_bit < bits_; low_bit += 8) {
        for (std::size_t j = 0; j < kBlockCycles; ++j) {
          bytes[j] = static_cast<std::uint8_t>(padded[j * chunk_blocks_ + block] >> low_bit);
        }
        std::uint64_t* planes[8] = {};
        const int count = std::min(8, bits_ - low_bit);
        for (int bit = 0; bit < count; ++bit) {
          planes[bit] = plane(low_bit + bit) + (chunk * chunk_blocks_ + block) * kBlockWords;
        }
        split_bits(bytes.data(), count, planes);
      }
    }
  }
}

BitPlanes BitPlanes::from_int8(const std::int8_t* values, std::size_t cycles, int bits,
                               TimeOrder order) {
  BitPlanes result;
  result.reshape(bits, cycles, order);
  result.fill(values);
  return result;
}

BitPlanes BitPlanes::from_int32(const std::int32_t* values, std::size_t cycles, int bits,
                                TimeOrder order) {
  BitPlanes result;
  result.reshape(bits, cycles, order);
  result.fill(values);
  return result;
}

std::vector<std::int32_t> BitPlanes::to_int32() const {
  std::vector<std::int32_t> values(cycles_, 0);
  if (bits_ == 0) return values;
  const std::uint32_t sign_extension = bits_ >= 32 ? 0U : ~0U << bits_;
  for (std::size_t block = 0; block < blocks_; ++block) {
    for (std::size_t j = 0; j < kBlockCycles; ++j) {
      std::uint32_t value = 0;
      for (int bit = 0; bit < bits_; ++bit) {
        const std::uint64_t word = plane(bit)[block * kBlockWords + j / 64];
        value |= static_cast<std::uint32_t>((word >> (j % 64)) & 1U) << bit;
      }
      if (((value >> (bits_ - 1)) & 1U) != 0) value |= sign_extension;
      values[cycle_at(block / chunk_blocks_, block % chunk_blocks_, j)] =
          static_cast<std::int32_t>(value);
    }
  }
  return values;
}

BitPlanes BitPlanes::in_order(TimeOrder order) const {
  return order == order_ ? *this : from_int32(to_int32(), bits_, order);
}

bool BitPlanes::ends_as_it_begins() const {
  for (int bit = 0; bit < bits_ && cycles_ > 0; ++bit) {
    // The last bit of the last block is the last cycle, or repeats it.
    const std::uint64_t* words = plane(bit);
    if ((words[0] & 1U) != words[blocks_ * kBlockWords - 1] >> 63) return false;
  }
  return true;
}

}  // namespace togglewise::gate
