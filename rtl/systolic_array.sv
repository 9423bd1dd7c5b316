// Structural weight-stationary array: one `pe` per position, a weight-load chain down every column,
// skew registers before every row, deskew registers behind every column. Ports are flat vectors,
// index 0 in the lowest bits. `partial_sum_offset` is what enters every column at the top: a
// constant, zero or another. The timing is in README.md.
// WAVE_UPDATE = 1 is the array for double-buffered weights: `weight_update` is skewed and passed on
// as the activations are, one cycle ahead of the tile's first vector.
module systolic_array #(
    parameter ROWS = 16,
    parameter COLUMNS = 16,
    parameter WEIGHT_BITS = 8,
    parameter ACTIVATION_BITS = 8,
    parameter PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(ROWS),
    parameter WAVE_UPDATE = 0
) (
    input                                 clk,
    input                                 weight_shift,
    input                                 weight_update,
    input  [     COLUMNS*WEIGHT_BITS-1:0] weight_in,
    input  [    ROWS*ACTIVATION_BITS-1:0] activation_in,
    input  [        PARTIAL_SUM_BITS-1:0] partial_sum_offset,
    output [COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out
);
  genvar r, c, s;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : g_row
      wire [ACTIVATION_BITS-1:0] skewed;

      for (s = 0; s < r; s = s + 1) begin : g_skew
        reg [ACTIVATION_BITS-1:0] held;
        if (s == 0) begin : g_first
          always @(posedge clk) held <= activation_in[r*ACTIVATION_BITS+:ACTIVATION_BITS];
        end else begin : g_next
          always @(posedge clk) held <= g_row[r].g_skew[s-1].held;
        end
      end
      if (r == 0) begin : g_direct
        assign skewed = activation_in[ACTIVATION_BITS-1:0];
      end else begin : g_delayed
        assign skewed = g_skew[r-1].held;
      end

      wire skewed_update;
      if (WAVE_UPDATE != 0 && r > 0) begin : g_wave
        for (s = 0; s < r; s = s + 1) begin : g_skew
          reg held;
          if (s == 0) begin : g_first
            always @(posedge clk) held <= weight_update;
          end else begin : g_next
            always @(posedge clk) held <= g_row[r].g_wave.g_skew[s-1].held;
          end
        end
        assign skewed_update = g_skew[r-1].held;
      end else begin : g_global
        assign skewed_update = weight_update;
      end

      for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
        wire [     WEIGHT_BITS-1:0] weight_above;
        wire [     WEIGHT_BITS-1:0] shadow;
        wire [     WEIGHT_BITS-1:0] weight;
        wire                        update_left;
        /* verilator lint_off UNUSEDSIGNAL */
        wire                        update;  // of the last column it goes nowhere
        /* verilator lint_on UNUSEDSIGNAL */
        wire [ ACTIVATION_BITS-1:0] activation_left;
        wire [ ACTIVATION_BITS-1:0] activation;
        wire [PARTIAL_SUM_BITS-1:0] partial_sum_above;
        wire [PARTIAL_SUM_BITS-1:0] partial_sum;

        if (r == 0) begin : g_top
          assign weight_above = weight_in[c*WEIGHT_BITS+:WEIGHT_BITS];
          assign partial_sum_above = partial_sum_offset;
        end else begin : g_below
          assign weight_above = g_row[r-1].g_column[c].shadow;
          assign partial_sum_above = g_row[r-1].g_column[c].partial_sum;
        end
        if (c == 0) begin : g_left
          assign activation_left = skewed;
          assign update_left = skewed_update;
        end else begin : g_right
          assign update_left = g_row[r].g_column[c-1].update;
          assign activation_left = g_row[r].g_column[c-1].activation;
        end

        pe #(
            .WEIGHT_BITS(WEIGHT_BITS),
            .ACTIVATION_BITS(ACTIVATION_BITS),
            .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
            .WAVE_UPDATE(WAVE_UPDATE)
        ) u_pe (
            .clk(clk),
            .weight_shift(weight_shift),
            .weight_update_in(update_left),
            .weight_update_out(update),
            .weight_in(weight_above),
            .weight_out(shadow),
            .activation_in(activation_left),
            .activation_out(activation),
            .partial_sum_in(partial_sum_above),
            .partial_sum_out(partial_sum),
            .weight(weight)
        );
      end
    end

    for (c = 0; c < COLUMNS; c = c + 1) begin : g_deskew
      for (s = 0; s < COLUMNS - 1 - c; s = s + 1) begin : g_stage
        reg [PARTIAL_SUM_BITS-1:0] held;
        if (s == 0) begin : g_first
          always @(posedge clk) held <= g_row[ROWS-1].g_column[c].partial_sum;
        end else begin : g_next
          always @(posedge clk) held <= g_deskew[c].g_stage[s-1].held;
        end
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
  // The content of every register, laid out as in systolic_array_loop.sv, for the harness.
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
  // Zero where WAVE_UPDATE is: the registers do not exist.
  wire update_registers[0:ROWS-1][0:COLUMNS-1]  /*verilator public_flat_rd*/;
  wire update_skew_registers[0:ROWS-1][0:ROWS-1]  /*verilator public_flat_rd*/;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : g_observe_row
      for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
        assign partial_sum_registers[r][c] = g_row[r].g_column[c].partial_sum;
        assign activation_registers[r][c]  = g_row[r].g_column[c].activation;
        assign weight_registers[r][c]      = g_row[r].g_column[c].weight;
        assign shadow_registers[r][c]      = g_row[r].g_column[c].shadow;
        if (WAVE_UPDATE != 0) begin : g_wave
          assign update_registers[r][c] = g_row[r].g_column[c].update;
        end else begin : g_global
          assign update_registers[r][c] = 1'b0;
        end
      end
      for (s = 0; s < ROWS; s = s + 1) begin : g_skew
        if (s < r) begin : g_used
          assign skew_registers[s][r] = g_row[r].g_skew[s].held;
        end else begin : g_unused
          assign skew_registers[s][r] = {ACTIVATION_BITS{1'b0}};
        end
        if (WAVE_UPDATE != 0 && s < r) begin : g_wave
          assign update_skew_registers[s][r] = g_row[r].g_wave.g_skew[s].held;
        end else begin : g_global
          assign update_skew_registers[s][r] = 1'b0;
        end
      end
    end
    for (s = 0; s < COLUMNS; s = s + 1) begin : g_observe_stage
      for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
        if (s < COLUMNS - 1 - c) begin : g_used
          assign deskew_registers[s][c] = g_deskew[c].g_stage[s].held;
        end else begin : g_unused
          assign deskew_registers[s][c] = {PARTIAL_SUM_BITS{1'b0}};
        end
      end
    end
  endgenerate
`endif
endmodule
