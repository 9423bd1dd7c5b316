#!/usr/bin/env bash
# icarus_testbench.sh RTL pass|fail [PARAMETER=VALUE ...]: runs rtl/testbench in Icarus Verilog and
# expects that end.
set -euo pipefail
rtl=$1
expected=$2
shift 2
command -v iverilog > /dev/null || { echo "skipped: Icarus Verilog (iverilog) is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
parameters=()
for parameter in "$@"; do parameters+=("-Ptile_engine_testbench.$parameter"); done
iverilog -g2012 -Wall -y "$rtl" -Y .sv -s tile_engine_testbench "${parameters[@]}" \
  -o "$work/testbench" "$rtl/testbench/tile_engine_testbench.sv" 2> "$work/warnings" \
  || { cat "$work/warnings"; exit 1; }
[[ ! -s "$work/warnings" ]] || { cat "$work/warnings"; exit 1; }
status=0
vvp -n "$work/testbench" > "$work/output" || status=$?
cat "$work/output"
case $expected in
  pass) [[ $status -eq 0 ]] && grep -q '^PASS' "$work/output" ;;
  fail) [[ $status -ne 0 ]] && grep -q '^FAIL' "$work/output" ;;
  *) echo "expected pass or fail, not '$expected'"; exit 2 ;;
esac
