// One processing element, weight stationary: activations pass to the right, partial sums and the
// next tile's weights pass down, each through one register.
module pe #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 22
) (
    input                         clk,
    input                         weight_shift,
    input                         weight_update,
    input  [     WEIGHT_BITS-1:0] weight_in,        // shadow register of the PE above
    output [     WEIGHT_BITS-1:0] weight_out,       // own shadow register
    input  [ ACTIVATION_BITS-1:0] activation_in,
    output [ ACTIVATION_BITS-1:0] activation_out,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum_in,
    output [PARTIAL_SUM_BITS-1:0] partial_sum_out,
    output [     WEIGHT_BITS-1:0] weight            // the weight in use, for observation
);
  weight_register #(
      .WEIGHT_BITS(WEIGHT_BITS)
  ) u_weight_register (
      .clk(clk),
      .shift_enable(weight_shift),
      .update(weight_update),
      .weight_in(weight_in),
      .shadow_out(weight_out),
      .weight(weight)
  );

  mac #(
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS)
  ) u_mac (
      .clk(clk),
      .weight(weight),
      .activation_in(activation_in),
      .partial_sum_in(partial_sum_in),
      .activation_out(activation_out),
      .partial_sum_out(partial_sum_out)
  );
endmodule
