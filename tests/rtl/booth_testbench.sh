#!/usr/bin/env bash
# booth_testbench.sh RTL: every product of the Booth multiplier at widths from 4 to 7 bits, in Icarus
# Verilog (8 bits take longer there; tests/gate compares those products on the gates). The same
# testbench must fail on a multiplier whose last negative row misses its one.
set -euo pipefail
rtl=$1
command -v iverilog > /dev/null || { echo "skipped: Icarus Verilog (iverilog) is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { # run MULTIPLIER HIGHEST_BITS
  iverilog -g2012 -Wall -s booth_multiplier_testbench \
    -Pbooth_multiplier_testbench.HIGHEST_BITS="$2" -o "$work/testbench" "$1" \
    "$rtl/testbench/booth_multiplier_testbench.sv" 2> "$work/warnings" || { cat "$work/warnings"; exit 1; }
  [[ ! -s "$work/warnings" ]] || { cat "$work/warnings"; exit 1; }
  vvp -n "$work/testbench"
}
run "$rtl/booth_multiplier.sv" 7 | tee "$work/output"
grep -q '^PASS' "$work/output"
sed 's/? negative\[DIGITS-1\] : 1/? 1'"'"'b0 : 1/' "$rtl/booth_multiplier.sv" > "$work/broken.sv"
! cmp -s "$rtl/booth_multiplier.sv" "$work/broken.sv"
if run "$work/broken.sv" 5 > "$work/output"; then
  echo "a wrong multiplier passed"
  exit 1
fi
grep -q '^FAIL' "$work/output"
