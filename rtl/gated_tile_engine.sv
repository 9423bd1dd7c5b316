// tile_engine.sv with the gated array; the accumulators hang on their columns' clocks. Which part of
// the array a tile uses is taken with `start`, in the tile's first load cycle. After power-up and
// after a change of `partial_sum_offset`, `reset` and `open_gates` for ROWS + 2 * COLUMNS cycles and
// then `reset` alone for as many bring the array to rest.
module gated_tile_engine #(
    parameter ROWS = 16,
    parameter COLUMNS = 16,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(ROWS),
    parameter ACCUMULATOR_BITS = 32,
    parameter SUBTRACT = 1,
    parameter SIZE_BITS = 9,
    parameter COUNT_BITS = 32,
    parameter IDLE_COLUMNS = 0,
    parameter IDLE_ROWS = 0,
    parameter ZERO_WEIGHT = 0,
    parameter ZERO_ACTIVATION = 0,
    parameter UNCHANGED_PARTIAL_SUM = 0,
    parameter WEIGHT_REGISTERS = 0
) (
    input                                 clk,
    input                                 reset,
    input                                 open_gates,
    input                                 start,
    input  [              COUNT_BITS-1:0] stream_length,
    input  [               SIZE_BITS-1:0] first_row,
    input  [               SIZE_BITS-1:0] used_rows,
    input  [               SIZE_BITS-1:0] used_columns,
    output                                busy,
    output                                done,
    output                                weight_shift,
    output                                weight_update,
    output [               SIZE_BITS-1:0] weight_row,
    input  [     COLUMNS*WEIGHT_BITS-1:0] weight_in,
    output                                activation_valid,
    output [              COUNT_BITS-1:0] activation_index,
    input  [    ROWS*ACTIVATION_BITS-1:0] activation_in,
    input  [        PARTIAL_SUM_BITS-1:0] partial_sum_offset,
    output                                output_valid,
    output [              COUNT_BITS-1:0] output_index,
    output [COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out,
    input  [COLUMNS*ACCUMULATOR_BITS-1:0] addend,
    input  [                 COLUMNS-1:0] subtract,
    output [COLUMNS*ACCUMULATOR_BITS-1:0] sum
);
  localparam [SIZE_BITS-1:0] LAST_ROW = ROWS[SIZE_BITS-1:0] - 1;
  wire [COLUMNS-1:0] column_on;
  wire [COLUMNS-1:0] column_clk;
  wire [ROWS-1:0] row_on;
  wire [ROWS-1:0] partial_sum_row_on;

  tile_controller #(
      .SIZE_BITS (SIZE_BITS),
      .COUNT_BITS(COUNT_BITS)
  ) u_controller (
      .clk(clk),
      .reset(reset),
      .double_buffered(1'b0),
      .start(start),
      .rows(ROWS[SIZE_BITS-1:0]),
      .columns(COLUMNS[SIZE_BITS-1:0]),
      .stream_length(stream_length),
      .busy(busy),
      .done(done),
      .weight_shift(weight_shift),
      .weight_update(weight_update),
      .weight_row(weight_row),
      .activation_valid(activation_valid),
      .activation_index(activation_index),
      .output_valid(output_valid),
      .output_index(output_index)
  );

  gating_control #(
      .ROWS(ROWS),
      .COLUMNS(COLUMNS),
      .SIZE_BITS(SIZE_BITS)
  ) u_gating (
      .clk(clk),
      .all_on(reset),
      .begins(weight_shift && weight_row == LAST_ROW),
      .busy(busy),
      .done(done),
      .first_row(first_row),
      .used_rows(used_rows),
      .used_columns(used_columns),
      .column_on(column_on),
      .row_on(row_on),
      .partial_sum_row_on(partial_sum_row_on)
  );

  gated_systolic_array #(
      .ROWS(ROWS),
      .COLUMNS(COLUMNS),
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
      .IDLE_COLUMNS(IDLE_COLUMNS),
      .IDLE_ROWS(IDLE_ROWS),
      .ZERO_WEIGHT(ZERO_WEIGHT),
      .ZERO_ACTIVATION(ZERO_ACTIVATION),
      .UNCHANGED_PARTIAL_SUM(UNCHANGED_PARTIAL_SUM),
      .WEIGHT_REGISTERS(WEIGHT_REGISTERS)
  ) u_array (
      .clk(clk),
      .open_gates(open_gates),
      .column_on(column_on),
      .row_on(row_on),
      .partial_sum_row_on(partial_sum_row_on),
      .weight_shift(weight_shift),
      .weight_update(weight_update),
      .weight_in(weight_in),
      .activation_in(activation_in & {ROWS * ACTIVATION_BITS{activation_valid}}),
      .partial_sum_offset(partial_sum_offset),
      .partial_sum_out(partial_sum_out),
      .column_clk(column_clk)
  );

  genvar c;
  generate
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_accumulator
      accumulator #(
          .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
          .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
          .SUBTRACT(SUBTRACT)
      ) u_accumulator (
          .clk(column_clk[c]),
          .partial_sum(partial_sum_out[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS]),
          .addend(addend[c*ACCUMULATOR_BITS+:ACCUMULATOR_BITS]),
          .subtract(subtract[c]),
          .sum(sum[c*ACCUMULATOR_BITS+:ACCUMULATOR_BITS])
      );
    end
  endgenerate
endmodule
