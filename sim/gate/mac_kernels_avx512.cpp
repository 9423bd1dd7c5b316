// Compiled with -mavx512f and the bit-algorithm extensions where the compiler has them: one
// instruction evaluates 512 cycles of any three-input cell.
#include "sim/gate/mac_kernels.h"

#if defined(__AVX512F__) && defined(__AVX512VPOPCNTDQ__) && defined(__AVX512VBMI2__)
#include <immintrin.h>

namespace togglewise::gate {
namespace {

enum class Mode { count, plain, spread };

// Bit t of the result: cycle t differs from the cycle before it; only the top word of `before`
// counts.
inline __m512i transitions(__m512i words, __m512i before) {
  const __m512i word_before = _mm512_alignr_epi64(words, before, 7);
  return _mm512_xor_si512(words, _mm512_shldi_epi64(words, word_before, 1));
}

// Collects what `finish` needs from the vectors of one operation, in order of time.
template <ptrdiff_t Vectors, Mode mode>
class Toggles {
 public:
  Toggles(const KernelContext& context, const KernelOperation& operation)
      : context_(context), operation_(operation) {
    if constexpr (mode == Mode::plain) return;
    if (!context.first) before_ = _mm512_set1_epi64(last_word());
  }

  void add(__m512i words, ptrdiff_t index) {
    if constexpr (mode == Mode::plain) return;
    if (index == 0 && context_.first) {
      const auto low = static_cast<uint64_t>(low_word(words));
      const uint64_t first_bit_on_top = low << 63;
      before_ = _mm512_set1_epi64(static_cast<long long>(first_bit_on_top));
    }
    const __m512i changed = transitions(words, before_);
    before_ = words;
    if constexpr (mode == Mode::count) {
      total_ = _mm512_add_epi64(total_, _mm512_popcnt_epi64(changed));
    } else {
      spread(changed, context_.transition_fj + 512 * index);
    }
  }

  void finish() {
    if constexpr (mode == Mode::plain) return;
    if constexpr (mode == Mode::count) {
      context_.counters[operation_.counter] +=
          static_cast<uint64_t>(_mm512_reduce_add_epi64(total_));
    }
    const __m128i top = _mm512_extracti32x4_epi32(before_, 3);
    context_.last_words[operation_.counter] =
        static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(top, top)));
  }

 private:
  static long long low_word(__m512i words) {
    return _mm_cvtsi128_si64(_mm512_castsi512_si128(words));
  }
  long long last_word() const {
    return static_cast<long long>(context_.last_words[operation_.counter]);
  }

  // Eight cycles a byte of the mask.
  void spread(__m512i changed, double* transition_fj) const {
    const __m512d energy = _mm512_set1_pd(context_.energy_fj[operation_.counter]);
    alignas(64) uint8_t masks[64];
    _mm512_store_si512(masks, changed);
    for (ptrdiff_t i = 0; i < 64; ++i) {
      const __m512d sum = _mm512_loadu_pd(transition_fj + 8 * i);
      _mm512_storeu_pd(transition_fj + 8 * i, _mm512_mask_add_pd(sum, masks[i], sum, energy));
    }
  }

  const KernelContext& context_;
  const KernelOperation& operation_;
  __m512i before_ = _mm512_setzero_si512();
  __m512i total_ = _mm512_setzero_si512();
};

template <int Table, ptrdiff_t Vectors, Mode mode>
inline void table_kernel(const KernelContext& context, const KernelOperation& operation) {
  __m512i* slots = reinterpret_cast<__m512i*>(context.slots);
  __m512i* target = slots + operation.target * Vectors;
  const __m512i* a = slots + operation.a * Vectors;
  const __m512i* b = slots + operation.b * Vectors;
  const __m512i* c = slots + operation.c * Vectors;
  Toggles<Vectors, mode> toggles(context, operation);
  for (ptrdiff_t i = 0; i < Vectors; ++i) {
    const __m512i words = _mm512_ternarylogic_epi64(
        _mm512_load_si512(c + i), _mm512_load_si512(b + i), _mm512_load_si512(a + i), Table);
    _mm512_store_si512(target + i, words);
    toggles.add(words, i);
  }
  toggles.finish();
}

