// The array of gated_systolic_array.sv as one clocked process over 2-D arrays, with the size in use
// and the options as run-time inputs. There are no gated clocks here: what the hardware does not clock
// is not written. Registers and flags hold in every cycle what the hardware's hold, and the counters
// (`..._edges`) count the cycles in which it clocks them.
// For simulation; gated_systolic_array.sv is the hardware. As in systolic_array_loop.sv, every shift
// runs against the direction of the data, and what lies right of and below the size in use means
// nothing. The flags of a row are bits of one word, so that a row's enables are a few operations;
// most rows are then clocked as a whole or not at all.
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
  // Flags, a word per row of PEs and per stage.
  reg [MAX_COLUMNS-1:0] zero_flags[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [MAX_COLUMNS-1:0] move_flags[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [MAX_COLUMNS-1:0] changed_flags[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [MAX_ROWS-1:0] skew_zero_flags[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [MAX_ROWS-1:0] skew_move_flags[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [MAX_COLUMNS-1:0] deskew_changed_flags[0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg signed [ACTIVATION_BITS-1:0] port_registers[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [MAX_COLUMNS-1:0] weight_used[0:MAX_ROWS-1];  // the weight in use is not zero

  // Cycles in which registers of one kind are clocked: of a PE; of a column's and a row's clock; of
  // all in use, added up.
  reg [31:0] weight_edges  /*verilator public_flat_rd*/;
  reg [31:0] column_edges[0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg [31:0] row_edges[0:MAX_ROWS-1]  /*verilator public_flat_rd*/;
  reg [31:0] activation_edges  /*verilator public_flat_rd*/;
  reg [31:0] partial_sum_edges  /*verilator public_flat_rd*/;
  reg [31:0] skew_edges  /*verilator public_flat_rd*/;
  reg [31:0] deskew_edges  /*verilator public_flat_rd*/;

  reg signed [ACTIVATION_BITS-1:0] effective[0:MAX_COLUMNS-1];  // what a row's multipliers see
  localparam [MAX_COLUMNS-1:0] ALL_COLUMNS = {MAX_COLUMNS{1'b1}};
  localparam [MAX_ROWS-1:0] ALL_ROWS = {MAX_ROWS{1'b1}};

  /* verilator lint_off BLKSEQ */
  always @(posedge clk) begin : step
    integer r, c, s, last_row, last_column;
    reg [MAX_COLUMNS-1:0] columns_in_use, column_runs, any_change, zero, move, above_changed,
                          may_change, isolated, enable;
    reg [MAX_ROWS-1:0] rows_in_use, row_runs, entering_zero, entering_move, row_enable;
    reg signed [ACTIVATION_BITS-1:0] entering;
    reg [MAX_COLUMNS*PARTIAL_SUM_BITS-1:0] deskewed;
    c = 0;  // first, or it is kept in memory by Verilator and the loops crawl
    last_row = {{(32 - SIZE_BITS) {1'b0}}, rows} - 1;
    last_column = {{(32 - SIZE_BITS) {1'b0}}, columns} - 1;
    columns_in_use = ~((ALL_COLUMNS << last_column) << 1);
    rows_in_use = ~((ALL_ROWS << last_row) << 1);
    any_change = {MAX_COLUMNS{~unchanged_partial_sum}};
    column_runs = column_on | {MAX_COLUMNS{~idle_columns}};
    row_runs = row_on | {MAX_ROWS{~idle_rows}};
    for (c = 0; c < MAX_COLUMNS; c = c + 1)
      column_edges[c] = column_edges[c] + {31'd0, column_runs[c]};
    for (r = 0; r < MAX_ROWS; r = r + 1) begin
      row_edges[r] = row_edges[r] + {31'd0, row_runs[r]};
      entering = activation_in[r*ACTIVATION_BITS+:ACTIVATION_BITS];
      entering_zero[r] = zero_activation & (entering == 0);
      entering_move[r] = unchanged_partial_sum & (open_gates | (entering != port_registers[r]));
      if (unchanged_partial_sum) port_registers[r] = entering;
    end

    for (s = last_column - 1; s >= 0; s = s - 1) begin
      above_changed = s == 0 ? changed_flags[last_row] : deskew_changed_flags[s-1];
      enable = column_runs & (above_changed | any_change);
      deskew_edges = deskew_edges +
          $countones(enable & ~(ALL_COLUMNS << (last_column - s)));
      deskew_changed_flags[s] =
          (deskew_changed_flags[s] & ~column_runs) | (above_changed & column_runs);
      if (s == 0) begin
        for (c = 0; c < MAX_COLUMNS; c = c + 1)
          if (enable[c]) deskew_registers[0][c] = partial_sum_registers[last_row][c];
      end else if (&enable) deskew_registers[s] = deskew_registers[s-1];
      else if (|enable)
        for (c = 0; c < MAX_COLUMNS; c = c + 1)
          if (enable[c]) deskew_registers[s][c] = deskew_registers[s-1][c];
    end

    for (r = last_row; r >= 0; r = r - 1) begin
      // PE c sees the register of PE c-1, the first one what comes out of the skew chain.
      entering = r == 0 ? activation_in[ACTIVATION_BITS-1:0] : skew_registers[r-1][r];
      zero = {zero_flags[r][MAX_COLUMNS-2:0], r == 0 ? entering_zero[0] : skew_zero_flags[r-1][r]};
      move = {move_flags[r][MAX_COLUMNS-2:0], r == 0 ? entering_move[0] : skew_move_flags[r-1][r]};

      above_changed = r == 0 ? {MAX_COLUMNS{open_gates}} : changed_flags[r-1];
      may_change = {MAX_COLUMNS{partial_sum_row_on[r] | ~idle_rows}} &
                   (any_change | above_changed | (move & weight_used[r]));
      changed_flags[r] =
          (changed_flags[r] & ~column_runs) | (may_change & column_runs & ~any_change);
      enable = may_change & column_runs;
      partial_sum_edges = partial_sum_edges + $countones(enable & columns_in_use);
      if (|enable) begin
        for (c = MAX_COLUMNS - 1; c > 0; c = c - 1) effective[c] = activation_registers[r][c-1];
        effective[0] = entering;
        isolated = zero | ({MAX_COLUMNS{zero_weight}} & ~weight_used[r]);
        if (|isolated)
          for (c = 0; c < MAX_COLUMNS; c = c + 1) if (isolated[c]) effective[c] = 0;
        if (&enable) begin
          if (r == 0)
            for (c = 0; c < MAX_COLUMNS; c = c + 1)
              partial_sum_registers[0][c] =
                  $signed(partial_sum_offset) + weight_registers[0][c] * effective[c];
          else
            for (c = 0; c < MAX_COLUMNS; c = c + 1)
              partial_sum_registers[r][c] =
                  partial_sum_registers[r-1][c] + weight_registers[r][c] * effective[c];
        end else begin
          for (c = 0; c < MAX_COLUMNS; c = c + 1)
            if (enable[c])
              partial_sum_registers[r][c] =
                  (r == 0 ? $signed(partial_sum_offset) : partial_sum_registers[r-1][c]) +
                  weight_registers[r][c] * effective[c];
        end
      end

      enable = column_runs & {MAX_COLUMNS{row_runs[r]}} & ~zero & (move | any_change);
      activation_edges = activation_edges + $countones(enable & columns_in_use);
      if (&enable) begin
        for (c = MAX_COLUMNS - 1; c > 0; c = c - 1)
          activation_registers[r][c] = activation_registers[r][c-1];
        activation_registers[r][0] = entering;
      end else if (|enable) begin
        for (c = MAX_COLUMNS - 1; c > 0; c = c - 1)
          if (enable[c]) activation_registers[r][c] = activation_registers[r][c-1];
        if (enable[0]) activation_registers[r][0] = entering;
      end
      zero_flags[r] = (zero_flags[r] & ~column_runs) | (zero & column_runs);
      move_flags[r] = (move_flags[r] & ~column_runs) | (move & column_runs);
    end

    for (s = last_row - 1; s >= 0; s = s - 1) begin
      if (s > 0) begin
        row_enable = row_runs & ~skew_zero_flags[s-1] &
                     (skew_move_flags[s-1] | {MAX_ROWS{~unchanged_partial_sum}});
        skew_zero_flags[s] = skew_zero_flags[s-1];
        skew_move_flags[s] = skew_move_flags[s-1];
        if (&row_enable) skew_registers[s] = skew_registers[s-1];
        else if (|row_enable)
          for (r = 0; r < MAX_ROWS; r = r + 1)
            if (row_enable[r]) skew_registers[s][r] = skew_registers[s-1][r];
      end else begin
        row_enable =
            row_runs & ~entering_zero & (entering_move | {MAX_ROWS{~unchanged_partial_sum}});
        skew_zero_flags[0] = entering_zero;
        skew_move_flags[0] = entering_move;
        for (r = 0; r < MAX_ROWS; r = r + 1)
          if (row_enable[r])
            skew_registers[0][r] = activation_in[r*ACTIVATION_BITS+:ACTIVATION_BITS];
      end
      skew_edges =
          skew_edges + $countones(row_enable & rows_in_use & ((ALL_ROWS << s) << 1));
    end

    if (weight_shift | weight_update | ~gate_weight_registers) weight_edges = weight_edges + 1;
    if (weight_shift) begin
      for (r = last_row; r > 0; r = r - 1) shadow_registers[r] = shadow_registers[r-1];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        shadow_registers[0][c] = weight_in[c*WEIGHT_BITS+:WEIGHT_BITS];
    end
    if (weight_update)
      for (r = last_row; r >= 0; r = r - 1) begin
        weight_registers[r] = shadow_registers[r];
        for (c = 0; c < MAX_COLUMNS; c = c + 1) weight_used[r][c] = weight_registers[r][c] != 0;
      end

    deskewed = {MAX_COLUMNS * PARTIAL_SUM_BITS{1'b0}};
    for (c = 0; c < last_column; c = c + 1)
      deskewed[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS] = deskew_registers[last_column-1-c][c];
    deskewed[last_column*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS] =
        partial_sum_registers[last_row][last_column];
    partial_sum_out <= deskewed;
  end
  /* verilator lint_on BLKSEQ */
endmodule
