// Signed product of a weight and an activation; combinational, full width.
module multiplier #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8
) (
    input  [                WEIGHT_BITS-1:0] weight,
    input  [            ACTIVATION_BITS-1:0] activation,
    output [WEIGHT_BITS+ACTIVATION_BITS-1:0] product
);
  assign product = $signed(weight) * $signed(activation);
endmodule
