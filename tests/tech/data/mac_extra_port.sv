// Not the MAC's contract: an enable that the array does not drive.
module mac (
    input         clk,
    input         enable,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  always @(posedge clk)
    if (enable) begin
      activation_out  <= activation_in;
      partial_sum_out <= partial_sum_in + $signed(weight) * $signed(activation_in);
    end
endmodule
