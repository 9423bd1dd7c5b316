// Below each column: adds the tile's partial sum to what earlier tiles of the same output pixel left
// in the accumulator buffer (`addend`), or takes it off where the column holds negated weights; the
// registered `sum` is written back there.
// SUBTRACT = 0 is the accumulator of an array without negated columns: `subtract` is not looked at.
module accumulator #(
    parameter PARTIAL_SUM_BITS = 22,
    parameter ACCUMULATOR_BITS = 32,
    parameter SUBTRACT = 1
) (
    input                         clk,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum,
    input  [ACCUMULATOR_BITS-1:0] addend,
    /* verilator lint_off UNUSEDSIGNAL */
    input                         subtract,
    /* verilator lint_on UNUSEDSIGNAL */
    output [ACCUMULATOR_BITS-1:0] sum
);
  wire [ACCUMULATOR_BITS-1:0] extended_partial_sum = {
    {(ACCUMULATOR_BITS - PARTIAL_SUM_BITS) {partial_sum[PARTIAL_SUM_BITS-1]}}, partial_sum
  };
  reg [ACCUMULATOR_BITS-1:0] total;
  generate
    if (SUBTRACT != 0) begin : g_signed
      // addend − p = addend + ~p + 1: one adder for both.
      wire [ACCUMULATOR_BITS-1:0] operand = extended_partial_sum ^ {ACCUMULATOR_BITS{subtract}};
      always @(posedge clk)
        total <= addend + operand + {{(ACCUMULATOR_BITS - 1) {1'b0}}, subtract};
    end else begin : g_add
      always @(posedge clk) total <= addend + extended_partial_sum;
    end
  endgenerate
  assign sum = total;
endmodule
