// Not the MAC's contract: the sum depends on itself.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  wire signed [15:0] product = $signed(weight) * $signed(activation_in);
  wire [21:0] sum = (partial_sum_in + {{6{product[15]}}, product}) ^ (sum & {22{weight[0]}});
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= sum;
  end
endmodule
