// Below each column: adds the tile's partial sum to what earlier tiles of the same output pixel left
// in the accumulator buffer (`addend`); the registered `sum` is written back there.
module accumulator #(
    parameter PARTIAL_SUM_BITS = 22,
    parameter ACCUMULATOR_BITS = 32
) (
    input                         clk,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum,
    input  [ACCUMULATOR_BITS-1:0] addend,
    output [ACCUMULATOR_BITS-1:0] sum
);
  wire [ACCUMULATOR_BITS-1:0] extended_partial_sum = {
    {(ACCUMULATOR_BITS - PARTIAL_SUM_BITS) {partial_sum[PARTIAL_SUM_BITS-1]}}, partial_sum
  };
  reg [ACCUMULATOR_BITS-1:0] total;
  always @(posedge clk) total <= addend + extended_partial_sum;
  assign sum = total;
endmodule
