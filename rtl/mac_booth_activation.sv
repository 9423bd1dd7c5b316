// The MAC of mac.sv with a radix-4 Booth multiplier that recodes the activation: the decoders switch
// with every activation, and rows of a multiple of the weight come and go.
module mac_booth_activation #(
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

  booth_multiplier #(
      .RECODED_BITS(ACTIVATION_BITS),
      .MULTIPLICAND_BITS(WEIGHT_BITS)
  ) u_multiplier (
      .recoded(activation_in),
      .multiplicand(weight),
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
