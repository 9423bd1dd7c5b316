// Not the MAC's contract: one name is misspelled.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_inn,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  always @(posedge clk) begin
    activation_out  <= activation_inn;
    partial_sum_out <= partial_sum_in + $signed(weight) * $signed(activation_inn);
  end
endmodule
