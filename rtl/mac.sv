// The unit that is synthesized and calibrated: multiplier, adder and the two data registers.
// No reset in the data path: zeros are streamed in instead. Needs
// PARTIAL_SUM_BITS > WEIGHT_BITS + ACTIVATION_BITS, so that the product's sign is extended.
module mac #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 22
) (
    input                         clk,
    input  [     WEIGHT_BITS-1:0] weight,
    input  [ ACTIVATION_BITS-1:0] activation_in,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum_in,
    output [ ACTIVATION_BITS-1:0] activation_out,
    output [PARTIAL_SUM_BITS-1:0] partial_sum_out
);
  wire [WEIGHT_BITS+ACTIVATION_BITS-1:0] product;
  wire [PARTIAL_SUM_BITS-1:0] sum;

  multiplier #(
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS)
  ) u_multiplier (
      .weight(weight),
      .activation(activation_in),
      .product(product)
  );

  adder #(
      .PRODUCT_BITS(WEIGHT_BITS + ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS)
  ) u_adder (
      .product(product),
      .partial_sum(partial_sum_in),
      .sum(sum)
  );

  reg [ ACTIVATION_BITS-1:0] activation;
  reg [PARTIAL_SUM_BITS-1:0] partial_sum;
  always @(posedge clk) begin
    activation  <= activation_in;
    partial_sum <= sum;
  end

  assign activation_out  = activation;
  assign partial_sum_out = partial_sum;
endmodule
