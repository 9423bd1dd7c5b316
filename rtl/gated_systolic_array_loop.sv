// The array of gated_systolic_array.sv as one clocked process over 2-D arrays, with the size in use
// and the options as run-time inputs. There are no gated clocks here: where the hardware does not
// clock a register, its old value is written. Registers and flags hold in every cycle what the
// hardware's hold, and the counters (`..._edges`) count the cycles in which it clocks them.
// For simulation; gated_systolic_array.sv is the hardware. As in systolic_array_loop.sv, every shift
// runs against the direction of the data, loops over columns have a constant bound, and what lies
// right of and below the size in use means nothing, counters included.
module gated_systolic_array_loop #(
    parameter MAX_ROWS = 64,
    parameter MAX_COLUMNS = 64,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(MAX_ROWS),
    parameter SIZE_BITS = 9
) (
    input                                         clk,
    input      [                   SIZE_BITS-1:0] rows,
    input      [                   SIZE_BITS-1:0] columns,
    input                                         idle_columns,
    input                                         idle_rows,
    input                                         zero_weight,
    input                                         zero_activation,
    input                                         unchanged_partial_sum,
    input                                         gate_weight_registers,
    input                                         open_gates,
    input      [                 MAX_COLUMNS-1:0] column_on,
    input      [                    MAX_ROWS-1:0] row_on,
    input      [                    MAX_ROWS-1:0] partial_sum_row_on,
    input                                         weight_shift,
    input                                         weight_update,
    input      [     MAX_COLUMNS*WEIGHT_BITS-1:0] weight_in,
    input      [    MAX_ROWS*ACTIVATION_BITS-1:0] activation_in,
    input      [            PARTIAL_SUM_BITS-1:0] partial_sum_offset,
    output reg [MAX_COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out
);
  reg signed [PARTIAL_SUM_BITS-1:0] partial_sum_registers[0:MAX_ROWS-1][0:MAX_COLUMNS-1]
      /*verilator public_flat_rd*/;
  reg signed [ACTIVATION_BITS-1:0] activation_registers[0:MAX_ROWS-1][0:MAX_COLUMNS-1]
      /*verilator public_flat_rd*/;
  reg signed [WEIGHT_BITS-1:0] weight_registers[0:MAX_ROWS-1][0:MAX_COLUMNS-1]
      /*verilator public_flat_rd*/;
  reg signed [WEIGHT_BITS-1:0] shadow_registers[0:MAX_ROWS-1][0:MAX_COLUMNS-1]
      /*verilator public_flat_rd*/;
  // [stage][row], stage < row, and [stage][column], stage < columns-1-column.
  reg signed [ACTIVATION_BITS-1:0] skew_registers[0:MAX_ROWS-1][0:MAX_ROWS-1]
      /*verilator public_flat_rd*/;
  reg signed [PARTIAL_SUM_BITS-1:0] deskew_registers[0:MAX_COLUMNS-1][0:MAX_COLUMNS-1]
      /*verilator public_flat_rd*/;
  reg zero_flags[0:MAX_ROWS-1][0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg move_flags[0:MAX_ROWS-1][0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg changed_flags[0:MAX_ROWS-1][0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg skew_zero_flags[0:MAX_ROWS-1][0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg skew_move_flags[0:MAX_ROWS-1][0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg deskew_changed_flags[0:MAX_COLUMNS-1][0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg signed [ACTIVATION_BITS-1:0] port_registers[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;

  // Cycles in which a column's, or a row's, registers of one kind are clocked, all added up.
  reg [31:0] weight_edges  /*verilator public_flat_rd*/;  // of every PE
  reg [31:0] column_edges[0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg [31:0] row_edges[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [31:0] activation_edges[0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg [31:0] partial_sum_edges[0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg [31:0] skew_edges[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [31:0] deskew_edges[0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;

  // One row at a time: what enters its PEs from the left, and which of their registers are clocked.
  reg signed [ACTIVATION_BITS-1:0] arriving[0:MAX_COLUMNS-1];
  reg arriving_zero[0:MAX_COLUMNS-1];
  reg arriving_move[0:MAX_COLUMNS-1];
  reg signed [ACTIVATION_BITS-1:0] effective[0:MAX_COLUMNS-1];  // what the multiplier sees
  reg sum_enable[0:MAX_COLUMNS-1];
  reg enable[0:MAX_COLUMNS-1];
  reg column_runs[0:MAX_COLUMNS-1];
  // What stands at the ports, by rows.
  reg signed [ACTIVATION_BITS-1:0] entering[0:MAX_ROWS-1];
  reg entering_zero[0:MAX_ROWS-1];
  reg entering_move[0:MAX_ROWS-1];
  reg row_runs[0:MAX_ROWS-1];
  reg skew_enable[0:MAX_ROWS-1];

  /* verilator lint_off BLKSEQ */
  always @(posedge clk) begin : step
    integer r, c, s, last_row, last_column;
    reg sum_row_runs;
    reg [MAX_COLUMNS*PARTIAL_SUM_BITS-1:0] deskewed;
    c = 0;  // first, or it is kept in memory by Verilator and the loops crawl
    last_row = {{(32 - SIZE_BITS) {1'b0}}, rows} - 1;
    last_column = {{(32 - SIZE_BITS) {1'b0}}, columns} - 1;

    for (c = 0; c < MAX_COLUMNS; c = c + 1) begin
      column_runs[c]  = column_on[c] | ~idle_columns;
      column_edges[c] = column_edges[c] + {31'd0, column_runs[c]};
    end
    for (r = 0; r < MAX_ROWS; r = r + 1) begin
      row_runs[r] = row_on[r] | ~idle_rows;
      row_edges[r] = row_edges[r] + {31'd0, row_runs[r]};
      entering[r] = activation_in[r*ACTIVATION_BITS+:ACTIVATION_BITS];
      entering_zero[r] = zero_activation & (entering[r] == 0);
      entering_move[r] =
          unchanged_partial_sum & (open_gates | (entering[r] != port_registers[r]));
      if (unchanged_partial_sum) port_registers[r] = entering[r];
    end

    // Deskew.
    for (s = last_column - 1; s >= 0; s = s - 1) begin
      for (c = 0; c < MAX_COLUMNS; c = c + 1) begin
        enable[c] = s == 0 ? changed_flags[last_row][c] : deskew_changed_flags[s-1][c];
        sum_enable[c] = column_runs[c] & (enable[c] | ~unchanged_partial_sum);
        deskew_edges[c] = deskew_edges[c] + {31'd0, sum_enable[c] & s < last_column - c};
        deskew_registers[s][c] =
            !sum_enable[c] ? deskew_registers[s][c]
            : s == 0 ? partial_sum_registers[last_row][c] : deskew_registers[s-1][c];
        deskew_changed_flags[s][c] = column_runs[c] ? enable[c] : deskew_changed_flags[s][c];
      end
    end

    for (r = last_row; r >= 0; r = r - 1) begin
      // PE c sees the register of PE c-1, the first one what comes out of the skew chain.
      for (c = MAX_COLUMNS - 1; c > 0; c = c - 1) begin
        arriving[c] = activation_registers[r][c-1];
        arriving_zero[c] = zero_flags[r][c-1];
        arriving_move[c] = move_flags[r][c-1];
      end
      arriving[0] = r == 0 ? entering[0] : skew_registers[r-1][r];
      arriving_zero[0] = r == 0 ? entering_zero[0] : skew_zero_flags[r-1][r];
      arriving_move[0] = r == 0 ? entering_move[0] : skew_move_flags[r-1][r];

      sum_row_runs = partial_sum_row_on[r] | ~idle_rows;
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        sum_enable[c] =
            sum_row_runs &
            (~unchanged_partial_sum | (r == 0 ? open_gates : changed_flags[r-1][c]) |
             (arriving_move[c] & weight_registers[r][c] != 0));
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        changed_flags[r][c] =
            column_runs[c] ? sum_enable[c] & unchanged_partial_sum : changed_flags[r][c];
      for (c = 0; c < MAX_COLUMNS; c = c + 1) sum_enable[c] = sum_enable[c] & column_runs[c];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        effective[c] =
            arriving[c] &
            {ACTIVATION_BITS{~(arriving_zero[c] | (zero_weight & weight_registers[r][c] == 0))}};
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        partial_sum_registers[r][c] =
            !sum_enable[c] ? partial_sum_registers[r][c]
            : (r == 0 ? $signed(partial_sum_offset) : partial_sum_registers[r-1][c]) +
              weight_registers[r][c] * effective[c];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        partial_sum_edges[c] = partial_sum_edges[c] + {31'd0, sum_enable[c]};

      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        enable[c] = column_runs[c] & row_runs[r] & ~arriving_zero[c] &
                    (arriving_move[c] | ~unchanged_partial_sum);
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        activation_registers[r][c] = enable[c] ? arriving[c] : activation_registers[r][c];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        activation_edges[c] = activation_edges[c] + {31'd0, enable[c]};
      for (c = 0; c < MAX_COLUMNS; c = c + 1) begin
        zero_flags[r][c] = column_runs[c] ? arriving_zero[c] : zero_flags[r][c];
        move_flags[r][c] = column_runs[c] ? arriving_move[c] : move_flags[r][c];
      end
    end

    // Skew.
    for (s = last_row - 1; s >= 0; s = s - 1) begin
      for (r = 0; r < MAX_ROWS; r = r + 1) begin
        arriving[0] = s == 0 ? entering[r] : skew_registers[s-1][r];
        arriving_zero[0] = s == 0 ? entering_zero[r] : skew_zero_flags[s-1][r];
        arriving_move[0] = s == 0 ? entering_move[r] : skew_move_flags[s-1][r];
        skew_enable[r] =
            row_runs[r] & ~arriving_zero[0] & (arriving_move[0] | ~unchanged_partial_sum);
        skew_registers[s][r] = skew_enable[r] ? arriving[0] : skew_registers[s][r];
        skew_zero_flags[s][r] = arriving_zero[0];
        skew_move_flags[s][r] = arriving_move[0];
        skew_edges[r] = skew_edges[r] + {31'd0, skew_enable[r] & s < r};
      end
    end

    if (weight_shift | weight_update | ~gate_weight_registers) weight_edges = weight_edges + 1;
    if (weight_shift) begin
      for (r = last_row; r > 0; r = r - 1) shadow_registers[r] = shadow_registers[r-1];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        shadow_registers[0][c] = weight_in[c*WEIGHT_BITS+:WEIGHT_BITS];
    end
    if (weight_update)
      for (r = last_row; r >= 0; r = r - 1) weight_registers[r] = shadow_registers[r];

    deskewed = {MAX_COLUMNS * PARTIAL_SUM_BITS{1'b0}};
    for (c = 0; c < last_column; c = c + 1)
      deskewed[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS] = deskew_registers[last_column-1-c][c];
    deskewed[last_column*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS] =
        partial_sum_registers[last_row][last_column];
    partial_sum_out <= deskewed;
  end
  /* verilator lint_on BLKSEQ */
endmodule
