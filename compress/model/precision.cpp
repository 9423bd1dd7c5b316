#include "compress/model/precision.h"

namespace togglewise::compress {

Precision precision_of(const std::string& name) {
  if (name == "bfloat16") return Precision::bfloat16;
  if (name == "float32") return Precision::float32;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") ? Precision::bfloat16 : Precision::float32;
#else
  return Precision::float32;
#endif
}

std::string name_of(Precision precision) {
  return precision == Precision::bfloat16 ? "bfloat16" : "float32";
}

}  // namespace togglewise::compress
