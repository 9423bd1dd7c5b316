// The MAC of mac.sv with a radix-4 Booth multiplier that recodes the weight: while a tile streams,
// the decoders stand still, and a weight with few digits other than zero keeps most rows still too.
module mac_booth #(
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
      .RECODED_BITS(WEIGHT_BITS),
      .MULTIPLICAND_BITS(ACTIVATION_BITS)
  ) u_multiplier (
      .recoded(weight),
      .multiplicand(activation_in),
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
