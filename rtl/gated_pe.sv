// pe.sv with gated clocks (single-buffered weights). Three domains: the weight registers on `clk`,
// the activation register and the MAC's partial-sum register on `column_clk`; each has a clock gate
// of its own where an option needs one. With an option that treats activation and partial sum
// differently, or hides the activation from the MAC, the activation register is `gated_activation`'s
// and the MAC's own has no load: synthesis removes it.
// All registers but activations hold in every cycle what those of pe.sv hold.
module gated_pe #(
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = 22,
    parameter IDLE_ROWS = 0,
    parameter ZERO_WEIGHT = 0,
    parameter ZERO_ACTIVATION = 0,
    parameter UNCHANGED_PARTIAL_SUM = 0,
    parameter WEIGHT_REGISTERS = 0
) (
    input                         clk,
    input                         column_clk,
    /* verilator lint_off UNUSEDSIGNAL */
    input                         activation_row_on,   // the tile uses this row
    input                         partial_sum_row_on,  // at or below the tile's first row
    input                         weight_enable,       // weight_shift or weight_update
    input                         zero_in,
    input                         move_in,
    input                         changed_in,
    /* verilator lint_on UNUSEDSIGNAL */
    input                         weight_shift,
    input                         weight_update,
    input  [     WEIGHT_BITS-1:0] weight_in,
    output [     WEIGHT_BITS-1:0] weight_out,
    input  [ ACTIVATION_BITS-1:0] activation_in,
    output [ ACTIVATION_BITS-1:0] activation_out,
    output                        zero_out,
    output                        move_out,
    input  [PARTIAL_SUM_BITS-1:0] partial_sum_in,
    output [PARTIAL_SUM_BITS-1:0] partial_sum_out,
    output                        changed_out,
    output [     WEIGHT_BITS-1:0] weight
);
  localparam GATED_ACTIVATION =
      IDLE_ROWS != 0 || ZERO_ACTIVATION != 0 || UNCHANGED_PARTIAL_SUM != 0;
  localparam OWN_ACTIVATION = GATED_ACTIVATION || ZERO_WEIGHT != 0;
  localparam GATED_PARTIAL_SUM = IDLE_ROWS != 0 || UNCHANGED_PARTIAL_SUM != 0;

  wire weight_clk;
  wire partial_sum_clk;
  wire [ACTIVATION_BITS-1:0] activation_effective;
  /* verilator lint_off UNUSEDSIGNAL */
  wire activation_clk;
  wire weight_used;
  wire [ACTIVATION_BITS-1:0] mac_activation_out;
  /* verilator lint_on UNUSEDSIGNAL */

  generate
    if (WEIGHT_REGISTERS != 0) begin : g_weight_gate
      clock_gate u_gate (
          .clk(clk),
          .enable(weight_enable),
          .gated_clk(weight_clk)
      );
    end else begin : g_weight_clock
      assign weight_clk = clk;
    end

    if (OWN_ACTIVATION) begin : g_own_activation
      /* verilator lint_off UNUSEDSIGNAL */
      wire activation_enable;
      /* verilator lint_on UNUSEDSIGNAL */
      if (GATED_ACTIVATION) begin : g_gate
        clock_gate u_gate (
            .clk(column_clk),
            .enable(activation_enable),
            .gated_clk(activation_clk)
        );
      end else begin : g_clock
        assign activation_clk = column_clk;
      end
      gated_activation #(
          .WEIGHT_BITS(WEIGHT_BITS),
          .ACTIVATION_BITS(ACTIVATION_BITS),
          .IDLE_ROWS(IDLE_ROWS),
          .ZERO_WEIGHT(ZERO_WEIGHT),
          .ZERO_ACTIVATION(ZERO_ACTIVATION),
          .UNCHANGED_PARTIAL_SUM(UNCHANGED_PARTIAL_SUM)
      ) u_activation (
          .clk(column_clk),
          .activation_clk(activation_clk),
          .row_on(activation_row_on),
          .weight(weight),
          .activation_in(activation_in),
          .zero_in(zero_in),
          .move_in(move_in),
          .activation_out(activation_out),
          .zero_out(zero_out),
          .move_out(move_out),
          .activation_enable(activation_enable),
          .weight_used(weight_used),
          .activation_effective(activation_effective)
      );
    end else begin : g_activation_of_mac
      assign activation_clk = column_clk;
      assign activation_out = mac_activation_out;
      assign zero_out = 1'b0;
      assign move_out = 1'b0;
      assign weight_used = 1'b1;
      assign activation_effective = activation_in;
    end

    if (GATED_PARTIAL_SUM) begin : g_partial_sum_gate
      wire partial_sum_enable;
      partial_sum_gate #(
          .IDLE_ROWS(IDLE_ROWS),
          .UNCHANGED_PARTIAL_SUM(UNCHANGED_PARTIAL_SUM)
      ) u_enable (
          .clk(column_clk),
          .row_on(partial_sum_row_on),
          .changed_in(changed_in),
          .move_in(move_in),
          .weight_used(weight_used),
          .partial_sum_enable(partial_sum_enable),
          .changed_out(changed_out)
      );
      clock_gate u_gate (
          .clk(column_clk),
          .enable(partial_sum_enable),
          .gated_clk(partial_sum_clk)
      );
    end else begin : g_partial_sum_clock
      assign partial_sum_clk = column_clk;
      assign changed_out = 1'b0;
    end
  endgenerate

  weight_register #(
      .WEIGHT_BITS(WEIGHT_BITS)
  ) u_weight_register (
      .clk(weight_clk),
      .shift_enable(weight_shift),
      .update(weight_update),
      .weight_in(weight_in),
      .shadow_out(weight_out),
      .weight(weight)
  );

  mac #(
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS)
  ) u_mac (
      .clk(partial_sum_clk),
      .weight(weight),
      .activation_in(activation_effective),
      .partial_sum_in(partial_sum_in),
      .activation_out(mac_activation_out),
      .partial_sum_out(partial_sum_out)
  );
endmodule
