// Not the MAC's contract: the activation passes without a register.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  wire signed [15:0] product = $signed(weight) * $signed(activation_in);
  assign activation_out = ~activation_in;
  always @(posedge clk) partial_sum_out <= partial_sum_in + {{6{product[15]}}, product};
endmodule
