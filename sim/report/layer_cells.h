// The columns that every CSV of layers has, and the texts of their tables.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/array/cycle_model.h"
#include "sim/array/tile.h"
#include "sim/network/shape.h"

namespace togglewise::report {

using CsvCells = std::vector<std::pair<std::string, std::string>>;  // (column, value)

// As RFC 4180 says.
std::string csv_quoted(const std::string& text);
// A header and one line per entry; all of them have the same columns.
std::string csv_text(const std::vector<CsvCells>& lines);

// K, N, M and groups; empty in the line of totals.
void append_gemm(const network::GemmShape& gemm, bool is_total, CsvCells& cells);
// Tiles, cycles by what they are spent on, multiply-accumulates and utilization.
void append_cycles(const array::LayerCycles& cycles, CsvCells& cells);
void append_accesses(const array::LayerAccesses& accesses, CsvCells& cells);
void append_toggles(const array::ToggleCounts& toggles, CsvCells& cells);

// "K×N×M", with the number of groups where there are several.
std::string gemm_text(const network::GemmShape& gemm);

}  // namespace togglewise::report
