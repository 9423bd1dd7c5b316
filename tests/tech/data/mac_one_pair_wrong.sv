// Has the MAC's ports, but one product of all 65,536 is wrong: 83 · (−90).
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  wire signed [15:0] product = $signed(weight) * $signed(activation_in);
  wire wrong = weight == 8'd83 && activation_in == 8'd166;
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + {{6{product[15]}}, product ^ {15'b0, wrong}};
  end
endmodule
