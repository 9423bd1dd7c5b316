// Has the MAC's ports, but passes the activation on a cycle early.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  wire signed [15:0] product = $signed(weight) * $signed(activation_in);
  assign activation_out = activation_in;
  always @(posedge clk) partial_sum_out <= partial_sum_in + {{6{product[15]}}, product};
endmodule
