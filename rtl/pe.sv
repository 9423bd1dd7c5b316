// One processing element, weight stationary: activations pass to the right, partial sums and the
// next tile's weights pass down, each through one register.
// WAVE_UPDATE = 0: `weight_update` is one wire for the whole array (single-buffered weights).
// WAVE_UPDATE = 1: it passes to the right through one register, as the activations do
// (double-buffered weights), so that the weight changes together with the activation stream.
module pe #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 22,
    parameter WAVE_UPDATE = 0
) (
    input                         clk,
    input                         weight_shift,
    input                         weight_update_in,
    output                        weight_update_out,
    input  [     WEIGHT_BITS-1:0] weight_in,          // shadow register of the PE above
    output [     WEIGHT_BITS-1:0] weight_out,         // own shadow register
    input  [ ACTIVATION_BITS-1:0] activation_in,
    output [ ACTIVATION_BITS-1:0] activation_out,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum_in,
    output [PARTIAL_SUM_BITS-1:0] partial_sum_out,
    output [     WEIGHT_BITS-1:0] weight              // the weight in use, for observation
);
  weight_register #(
      .WEIGHT_BITS(WEIGHT_BITS)
  ) u_weight_register (
      .clk(clk),
      .shift_enable(weight_shift),
      .update(weight_update_in),
      .weight_in(weight_in),
      .shadow_out(weight_out),
      .weight(weight)
  );

  generate
    if (WAVE_UPDATE != 0) begin : g_wave
      reg held;
      always @(posedge clk) held <= weight_update_in;
      assign weight_update_out = held;
    end else begin : g_global
      assign weight_update_out = weight_update_in;
    end
  endgenerate

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
