#!/usr/bin/env bash
# gated_testbench.sh RTL SET pass|fail [PARAMETER=VALUE ...]: rtl/testbench/tile_engine_testbench.sv on
# the gated tile engine with the options of SET (a number, as in sim/systemc/gated_builds.cmake) in
# Icarus Verilog: real latches and derived clocks in an event-driven simulator.
set -euo pipefail
rtl=$1
set=$2
expected=$3
shift 3
command -v iverilog > /dev/null || { echo "skipped: Icarus Verilog (iverilog) is not here"; exit 77; }
on() { echo $(((set >> $1) & 1)); }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The testbench's tiles have zeros where they leave rows and columns idle: all are said to be used.
cat > "$work/tile_engine.sv" <<V
module tile_engine #(
    parameter ROWS = 16, parameter COLUMNS = 16, parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8, parameter PARTIAL_SUM_BITS = 20, parameter WAVE_UPDATE = 0,
    parameter ACCUMULATOR_BITS = 32, parameter SIZE_BITS = 9, parameter COUNT_BITS = 32
) (
    input clk, reset, start,
    input [COUNT_BITS-1:0] stream_length,
    output busy, done, weight_shift, weight_update,
    output [SIZE_BITS-1:0] weight_row,
    input [COLUMNS*WEIGHT_BITS-1:0] weight_in,
    output activation_valid,
    output [COUNT_BITS-1:0] activation_index,
    input [ROWS*ACTIVATION_BITS-1:0] activation_in,
    input [PARTIAL_SUM_BITS-1:0] partial_sum_offset,
    output output_valid,
    output [COUNT_BITS-1:0] output_index,
    output [COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out,
    input [COLUMNS*ACCUMULATOR_BITS-1:0] addend,
    input [COLUMNS-1:0] subtract,
    output [COLUMNS*ACCUMULATOR_BITS-1:0] sum
);
  integer cycles = 0;
  always @(posedge clk) cycles <= cycles + 1;
  wire open_gates = reset && cycles < ROWS + 2 * COLUMNS - 1;
  wire [SIZE_BITS-1:0] first_row = 0;
  wire [SIZE_BITS-1:0] used_rows = ROWS;
  wire [SIZE_BITS-1:0] used_columns = COLUMNS;
  gated_tile_engine #(
      .ROWS(ROWS), .COLUMNS(COLUMNS), .WEIGHT_BITS(WEIGHT_BITS), .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS), .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
      .SIZE_BITS(SIZE_BITS), .COUNT_BITS(COUNT_BITS), .IDLE_COLUMNS($(on 0)), .IDLE_ROWS($(on 1)),
      .ZERO_WEIGHT($(on 2)), .ZERO_ACTIVATION($(on 3)), .UNCHANGED_PARTIAL_SUM($(on 4)),
      .WEIGHT_REGISTERS($(on 5))
  ) u_engine (.*);
endmodule
V
parameters=()
for parameter in "$@"; do parameters+=("-Ptile_engine_testbench.$parameter"); done
iverilog -g2012 -y "$rtl" -Y .sv -s tile_engine_testbench "${parameters[@]}" -o "$work/testbench" \
  "$rtl/testbench/tile_engine_testbench.sv" "$work/tile_engine.sv"
status=0
vvp -n "$work/testbench" > "$work/output" || status=$?
grep -E '^(PASS|FAIL|tile)' "$work/output"
case $expected in
  pass) [[ $status -eq 0 ]] && grep -q '^PASS' "$work/output" ;;
  fail) [[ $status -ne 0 ]] && grep -q '^FAIL' "$work/output" ;;
esac
