// The sequence of one tile: load the weights, stream the activations, let them drain.
// `start` in an idle cycle makes that cycle the first load cycle, so that tiles can follow one
// another without a gap; `rows`, `columns` and `stream_length` (at least 1) must hold while
// `weight_shift` is high. A tile is `busy` for 2*rows + columns + stream_length - 2 cycles.
module tile_controller #(
    parameter SIZE_BITS  = 8,
    parameter COUNT_BITS = 32
) (
    input                   clk,
    input                   reset,             // synchronous
    input                   start,
    input  [ SIZE_BITS-1:0] rows,
    input  [ SIZE_BITS-1:0] columns,
    input  [COUNT_BITS-1:0] stream_length,
    output                  busy,
    output                  done,              // in the tile's last cycle
    output                  weight_shift,
    output                  weight_update,     // in the last load cycle
    output [ SIZE_BITS-1:0] weight_row,        // the row whose weights must stand at the top now
    output                  activation_valid,
    output [COUNT_BITS-1:0] activation_index,  // the vector that must stand at the left now
    output                  output_valid,
    output [COUNT_BITS-1:0] output_index       // the vector whose deskewed sums leave now
);
  localparam [COUNT_BITS-1:0] ONE = 1;
  localparam [COUNT_BITS-1:0] TWO = 2;
  wire [COUNT_BITS-1:0] row_count = {{(COUNT_BITS - SIZE_BITS) {1'b0}}, rows};
  wire [COUNT_BITS-1:0] column_count = {{(COUNT_BITS - SIZE_BITS) {1'b0}}, columns};

  reg running;
  reg [COUNT_BITS-1:0] next_cycle;
  reg [COUNT_BITS-1:0] held_length;
  reg leaving;
  reg [COUNT_BITS-1:0] leaving_index;

  wire [COUNT_BITS-1:0] cycle = running ? next_cycle : {COUNT_BITS{1'b0}};
  wire [COUNT_BITS-1:0] length = running ? held_length : stream_length;
  assign busy = running || start;
  assign done = busy && cycle == row_count + row_count + column_count + length - ONE - TWO;

  assign weight_shift = busy && cycle < row_count;
  assign weight_update = weight_shift && cycle == row_count - ONE;
  assign weight_row =
      weight_shift ? rows - ONE[SIZE_BITS-1:0] - cycle[SIZE_BITS-1:0] : {SIZE_BITS{1'b0}};

  wire streaming = busy && !weight_shift;
  wire [COUNT_BITS-1:0] stream_cycle = cycle - row_count;
  assign activation_valid = streaming && stream_cycle < length;
  assign activation_index = activation_valid ? stream_cycle : {COUNT_BITS{1'b0}};

  // Vector m leaves the deskew registers in the cycle after stream cycle m + rows + columns - 2.
  wire [COUNT_BITS-1:0] fill_cycles = row_count + column_count - TWO;
  always @(posedge clk)
    if (reset) begin
      running <= 1'b0;
      leaving <= 1'b0;
    end else begin
      running <= busy && !done;
      next_cycle <= cycle + ONE;
      held_length <= length;
      leaving <= streaming && stream_cycle >= fill_cycles;
      leaving_index <= stream_cycle - fill_cycles;
    end
  assign output_valid = leaving;
  assign output_index = leaving ? leaving_index : {COUNT_BITS{1'b0}};
endmodule
