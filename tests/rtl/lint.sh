#!/usr/bin/env bash
# lint.sh RTL TOP [PARAMETER=VALUE ...]: every Verilator warning is an error.
set -euo pipefail
rtl=$1
top=$2
shift 2
command -v verilator > /dev/null || { echo "skipped: verilator is not here"; exit 77; }
parameters=()
for parameter in "$@"; do parameters+=("-G$parameter"); done
verilator --lint-only -Wall -y "$rtl" --top-module "$top" "${parameters[@]}" "$rtl/$top.sv"
