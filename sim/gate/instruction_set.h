// Which instructions the bit-parallel engines use.
#pragma once

namespace togglewise::gate {

enum class InstructionSet { best, generic, avx2, avx512 };

}  // namespace togglewise::gate
