#!/usr/bin/env bash
# gated_pe_gates.sh RTL SET: synthesizes the gated PE with the options of SET (a number, as in
# sim/systemc/gated_builds.cmake) onto osu018's cells, the latches of its clock gates among them, and
# runs rtl/testbench/gated_pe_testbench.sv on RTL and netlist in Icarus Verilog. With flags that lie it
# must fail on both.
set -euo pipefail
rtl=$1
set=$2
tech=/usr/share/qflow/tech/osu018
for tool in yosys iverilog; do
  command -v $tool > /dev/null || { echo "skipped: $tool is not here"; exit 77; }
done
[[ -e $tech/osu018_stdcells.lib && -e $tech/osu018_stdcells.v ]] \
  || { echo "skipped: qflow-tech-osu018 is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

on() { echo $(((set >> $1) & 1)); }
sources=()
for module in multiplier adder mac weight_register clock_gate gated_activation partial_sum_gate gated_pe; do
  sources+=("$rtl/$module.sv")
done
# osu018 has a latch that is open while its clock is high.
cat > "$work/latches.v" <<'V'
module \$_DLATCH_N_ (input E, D, output Q);
  wire closed;
  \$_NOT_ inverter (.A(E), .Y(closed));
  LATCH latch (.CLK(closed), .D(D), .Q(Q));
endmodule
V
# The product is the same with and without isolation by a weight of zero, and abc knows when it sees both.
keep=
[[ $((set & 30)) -eq 0 ]] || keep='setattr -mod -set keep_hierarchy 1 *gated_activation*'
yosys -q -e '.*' -l "$work/log" -p "
  read_liberty -lib $tech/osu018_stdcells.lib
  read_verilog -sv ${sources[*]}
  hierarchy -check -top gated_pe -chparam IDLE_ROWS $(on 1) -chparam ZERO_WEIGHT $(on 2) \
    -chparam ZERO_ACTIVATION $(on 3) -chparam UNCHANGED_PARTIAL_SUM $(on 4) \
    -chparam WEIGHT_REGISTERS $(on 5)
  $keep
  synth -flatten
  techmap -map $work/latches.v
  dfflibmap -liberty $tech/osu018_stdcells.lib
  abc -liberty $tech/osu018_stdcells.lib
  setattr -mod -unset keep_hierarchy *
  flatten
  clean
  rename -top gated_pe
  check -assert
  select -assert-none t:\$*
  select -write $work/latch_list t:LATCH
  write_verilog -noattr $work/netlist.v
  tee -o $work/stat stat -liberty $tech/osu018_stdcells.lib"
# One latch for each clock gate, and no other.
gates=$((($(on 1) | $(on 3) | $(on 4)) + ($(on 1) | $(on 4)) + $(on 5)))
latches=$(grep -c . "$work/latch_list" || true)
[[ $latches -eq $gates ]] || { echo "$latches latches for $gates clock gates"; exit 1; }
grep -E 'Chip area' "$work/stat" | tail -1

parameters=(-Pgated_pe_testbench.IDLE_ROWS="$(on 1)" -Pgated_pe_testbench.ZERO_ACTIVATION="$(on 3)"
            -Pgated_pe_testbench.UNCHANGED_PARTIAL_SUM="$(on 4)")
run() { # run EXPECTED CORRUPT FILES...
  local expected=$1 corrupt=$2 status=0
  shift 2
  iverilog -g2012 -Ttyp -s gated_pe_testbench "${parameters[@]}" -Pgated_pe_testbench.CORRUPT="$corrupt" \
    -o "$work/testbench" "$rtl/testbench/gated_pe_testbench.sv" "$@"
  vvp -n "$work/testbench" > "$work/output" || status=$?
  grep -E '^(PASS|FAIL)' "$work/output"
  case $expected in
    pass) [[ $status -eq 0 ]] && grep -q '^PASS' "$work/output" ;;
    fail) [[ $status -ne 0 ]] && grep -q '^FAIL' "$work/output" ;;
  esac
}
# The RTL's options are parameters of gated_pe; the netlist has them built in.
cat > "$work/gated_pe_rtl.sed" <<S
s/parameter IDLE_ROWS = 0/parameter IDLE_ROWS = $(on 1)/
s/parameter ZERO_WEIGHT = 0/parameter ZERO_WEIGHT = $(on 2)/
s/parameter ZERO_ACTIVATION = 0/parameter ZERO_ACTIVATION = $(on 3)/
s/parameter UNCHANGED_PARTIAL_SUM = 0/parameter UNCHANGED_PARTIAL_SUM = $(on 4)/
s/parameter WEIGHT_REGISTERS = 0/parameter WEIGHT_REGISTERS = $(on 5)/
S
sed -f "$work/gated_pe_rtl.sed" "$rtl/gated_pe.sv" > "$work/gated_pe.sv"
for implementation in rtl gates; do
  files=("$work/netlist.v" "$tech/osu018_stdcells.v")
  [[ $implementation == gates ]] || files=("$work/gated_pe.sv" "${sources[@]:0:7}")
  run pass 0 "${files[@]}"
  [[ $(on 4) -eq 0 ]] || run fail 1 "${files[@]}"
  [[ $(on 1) -eq 0 ]] || run fail 2 "${files[@]}"
  [[ $(on 3) -eq 0 ]] || run fail 3 "${files[@]}"
done
