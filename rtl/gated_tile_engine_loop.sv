// gated_tile_engine.sv with the loop-style array: size and options are inputs.
module gated_tile_engine_loop #(
    parameter MAX_ROWS = 64,
    parameter MAX_COLUMNS = 64,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(MAX_ROWS),
    parameter ACCUMULATOR_BITS = 32,
    parameter SUBTRACT = 1,
    parameter SIZE_BITS = 9,
    parameter COUNT_BITS = 32
) (
    input                                     clk,
    input                                     reset,
    input                                     open_gates,
    input  [                   SIZE_BITS-1:0] rows,
    input  [                   SIZE_BITS-1:0] columns,
    input                                     idle_columns,
    input                                     idle_rows,
    input                                     zero_weight,
    input                                     zero_activation,
    input                                     unchanged_partial_sum,
    input                                     gate_weight_registers,
    input                                     start,
    input  [                  COUNT_BITS-1:0] stream_length,
    input  [                   SIZE_BITS-1:0] first_row,
    input  [                   SIZE_BITS-1:0] used_rows,
    input  [                   SIZE_BITS-1:0] used_columns,
    output                                    busy,
    output                                    done,
    output                                    weight_shift,
    output                                    weight_update,
    output [                   SIZE_BITS-1:0] weight_row,
    input  [     MAX_COLUMNS*WEIGHT_BITS-1:0] weight_in,
    output                                    activation_valid,
    output [                  COUNT_BITS-1:0] activation_index,
    input  [    MAX_ROWS*ACTIVATION_BITS-1:0] activation_in,
    input  [            PARTIAL_SUM_BITS-1:0] partial_sum_offset,
    output                                    output_valid,
    output [                  COUNT_BITS-1:0] output_index,
    output [MAX_COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out,
    input  [MAX_COLUMNS*ACCUMULATOR_BITS-1:0] addend,
    input  [                 MAX_COLUMNS-1:0] subtract,
    output [MAX_COLUMNS*ACCUMULATOR_BITS-1:0] sum
);
  wire [MAX_COLUMNS-1:0] column_on;
  wire [MAX_ROWS-1:0] row_on;
  wire [MAX_ROWS-1:0] partial_sum_row_on;

  tile_controller #(
      .SIZE_BITS (SIZE_BITS),
      .COUNT_BITS(COUNT_BITS)
  ) u_controller (
      .clk(clk),
      .reset(reset),
      .double_buffered(1'b0),
      .start(start),
      .rows(rows),
      .columns(columns),
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
      .ROWS(MAX_ROWS),
      .COLUMNS(MAX_COLUMNS),
      .SIZE_BITS(SIZE_BITS)
  ) u_gating (
      .clk(clk),
      .all_on(reset),
      .begins(weight_shift && weight_row == rows - 1'b1),
      .busy(busy),
      .done(done),
      .first_row(first_row),
      .used_rows(used_rows),
      .used_columns(used_columns),
      .column_on(column_on),
      .row_on(row_on),
      .partial_sum_row_on(partial_sum_row_on)
  );

  gated_systolic_array_loop #(
      .MAX_ROWS(MAX_ROWS),
      .MAX_COLUMNS(MAX_COLUMNS),
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
      .SIZE_BITS(SIZE_BITS)
  ) u_array (
      .clk(clk),
      .rows(rows),
      .columns(columns),
      .idle_columns(idle_columns),
      .idle_rows(idle_rows),
      .zero_weight(zero_weight),
      .zero_activation(zero_activation),
      .unchanged_partial_sum(unchanged_partial_sum),
      .gate_weight_registers(gate_weight_registers),
      .open_gates(open_gates),
      .column_on(column_on),
      .row_on(row_on),
      .partial_sum_row_on(partial_sum_row_on),
      .weight_shift(weight_shift),
      .weight_update(weight_update),
      .weight_in(weight_in),
      .activation_in(activation_in & {MAX_ROWS * ACTIVATION_BITS{activation_valid}}),
      .partial_sum_offset(partial_sum_offset),
      .partial_sum_out(partial_sum_out)
  );

  // Accumulators without the columns' clocks: those of columns that are off are not looked at.
  genvar c;
  generate
    for (c = 0; c < MAX_COLUMNS; c = c + 1) begin : g_accumulator
      accumulator #(
          .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
          .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
          .SUBTRACT(SUBTRACT)
      ) u_accumulator (
          .clk(clk),
          .partial_sum(partial_sum_out[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS]),
          .addend(addend[c*ACCUMULATOR_BITS+:ACCUMULATOR_BITS]),
          .subtract(subtract[c]),
          .sum(sum[c*ACCUMULATOR_BITS+:ACCUMULATOR_BITS])
      );
    end
  endgenerate
endmodule