template <ptrdiff_t Vectors, Mode mode>
inline void load_kernel(const KernelContext& context, const KernelOperation& operation,
                        const uint64_t* source) {
  __m512i* target = reinterpret_cast<__m512i*>(context.slots) + operation.target * Vectors;
  Toggles<Vectors, mode> toggles(context, operation);
  for (ptrdiff_t i = 0; i < Vectors; ++i) {
    const __m512i words = _mm512_load_si512(source + 8 * i);
    _mm512_store_si512(target + i, words);
    toggles.add(words, i);
  }
  toggles.finish();
}
template <ptrdiff_t Vectors, Mode mode>
inline void load_activation_kernel(const KernelContext& context, const KernelOperation& operation) {
  load_kernel<Vectors, mode>(context, operation, context.activation[operation.plane]);
}
template <ptrdiff_t Vectors, Mode mode>
inline void load_partial_sum_kernel(const KernelContext& context,
                                    const KernelOperation& operation) {
  load_kernel<Vectors, mode>(context, operation, context.partial_sum[operation.plane]);
}

template <ptrdiff_t Vectors, long long Inversion>
inline void store_kernel(const KernelContext& context, const KernelOperation& operation) {
  const __m512i* source = reinterpret_cast<const __m512i*>(context.slots) + operation.a * Vectors;
  uint64_t* target = context.sum[operation.plane];
  for (ptrdiff_t i = 0; i < Vectors; ++i) {
    const __m512i words = _mm512_load_si512(source + i);
    _mm512_store_si512(target + 8 * i, _mm512_xor_si512(words, _mm512_set1_epi64(Inversion)));
  }
}
template <ptrdiff_t Vectors>
inline void store_constant_kernel(const KernelContext& context, const KernelOperation& operation) {
  uint64_t* target = context.sum[operation.plane];
  const __m512i words = _mm512_set1_epi64(operation.table != 0 ? -1 : 0);
  for (ptrdiff_t i = 0; i < Vectors; ++i) _mm512_store_si512(target + 8 * i, words);
}

// The same for a run of operations.
template <void (*Kernel)(const KernelContext&, const KernelOperation&)>
void run_of(const KernelContext& context, const KernelOperation* operations, int count) {
  const KernelContext local = context;  // so that stores to the slots cannot change it
  for (ptrdiff_t i = 0; i < count; ++i) Kernel(local, operations[i]);
}

// Programs hold tables in a form that is 0 where all inputs are 0: even ones only.
template <int Table, ptrdiff_t Vectors, Mode mode>
struct FillTables {
  static void run(KernelSet::Step& step) {
    step.count[Table] = run_of<table_kernel<Table, Vectors, mode>>;
    step.plain[Table] = run_of<table_kernel<Table, Vectors, Mode::plain>>;
    FillTables<Table - 2, Vectors, mode>::run(step);
  }
};
template <ptrdiff_t Vectors, Mode mode>
struct FillTables<-2, Vectors, mode> {
  static void run(KernelSet::Step&) {}
};

template <ptrdiff_t Vectors, Mode mode>
KernelSet::Step make_step() {
  KernelSet::Step step = {};
  FillTables<254, Vectors, mode>::run(step);
  step.count_load_activation = run_of<load_activation_kernel<Vectors, mode>>;
  step.count_load_partial_sum = run_of<load_partial_sum_kernel<Vectors, mode>>;
  step.store = run_of<store_kernel<Vectors, 0>>;
  step.store_inverted = run_of<store_kernel<Vectors, -1>>;
  step.store_constant = run_of<store_constant_kernel<Vectors>>;
  return step;
}

}  // namespace

const KernelSet* avx512_kernels() {
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vpopcntdq") ||
      !__builtin_cpu_supports("avx512vbmi2")) {
    return nullptr;
  }
  static const KernelSet kernels = {"avx512", make_step<kLongStepWords / 8, Mode::count>(),
                                    make_step<kShortStepWords / 8, Mode::count>(),
                                    make_step<kShortStepWords / 8, Mode::spread>()};
  return &kernels;
}

}  // namespace togglewise::gate

#else

namespace togglewise::gate {
const KernelSet* avx512_kernels() { return nullptr; }
}  // namespace togglewise::gate

#endif
