// The activation register of a gated PE, the flags beside it, and what the PE's MAC sees of the
// activation. Without an option its flag is constant, and its part of the logic is not there.
// The data register hangs on `activation_clk`, which is `clk` gated with `activation_enable`: with
// ZERO_ACTIVATION it keeps the last nonzero value while zeros pass, and `zero_out` says so.
module gated_activation #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter IDLE_ROWS = 0,
    parameter ZERO_WEIGHT = 0,
    parameter ZERO_ACTIVATION = 0,
    parameter UNCHANGED_PARTIAL_SUM = 0
) (
    /* verilator lint_off UNUSEDSIGNAL */
    input                        clk,                   // of the flags
    input                        activation_clk,        // of the data
    input                        row_on,                // the tile uses this row
    input  [    WEIGHT_BITS-1:0] weight,
    input  [ACTIVATION_BITS-1:0] activation_in,
    input                        zero_in,               // activation_in stands for zero
    input                        move_in,               // activation_in is not the one before
    /* verilator lint_on UNUSEDSIGNAL */
    output [ACTIVATION_BITS-1:0] activation_out,
    output                       zero_out,
    output                       move_out,
    output                       activation_enable,     // of activation_clk in this cycle
    output                       weight_used,           // the weight is not zero
    output [ACTIVATION_BITS-1:0] activation_effective   // to the MAC
);
  reg [ACTIVATION_BITS-1:0] activation;
  always @(posedge activation_clk) activation <= activation_in;
  assign activation_out = activation;

  generate
    if (ZERO_ACTIVATION != 0) begin : g_zero
      reg zero;
      always @(posedge clk) zero <= zero_in;
      assign zero_out = zero;
    end else begin : g_no_zero
      assign zero_out = 1'b0;
    end
    if (UNCHANGED_PARTIAL_SUM != 0) begin : g_move
      reg move;
      always @(posedge clk) move <= move_in;
      assign move_out = move;
    end else begin : g_no_move
      assign move_out = 1'b0;
    end
  endgenerate

  assign activation_enable = (IDLE_ROWS == 0 || row_on) &&
                             (ZERO_ACTIVATION == 0 || !zero_in) &&
                             (UNCHANGED_PARTIAL_SUM == 0 || move_in);

  assign weight_used = |weight;
  wire passes = (ZERO_ACTIVATION == 0 || !zero_in) && (ZERO_WEIGHT == 0 || weight_used);
  assign activation_effective = activation_in & {ACTIVATION_BITS{passes}};
endmodule
