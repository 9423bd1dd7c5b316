// An imported network as a table for people: operations, shapes, MACs, parameters.
#pragma once

#include <cstdint>
#include <string>

#include "sim/graph/onnx_import.h"

namespace togglewise::graph {

struct ImportTotals {
  std::uint64_t macs_per_image = 0;
  std::uint64_t weights = 0;
  std::uint64_t biases = 0;
};

// Nodes and sizes, of float networks as of int8 ones.
const network::QuantizedNetwork& geometry(const ImportedNetwork& imported);

ImportTotals import_totals(const ImportedNetwork& imported);

// One line a node with operation, input → output, window and MACs, and one with the totals.
std::string import_summary(const ImportedNetwork& imported);

}  // namespace togglewise::graph
