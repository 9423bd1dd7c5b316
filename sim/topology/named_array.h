// An int8 array out of a user's file, with its place for messages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace togglewise::topology {

struct NamedArray {
  std::string layer;  // "conv1"
  std::string kind;   // "weights" or "activations"
  std::vector<std::uint64_t> shape;
  std::vector<std::int8_t> values;  // row-major
};

// Arrays larger than this, all together, are refused before they are read.
constexpr std::uint64_t largest_operand_bytes = std::uint64_t{8} << 30;

// Everything in the file named "….weights" or "….activations", in the file's order; the rest is
// left alone. Throw TW-OPERANDS-001 and 003.
std::vector<NamedArray> read_npz(const std::filesystem::path& file);
std::vector<NamedArray> read_hdf5_arrays(const std::filesystem::path& file);

}  // namespace togglewise::topology
