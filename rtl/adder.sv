// Adds a sign-extended product to a partial sum; combinational, wraps at the partial sum's width.
module adder #(
    parameter PRODUCT_BITS = 16,
    parameter PARTIAL_SUM_BITS = 22
) (
    input  [    PRODUCT_BITS-1:0] product,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum,
    output [PARTIAL_SUM_BITS-1:0] sum
);
  wire [PARTIAL_SUM_BITS-1:0] extended_product =
      {{(PARTIAL_SUM_BITS - PRODUCT_BITS) {product[PRODUCT_BITS-1]}}, product};
  assign sum = partial_sum + extended_product;
endmodule
