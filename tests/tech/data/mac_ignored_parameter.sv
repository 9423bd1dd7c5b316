// Not the MAC's contract: one port does not follow its parameter.
module mac #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 20
) (
    input                             clk,
    input      [     WEIGHT_BITS-1:0] weight,
    input      [ ACTIVATION_BITS-1:0] activation_in,
    input      [PARTIAL_SUM_BITS-1:0] partial_sum_in,
    output reg [ ACTIVATION_BITS-1:0] activation_out,
    output reg [                19:0] partial_sum_out
);
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + $signed(weight) * $signed(activation_in);
  end
endmodule
