// When a gated PE's partial-sum register is clocked. IDLE_ROWS: not above the tile's first row, where
// partial sums are constant. UNCHANGED_PARTIAL_SUM: only when the partial sum from above was written
// in the cycle before (`changed_in`) or the product can change; `changed_out` says the same to the PE
// below, beside the partial sum.
module partial_sum_gate #(
    parameter IDLE_ROWS = 0,
    parameter UNCHANGED_PARTIAL_SUM = 0
) (
    /* verilator lint_off UNUSEDSIGNAL */
    input  clk,
    input  row_on,              // at or below the tile's first row
    input  changed_in,
    input  move_in,             // the activation is not the one before
    input  weight_used,         // the weight is not zero
    /* verilator lint_on UNUSEDSIGNAL */
    output partial_sum_enable,  // of the partial-sum register's clock in this cycle
    output changed_out
);
  assign partial_sum_enable =
      (IDLE_ROWS == 0 || row_on) &&
      (UNCHANGED_PARTIAL_SUM == 0 || changed_in || (move_in && weight_used));

  generate
    if (UNCHANGED_PARTIAL_SUM != 0) begin : g_changed
      reg changed;
      always @(posedge clk) changed <= partial_sum_enable;
      assign changed_out = changed;
    end else begin : g_no_changed
      assign changed_out = 1'b0;
    end
  endgenerate
endmodule
