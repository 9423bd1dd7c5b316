`include "own_widths.svh"
// The combinational part of own_mac.sv.
module fused_array #(
    parameter WEIGHT_BITS = `OWN_WEIGHT_BITS,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 22
) (
    input  [     WEIGHT_BITS-1:0] w,
    input  [ ACTIVATION_BITS-1:0] a,
    input  [PARTIAL_SUM_BITS-1:0] p,
    output [PARTIAL_SUM_BITS-1:0] y
);
  assign y = $signed(p) + $signed(w) * $signed(a);
endmodule
