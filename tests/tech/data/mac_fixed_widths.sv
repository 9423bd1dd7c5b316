// A MAC without parameters: it fits 6-bit weights, 5-bit activations and 15-bit partial sums only.
module mac (
    input                    clk,
    input  signed     [ 5:0] weight,
    input  signed     [ 4:0] activation_in,
    input  signed     [14:0] partial_sum_in,
    output reg signed [ 4:0] activation_out,
    output reg signed [14:0] partial_sum_out
);
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + weight * activation_in;
  end
endmodule
