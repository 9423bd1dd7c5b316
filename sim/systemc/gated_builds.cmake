# The Verilated arrays with gated clocks. A structural build's options are parameters: one build per
# set. A set is a number, one bit per option, as in gated_array.cpp:
# 1 idle_columns, 2 idle_rows, 4 zero_weight, 8 zero_activation, 16 unchanged_partial_sum,
# 32 weight_registers.
# Thousands of clocks make much code, which takes five times as long to compile when optimized.
togglewise_verilated_library(togglewise_verilated_gated -O0)
togglewise_verilated_library(togglewise_verilated_gated_loop -O2)

set(togglewise_gated_options IDLE_COLUMNS IDLE_ROWS ZERO_WEIGHT ZERO_ACTIVATION
                             UNCHANGED_PARTIAL_SUM WEIGHT_REGISTERS)
function(togglewise_verilate_gated rows columns)
  foreach(set ${ARGN})
    set(parameters -GROWS=${rows} -GCOLUMNS=${columns})
    set(bit 1)
    foreach(option ${togglewise_gated_options})
      math(EXPR on "${set} / ${bit} % 2")
      list(APPEND parameters -G${option}=${on})
      math(EXPR bit "${bit} * 2")
    endforeach()
    togglewise_verilate(togglewise_verilated_gated Vgated${rows}x${columns}_${set}
                        gated_tile_engine ${parameters})
  endforeach()
endfunction()
togglewise_verilate_gated(8 12 0 1 2 4 8 16 32 26 63)
togglewise_verilate_gated(16 16 0 63)
togglewise_verilate(togglewise_verilated_gated_loop Vgatedloop64x64 gated_tile_engine_loop)
# Loops over columns stay loops; those of generate blocks may be 16 times as long.
togglewise_verilate(togglewise_verilated_gated_loop Vgatedloop256x256 gated_tile_engine_loop
                    -GMAX_ROWS=256 -GMAX_COLUMNS=256 --unroll-count 16)
