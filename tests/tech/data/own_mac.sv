// A user's own MAC: other module and instance names, and the partial sum is added inside the
// multiplier's carry-save array, so that there is no multiplier and no adder to tell apart.
module dot_product_cell #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 22
) (
    input                               clk,
    input      [     WEIGHT_BITS-1:0] weight,
    input      [ ACTIVATION_BITS-1:0] activation_in,
    input      [PARTIAL_SUM_BITS-1:0] partial_sum_in,
    output reg [ ACTIVATION_BITS-1:0] activation_out,
    output reg [PARTIAL_SUM_BITS-1:0] partial_sum_out
);
  wire [PARTIAL_SUM_BITS-1:0] fused;
  fused_array #(
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS)
  ) everything (
      .w(weight),
      .a(activation_in),
      .p(partial_sum_in),
      .y(fused)
  );
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= fused;
  end
endmodule
