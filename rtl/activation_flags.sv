// At the array's port, one per row: the flags that travel with an activation.
// `zero` (ZERO_ACTIVATION): it is zero. `move` (UNCHANGED_PARTIAL_SUM): it is another one than in the
// cycle before; high while `open_gates` is, whatever the register holds.
module activation_flags #(
    parameter ACTIVATION_BITS = 8,
    parameter ZERO_ACTIVATION = 0,
    parameter UNCHANGED_PARTIAL_SUM = 0
) (
    /* verilator lint_off UNUSEDSIGNAL */
    input                        clk,
    input                        open_gates,
    input  [ACTIVATION_BITS-1:0] activation,
    /* verilator lint_on UNUSEDSIGNAL */
    output                       zero,
    output                       move
);
  generate
    if (ZERO_ACTIVATION != 0) begin : g_zero
      assign zero = ~|activation;
    end else begin : g_no_zero
      assign zero = 1'b0;
    end
    if (UNCHANGED_PARTIAL_SUM != 0) begin : g_move
      reg [ACTIVATION_BITS-1:0] previous;
      always @(posedge clk) previous <= activation;
      assign move = open_gates | (activation != previous);
    end else begin : g_no_move
      assign move = 1'b0;
    end
  endgenerate
endmodule
