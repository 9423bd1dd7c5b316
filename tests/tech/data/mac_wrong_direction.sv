// Not the MAC's contract: the activation leaves through a port that is not an output.
module mac (
    input             clk,
    input      [ 7:0] weight,
    input      [ 7:0] activation_in,
    input      [21:0] partial_sum_in,
    inout      [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  reg [7:0] activation;
  always @(posedge clk) begin
    activation      <= activation_in;
    partial_sum_out <= partial_sum_in + $signed(weight) * $signed(activation_in);
  end
  assign activation_out = activation;
endmodule
