#!/usr/bin/env bash
# verilator_testbench.sh RTL [PARAMETER=VALUE ...]: the self-checking testbench as rtl/README.md
# runs it in Verilator.
set -euo pipefail
rtl=$1
shift
command -v verilator > /dev/null || { echo "skipped: verilator is not here"; exit 77; }
parameters=()
for parameter in "$@"; do parameters+=("-G$parameter"); done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
optimization="OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"  # it runs for a moment: compiling counts
verilator --binary --output-split 0 -MAKEFLAGS "$optimization" --Mdir "$work/build" -y "$rtl" "${parameters[@]}" \
  "$rtl/testbench/tile_engine_testbench.sv" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/build/Vtile_engine_testbench" | tee "$work/output"
grep -q '^PASS' "$work/output"
