// Controller, structural array and the accumulators behind its columns. Weights and activations are
// asked for by index in the cycle in which they must arrive; what arrives unasked is kept out of the
// array. `addend` and `subtract` belong to the sums that stand at `partial_sum_out` in the same
// cycle, those of vector `output_index`; `sum` follows one cycle later. WAVE_UPDATE = 1 is the
// engine with double-buffered weights, 0 the one with single-buffered weights.
module tile_engine #(
    parameter ROWS = 16,
    parameter COLUMNS = 16,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(ROWS),
    parameter WAVE_UPDATE = 0,
    parameter ACCUMULATOR_BITS = 32,
    parameter SUBTRACT = 1,
    parameter SIZE_BITS = 9,
    parameter COUNT_BITS = 32
) (
    input                                 clk,
    input                                 reset,
    input                                 start,
    input  [              COUNT_BITS-1:0] stream_length,
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
  tile_controller #(
      .SIZE_BITS (SIZE_BITS),
      .COUNT_BITS(COUNT_BITS)
  ) u_controller (
      .clk(clk),
      .reset(reset),
      .double_buffered(WAVE_UPDATE != 0),
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

  systolic_array #(
      .ROWS(ROWS),
      .COLUMNS(COLUMNS),
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
      .WAVE_UPDATE(WAVE_UPDATE)
  ) u_array (
      .clk(clk),
      .weight_shift(weight_shift),
      .weight_update(weight_update),
      .weight_in(weight_in),
      .activation_in(activation_in & {ROWS * ACTIVATION_BITS{activation_valid}}),
      .partial_sum_offset(partial_sum_offset),
      .partial_sum_out(partial_sum_out)
  );

  genvar c;
  generate
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_accumulator
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
