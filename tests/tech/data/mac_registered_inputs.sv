// Keeps the contract in another way: all registers stand before the logic.
module mac (
    input             clk,
    input      [ 7:0] weight,
    input      [ 7:0] activation_in,
    input      [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output     [21:0] partial_sum_out
);
  reg [ 7:0] held_weight;
  reg [21:0] held_partial_sum;
  wire signed [15:0] product = $signed(held_weight) * $signed(activation_out);
  always @(posedge clk) begin
    held_weight      <= weight;
    activation_out   <= activation_in;
    held_partial_sum <= partial_sum_in;
  end
  assign partial_sum_out = held_partial_sum + {{6{product[15]}}, product};
endmodule
