#!/usr/bin/env bash
# yosys_gated_array.sh RTL SET: synthesizes controller and a whole 2x3 array with the gating options of
# SET (a number, as in sim/systemc/gated_builds.cmake) to gates, and checks the result: no undriven or
# doubly driven net, no loop, and the latches of the clock gates that the options need, no other.
set -euo pipefail
rtl=$1
set=$2
rows=2
columns=3
command -v yosys > /dev/null || { echo "skipped: yosys is not here"; exit 77; }
on() { echo $(((set >> $1) & 1)); }
sources=()
for module in multiplier adder mac weight_register clock_gate activation_flags gated_activation \
              partial_sum_gate gated_delay gated_pe gated_systolic_array gating_control \
              tile_controller accumulator gated_tile_engine; do
  sources+=("$rtl/$module.sv")
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Columns; rows with skew registers; PEs' activation, partial sum and weight; skew; deskew.
moving=$(($(on 3) | $(on 4)))
gates=$(($(on 0) * columns + $(on 1) * (rows - 1) +
         rows * columns * ((moving | $(on 1)) + ($(on 1) | $(on 4)) + $(on 5)) +
         moving * rows * (rows - 1) / 2 + $(on 4) * columns * (columns - 1) / 2))
# Gates with the same enable are not to be merged: each drives its own registers.
# What nobody reads is taken away: all activation registers of the last column.
unread=$(((moving | $(on 1)) * rows))
keep=
one_latch=
if [[ $gates -gt 0 ]]; then
  keep='setattr -mod -set keep_hierarchy 1 clock_gate'
  one_latch='select -assert-count 1 clock_gate/t:\$_DLATCH_N_'
fi
yosys -q -e '.*' -l "$work/log" -p "
  read_verilog -sv ${sources[*]}
  hierarchy -check -top gated_tile_engine -chparam ROWS $rows -chparam COLUMNS $columns \
    -chparam IDLE_COLUMNS $(on 0) -chparam IDLE_ROWS $(on 1) -chparam ZERO_WEIGHT $(on 2) \
    -chparam ZERO_ACTIVATION $(on 3) -chparam UNCHANGED_PARTIAL_SUM $(on 4) \
    -chparam WEIGHT_REGISTERS $(on 5)
  $keep
  synth -flatten
  check -assert
  select -assert-count $((gates - unread)) t:clock_gate
  select -assert-none gated_tile_engine/t:\$_DLATCH*
  $one_latch
  # 6 PEs of weight, shadow and partial sum (8, 8, 17 bits), activations of all but the last column,
  # skew and deskew registers, accumulators; flags and the controller's come on top.
  select -assert-min $((6 * 33 + 4 * 8 + 1 * 8 + 3 * 17 + 3 * 32)) t:\$_*DFF*
  tee -o $work/stat stat"
grep 'Number of cells' "$work/stat" | tail -1
