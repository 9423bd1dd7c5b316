// Controller and structural array. Weights and activations are asked for by index in the cycle in
// which they must arrive; what arrives unasked is kept out of the array. WAVE_UPDATE = 1 is the
// engine with double-buffered weights, 0 the one with single-buffered weights.
module tile_engine #(
    parameter ROWS = 16,
    parameter COLUMNS = 16,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(ROWS),
    parameter WAVE_UPDATE = 0,
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
    output                                output_valid,
    output [              COUNT_BITS-1:0] output_index,
    output [COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out
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
      .partial_sum_out(partial_sum_out)
  );
endmodule
