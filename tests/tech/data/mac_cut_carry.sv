// Has the MAC's ports, but no carry passes from bit 15 of the sum to bit 16.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  wire signed [15:0] product = $signed(weight) * $signed(activation_in);
  wire [15:0] low = partial_sum_in[15:0] + product;
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= {partial_sum_in[21:16] + {6{product[15]}}, low};
  end
endmodule
