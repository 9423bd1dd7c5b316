// systolic_array.sv with gated clocks, for single-buffered weights: `gated_pe` per position, skew and
// deskew registers with the flags that travel beside their data, one clock gate per column and, with
// IDLE_ROWS, one per skew chain. Each parameter is an option of its own; 0 leaves its gates and flags
// out. Partial sums, weights and outputs are in every cycle what they are in systolic_array.sv;
// README.md says what each option gates.
// With `open_gates`, the flags that enter say that everything has changed: with all rows and columns
// on, zeros and the offset are then written to every register, whatever it held.
module gated_systolic_array #(
    parameter ROWS = 16,
    parameter COLUMNS = 16,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(ROWS),
    parameter IDLE_COLUMNS = 0,
    parameter IDLE_ROWS = 0,
    parameter ZERO_WEIGHT = 0,
    parameter ZERO_ACTIVATION = 0,
    parameter UNCHANGED_PARTIAL_SUM = 0,
    parameter WEIGHT_REGISTERS = 0
) (
    input                                 clk,
    input                                 open_gates,
    /* verilator lint_off UNUSEDSIGNAL */
    input  [                 COLUMNS-1:0] column_on,
    input  [                    ROWS-1:0] row_on,
    /* verilator lint_on UNUSEDSIGNAL */
    input  [                    ROWS-1:0] partial_sum_row_on,
    input                                 weight_shift,
    input                                 weight_update,
    input  [     COLUMNS*WEIGHT_BITS-1:0] weight_in,
    input  [    ROWS*ACTIVATION_BITS-1:0] activation_in,
    input  [        PARTIAL_SUM_BITS-1:0] partial_sum_offset,
    output [COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out,
    output [                 COLUMNS-1:0] column_clk           // for what hangs behind a column
);
  localparam GATED_SKEW = ZERO_ACTIVATION != 0 || UNCHANGED_PARTIAL_SUM != 0;
  localparam GATED_DESKEW = UNCHANGED_PARTIAL_SUM != 0;

  wire weight_enable = weight_shift | weight_update;

  genvar r, c, s;
  generate
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_column_clock
      wire gated;
      if (IDLE_COLUMNS != 0) begin : g_gate
        clock_gate u_gate (
            .clk(clk),
            .enable(column_on[c]),
            .gated_clk(gated)
        );
      end else begin : g_free
        assign gated = clk;
      end
      assign column_clk[c] = gated;
    end

    for (r = 0; r < ROWS; r = r + 1) begin : g_row
      wire [ACTIVATION_BITS-1:0] entering = activation_in[r*ACTIVATION_BITS+:ACTIVATION_BITS];
      wire entering_zero;
      wire entering_move;
      activation_flags #(
          .ACTIVATION_BITS(ACTIVATION_BITS),
          .ZERO_ACTIVATION(ZERO_ACTIVATION),
          .UNCHANGED_PARTIAL_SUM(UNCHANGED_PARTIAL_SUM)
      ) u_flags (
          .clk(clk),
          .open_gates(open_gates),
          .activation(entering),
          .zero(entering_zero),
          .move(entering_move)
      );

      wire row_clk;
      if (IDLE_ROWS != 0 && r > 0) begin : g_row_gate
        clock_gate u_gate (
            .clk(clk),
            .enable(row_on[r]),
            .gated_clk(row_clk)
        );
      end else begin : g_row_free
        assign row_clk = clk;
      end

      for (s = 0; s < r; s = s + 1) begin : g_skew
        wire [ACTIVATION_BITS-1:0] arriving;
        wire arriving_zero;
        wire arriving_move;
        wire [ACTIVATION_BITS-1:0] held;
        wire zero;
        wire move;
        wire data_clk;
        /* verilator lint_off UNUSEDSIGNAL */
        wire data_enable;
        /* verilator lint_on UNUSEDSIGNAL */
        if (s == 0) begin : g_first
          assign arriving = entering;
          assign arriving_zero = entering_zero;
          assign arriving_move = entering_move;
        end else begin : g_next
          assign arriving = g_row[r].g_skew[s-1].held;
          assign arriving_zero = g_row[r].g_skew[s-1].zero;
          assign arriving_move = g_row[r].g_skew[s-1].move;
        end
        if (GATED_SKEW) begin : g_gate
          clock_gate u_gate (
              .clk(row_clk),
              .enable(data_enable),
              .gated_clk(data_clk)
          );
        end else begin : g_free
          assign data_clk = row_clk;
        end
        gated_delay #(
            .DATA_BITS(ACTIVATION_BITS),
            .WITH_ZERO(ZERO_ACTIVATION),
            .WITH_CHANGE(UNCHANGED_PARTIAL_SUM)
        ) u_delay (
            .clk(clk),
            .zero_in(arriving_zero),
            .change_in(arriving_move),
            .data_clk(data_clk),
            .data_in(arriving),
            .data_out(held),
            .zero_out(zero),
            .change_out(move),
            .data_enable(data_enable)
        );
      end

      wire [ACTIVATION_BITS-1:0] skewed;
      wire skewed_zero;
      wire skewed_move;
      if (r == 0) begin : g_direct
        assign skewed = entering;
        assign skewed_zero = entering_zero;
        assign skewed_move = entering_move;
      end else begin : g_delayed
        assign skewed = g_skew[r-1].held;
        assign skewed_zero = g_skew[r-1].zero;
        assign skewed_move = g_skew[r-1].move;
      end

      for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
        wire [     WEIGHT_BITS-1:0] weight_above;
        wire [     WEIGHT_BITS-1:0] shadow;
        wire [     WEIGHT_BITS-1:0] weight;
        wire [ ACTIVATION_BITS-1:0] activation_left;
        wire [ ACTIVATION_BITS-1:0] activation;
        wire                        zero_left;
        wire                        zero;
        wire                        move_left;
        wire                        move;
        wire [PARTIAL_SUM_BITS-1:0] partial_sum_above;
        wire [PARTIAL_SUM_BITS-1:0] partial_sum;
        wire                        changed_above;
        wire                        changed;

        if (r == 0) begin : g_top
          assign weight_above = weight_in[c*WEIGHT_BITS+:WEIGHT_BITS];
          assign partial_sum_above = partial_sum_offset;
          assign changed_above = open_gates;
        end else begin : g_below
          assign weight_above = g_row[r-1].g_column[c].shadow;
          assign partial_sum_above = g_row[r-1].g_column[c].partial_sum;
          assign changed_above = g_row[r-1].g_column[c].changed;
        end
        if (c == 0) begin : g_left
          assign activation_left = skewed;
          assign zero_left = skewed_zero;
          assign move_left = skewed_move;
        end else begin : g_right
          assign activation_left = g_row[r].g_column[c-1].activation;
          assign zero_left = g_row[r].g_column[c-1].zero;
          assign move_left = g_row[r].g_column[c-1].move;
        end

        gated_pe #(
            .WEIGHT_BITS(WEIGHT_BITS),
            .ACTIVATION_BITS(ACTIVATION_BITS),
            .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
            .IDLE_ROWS(IDLE_ROWS),
            .ZERO_WEIGHT(ZERO_WEIGHT),
            .ZERO_ACTIVATION(ZERO_ACTIVATION),
            .UNCHANGED_PARTIAL_SUM(UNCHANGED_PARTIAL_SUM),
            .WEIGHT_REGISTERS(WEIGHT_REGISTERS)
        ) u_pe (
            .clk(clk),
            .column_clk(column_clk[c]),
            .activation_row_on(row_on[r]),
            .partial_sum_row_on(partial_sum_row_on[r]),
            .weight_enable(weight_enable),
            .zero_in(zero_left),
            .move_in(move_left),
            .changed_in(changed_above),
            .weight_shift(weight_shift),
            .weight_update(weight_update),
            .weight_in(weight_above),
            .weight_out(shadow),
            .activation_in(activation_left),
            .activation_out(activation),
            .zero_out(zero),
            .move_out(move),
            .partial_sum_in(partial_sum_above),
            .partial_sum_out(partial_sum),
            .changed_out(changed),
            .weight(weight)
        );
      end
    end

    for (c = 0; c < COLUMNS; c = c + 1) begin : g_deskew
      for (s = 0; s < COLUMNS - 1 - c; s = s + 1) begin : g_stage
        wire [PARTIAL_SUM_BITS-1:0] arriving;
        wire arriving_changed;
        wire [PARTIAL_SUM_BITS-1:0] held;
        wire changed;
        wire data_clk;
        /* verilator lint_off UNUSEDSIGNAL */
        wire data_enable;
        wire unused_zero;
        /* verilator lint_on UNUSEDSIGNAL */
        if (s == 0) begin : g_first
          assign arriving = g_row[ROWS-1].g_column[c].partial_sum;
          assign arriving_changed = g_row[ROWS-1].g_column[c].changed;
        end else begin : g_next
          assign arriving = g_deskew[c].g_stage[s-1].held;
          assign arriving_changed = g_deskew[c].g_stage[s-1].changed;
        end
        if (GATED_DESKEW) begin : g_gate
          clock_gate u_gate (
              .clk(column_clk[c]),
              .enable(data_enable),
              .gated_clk(data_clk)
          );
        end else begin : g_free
          assign data_clk = column_clk[c];
        end
        gated_delay #(
            .DATA_BITS(PARTIAL_SUM_BITS),
            .WITH_ZERO(0),
            .WITH_CHANGE(UNCHANGED_PARTIAL_SUM)
        ) u_delay (
            .clk(column_clk[c]),
            .zero_in(1'b0),
            .change_in(arriving_changed),
            .data_clk(data_clk),
            .data_in(arriving),
            .data_out(held),
            .zero_out(unused_zero),
            .change_out(changed),
            .data_enable(data_enable)
        );
      end
      if (c == COLUMNS - 1) begin : g_direct
        assign partial_sum_out[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS] =
            g_row[ROWS-1].g_column[c].partial_sum;
      end else begin : g_delayed
        assign partial_sum_out[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS] =
            g_stage[COLUMNS-2-c].held;
      end
    end
  endgenerate

`ifdef VERILATOR
  // For the harness: the content of every register, laid out as in systolic_array.sv, the flags
  // beside them, and how often each clock has risen.
  wire [PARTIAL_SUM_BITS-1:0] partial_sum_registers[0:ROWS-1][0:COLUMNS-1]
      /*verilator public_flat_rd*/;
  wire [ACTIVATION_BITS-1:0] activation_registers[0:ROWS-1][0:COLUMNS-1]
      /*verilator public_flat_rd*/;
  wire [WEIGHT_BITS-1:0] weight_registers[0:ROWS-1][0:COLUMNS-1]
      /*verilator public_flat_rd*/;
  wire [WEIGHT_BITS-1:0] shadow_registers[0:ROWS-1][0:COLUMNS-1]
      /*verilator public_flat_rd*/;
  wire [ACTIVATION_BITS-1:0] skew_registers[0:ROWS-1][0:ROWS-1]
      /*verilator public_flat_rd*/;
  wire [PARTIAL_SUM_BITS-1:0] deskew_registers[0:COLUMNS-1][0:COLUMNS-1]
      /*verilator public_flat_rd*/;
  wire zero_flags[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire move_flags[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire changed_flags[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire skew_zero_flags[0:ROWS-1][0:ROWS-1]  /*verilator public_flat_rd*/;
  wire skew_move_flags[0:ROWS-1][0:ROWS-1]  /*verilator public_flat_rd*/;
  wire deskew_changed_flags[0:COLUMNS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire [ACTIVATION_BITS-1:0] port_registers[0:ROWS-1]  /*verilator public_flat_rd*/;

  wire [31:0] weight_edges[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire [31:0] activation_edges[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire [31:0] partial_sum_edges[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire [31:0] skew_edges[0:ROWS-1][0:ROWS-1]  /*verilator public_flat_rd*/;
  wire [31:0] deskew_edges[0:COLUMNS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire [31:0] row_edges[0:ROWS-1]  /*verilator public_flat_rd*/;
  wire [31:0] column_edges[0:COLUMNS-1]  /*verilator public_flat_rd*/;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : g_observe_row
      if (UNCHANGED_PARTIAL_SUM != 0) begin : g_port
        assign port_registers[r] = g_row[r].u_flags.g_move.previous;
      end else begin : g_no_port
        assign port_registers[r] = {ACTIVATION_BITS{1'b0}};
      end
      clock_edges u_row (
          .clk(g_row[r].row_clk),
          .edges(row_edges[r])
      );
      for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
        assign partial_sum_registers[r][c] = g_row[r].g_column[c].partial_sum;
        assign activation_registers[r][c]  = g_row[r].g_column[c].activation;
        assign weight_registers[r][c]      = g_row[r].g_column[c].weight;
        assign shadow_registers[r][c]      = g_row[r].g_column[c].shadow;
        assign zero_flags[r][c]            = g_row[r].g_column[c].zero;
        assign move_flags[r][c]            = g_row[r].g_column[c].move;
        assign changed_flags[r][c]         = g_row[r].g_column[c].changed;
        clock_edges u_weight (
            .clk(g_row[r].g_column[c].u_pe.weight_clk),
            .edges(weight_edges[r][c])
        );
        clock_edges u_activation (
            .clk(g_row[r].g_column[c].u_pe.activation_clk),
            .edges(activation_edges[r][c])
        );
        clock_edges u_partial_sum (
            .clk(g_row[r].g_column[c].u_pe.partial_sum_clk),
            .edges(partial_sum_edges[r][c])
        );
      end
      for (s = 0; s < ROWS; s = s + 1) begin : g_skew
        if (s < r) begin : g_used
          assign skew_registers[s][r]  = g_row[r].g_skew[s].held;
          assign skew_zero_flags[s][r] = g_row[r].g_skew[s].zero;
          assign skew_move_flags[s][r] = g_row[r].g_skew[s].move;
          clock_edges u_skew (
              .clk(g_row[r].g_skew[s].data_clk),
              .edges(skew_edges[s][r])
          );
        end else begin : g_unused
          assign skew_registers[s][r]  = {ACTIVATION_BITS{1'b0}};
          assign skew_zero_flags[s][r] = 1'b0;
          assign skew_move_flags[s][r] = 1'b0;
          assign skew_edges[s][r]      = 32'd0;
        end
      end
    end
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_observe_column
      clock_edges u_column (
          .clk(column_clk[c]),
          .edges(column_edges[c])
      );
      for (s = 0; s < COLUMNS; s = s + 1) begin : g_stage
        if (s < COLUMNS - 1 - c) begin : g_used
          assign deskew_registers[s][c]     = g_deskew[c].g_stage[s].held;
          assign deskew_changed_flags[s][c] = g_deskew[c].g_stage[s].changed;
          clock_edges u_deskew (
              .clk(g_deskew[c].g_stage[s].data_clk),
              .edges(deskew_edges[s][c])
          );
        end else begin : g_unused
          assign deskew_registers[s][c]     = {PARTIAL_SUM_BITS{1'b0}};
          assign deskew_changed_flags[s][c] = 1'b0;
          assign deskew_edges[s][c]         = 32'd0;
        end
      end
    end
  endgenerate
`endif
endmodule
