// Not the MAC's contract: without an else, the product is held by a latch.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  reg signed [15:0] product;
  always @*
    if (weight != 0) product = $signed(weight) * $signed(activation_in);
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + {{6{product[15]}}, product};
  end
endmodule
