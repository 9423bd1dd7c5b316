#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz_target.h"

namespace togglewise::fuzz {

MemoryFile::MemoryFile(const char* name) : descriptor_(memfd_create(name, 0)) {
  if (descriptor_ < 0) std::abort();
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
}

MemoryFile::~MemoryFile() { close(descriptor_); }

void MemoryFile::write(const std::uint8_t* data, std::size_t size) {
  const bool written = ftruncate(descriptor_, 0) == 0 &&
                       pwrite(descriptor_, data, size, 0) == static_cast<ssize_t>(size);
  if (!written) std::abort();
}

}  // namespace togglewise::fuzz
