#!/usr/bin/env bash
# yosys_array.sh RTL WAVE_UPDATE: synthesizes controller and a whole 4x4 array to gates, and checks
# the result: no undriven or doubly driven net, no loop, no latch.
set -euo pipefail
rtl=$1
wave=$2
command -v yosys > /dev/null || { echo "skipped: yosys is not here"; exit 77; }
sources=()
for module in multiplier adder mac weight_register pe systolic_array tile_controller accumulator \
              tile_engine; do
  sources+=("$rtl/$module.sv")
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
yosys -q -e '.*' -l "$work/log" -p "
  read_verilog -sv ${sources[*]}
  hierarchy -check -top tile_engine -chparam ROWS 4 -chparam COLUMNS 4 -chparam WAVE_UPDATE $wave
  synth
  check -assert
  select -assert-none t:\$_DLATCH*
  flatten
  # 16 PEs of weight, shadow and activation (8 bits each) and partial sum (18), 6 skew registers of 8
  # bits, 6 deskew registers of 18 and 4 accumulators of 32; the controller's come on top.
  select -assert-min 956 t:\$_*DFF*
  tee -o $work/stat stat"
grep -A3 'Number of cells' "$work/stat" | head -4
