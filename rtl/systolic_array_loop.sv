// The array of systolic_array.sv as one clocked process over 2-D arrays, with the size in use as
// run-time inputs: one Verilator build serves every size up to MAX_ROWS x MAX_COLUMNS, and it is
// several times faster than one instance per PE. For simulation; systolic_array.sv is the hardware.
//
// Assignments are blocking and every shift runs against the direction of the data, so that each
// register is read before it is overwritten. Loops over columns have a constant bound, so that they
// are unrolled and compiled to vector instructions: registers right of and below the size in use
// are written too, nothing in use reads them, and nobody may count them.
// `rows` and `columns` (at least 1) must not change while anything but zeros is in the array.
// Only `partial_sum_out` is assigned without blocking: registers behind it take its old value.
// `wave_update` is systolic_array.sv's WAVE_UPDATE; its registers stay zero where it is low.
module systolic_array_loop #(
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
    input                                         wave_update,
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

  reg update_registers[0:MAX_ROWS-1][0:MAX_COLUMNS-1]  /*verilator public_flat_rd*/;
  reg update_skew_registers[0:MAX_ROWS-1][0:MAX_ROWS-1]  /*verilator public_flat_rd*/;

  /* verilator lint_off BLKSEQ */
  always @(posedge clk) begin : step
    integer r, c, s, last_row, last_column;
    reg [MAX_COLUMNS*PARTIAL_SUM_BITS-1:0] deskewed;
    c = 0;  // first, or it is kept in memory by Verilator and the loops crawl
    last_row = {{(32 - SIZE_BITS) {1'b0}}, rows} - 1;
    last_column = {{(32 - SIZE_BITS) {1'b0}}, columns} - 1;

    for (s = last_column - 1; s > 0; s = s - 1) deskew_registers[s] = deskew_registers[s-1];
    deskew_registers[0] = partial_sum_registers[last_row];

    for (r = last_row; r > 0; r = r - 1) begin
      for (c = MAX_COLUMNS - 1; c > 0; c = c - 1)
        activation_registers[r][c] = activation_registers[r][c-1];
      activation_registers[r][0] = skew_registers[r-1][r];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        partial_sum_registers[r][c] =
            partial_sum_registers[r-1][c] + weight_registers[r][c] * activation_registers[r][c];
    end
    for (c = MAX_COLUMNS - 1; c > 0; c = c - 1)
      activation_registers[0][c] = activation_registers[0][c-1];
    activation_registers[0][0] = activation_in[ACTIVATION_BITS-1:0];
    for (c = 0; c < MAX_COLUMNS; c = c + 1)
      partial_sum_registers[0][c] =
          $signed(partial_sum_offset) + weight_registers[0][c] * activation_registers[0][c];

    for (s = last_row - 1; s > 0; s = s - 1) skew_registers[s] = skew_registers[s-1];
    for (r = 0; r < MAX_ROWS; r = r + 1)
      skew_registers[0][r] = activation_in[r*ACTIVATION_BITS+:ACTIVATION_BITS];

    if (weight_shift) begin
      for (r = last_row; r > 0; r = r - 1) shadow_registers[r] = shadow_registers[r-1];
      for (c = 0; c < MAX_COLUMNS; c = c + 1)
        shadow_registers[0][c] = weight_in[c*WEIGHT_BITS+:WEIGHT_BITS];
    end
    if (wave_update) begin
      for (r = last_row; r >= 0; r = r - 1) begin
        for (c = MAX_COLUMNS - 1; c > 0; c = c - 1) begin
          if (update_registers[r][c-1]) weight_registers[r][c] = shadow_registers[r][c];
          update_registers[r][c] = update_registers[r][c-1];
        end
        update_registers[r][0] = r == 0 ? weight_update : update_skew_registers[r-1][r];
        if (update_registers[r][0]) weight_registers[r][0] = shadow_registers[r][0];
      end
      for (s = last_row - 1; s > 0; s = s - 1)
        update_skew_registers[s] = update_skew_registers[s-1];
      for (r = 0; r < MAX_ROWS; r = r + 1) update_skew_registers[0][r] = weight_update;
    end else if (weight_update)
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
