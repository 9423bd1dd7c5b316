// Has the MAC's ports, but multiplies without sign.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + weight * activation_in;
  end
endmodule
