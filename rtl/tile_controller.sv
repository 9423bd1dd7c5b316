// The sequence of tiles: load the weights, stream the activations, let them drain.
// A tile is loaded from the first cycle on in which `start` is high and the array can take weights:
// with single-buffered weights when the tile before has drained, with double-buffered ones when the
// swap wave of the tile before has passed the last PE. That cycle is the first load cycle, so that
// tiles can follow one another without a gap. `stream_length` (at least 1) is taken in that cycle;
// `rows`, `columns` and `double_buffered` must not change while `busy` is high.
// With single-buffered weights a tile is `busy` for 2*rows + columns + stream_length - 2 cycles.
module tile_controller #(
    parameter SIZE_BITS  = 9,
    parameter COUNT_BITS = 32
) (
    input                   clk,
    input                   reset,             // synchronous
    input                   double_buffered,   // whether weights are loaded while a tile streams
    input                   start,
    input  [ SIZE_BITS-1:0] rows,
    input  [ SIZE_BITS-1:0] columns,
    input  [COUNT_BITS-1:0] stream_length,
    output                  busy,
    output                  done,              // in a tile's last cycle
    output                  weight_shift,
    output                  weight_update,     // in the last cycle before a tile's first vector
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

  // At most one tile is being loaded or waits in the shadow registers, one streams, and one leaves.
  reg loading;
  reg [SIZE_BITS-1:0] next_load_cycle;
  reg loaded;
  reg [COUNT_BITS-1:0] loaded_length;
  reg streaming;
  reg [COUNT_BITS-1:0] stream_cycle;
  reg [COUNT_BITS-1:0] streaming_length;
  reg filling;  // from a tile's first vector until its last PE has it and nothing has left yet
  reg [COUNT_BITS-1:0] fill_cycle;
  reg leaving;
  reg [COUNT_BITS-1:0] leaving_index;
  reg [COUNT_BITS-1:0] leaving_length;

  wire last_leaves = leaving && leaving_index == leaving_length - ONE;
  wire in_flight = filling || (leaving && !last_leaves);
  wire array_takes_weights = !loading && !loaded && !(double_buffered ? filling : in_flight);
  wire accept = start && array_takes_weights;

  // Load.
  wire [SIZE_BITS-1:0] load_cycle = loading ? next_load_cycle : {SIZE_BITS{1'b0}};
  wire last_row = rows - ONE[SIZE_BITS-1:0] == load_cycle;
  wire [COUNT_BITS-1:0] next_length = accept ? stream_length : loaded_length;
  assign weight_shift = loading || accept;
  assign weight_row = weight_shift ? rows - ONE[SIZE_BITS-1:0] - load_cycle : {SIZE_BITS{1'b0}};
  wire complete = loaded || (weight_shift && last_row);

  // Stream.
  wire last_vector = stream_cycle == streaming_length - ONE;
  assign weight_update = complete && (!streaming || last_vector);
  assign activation_valid = streaming;
  assign activation_index = streaming ? stream_cycle : {COUNT_BITS{1'b0}};

  // Drain: vector m leaves the deskew registers rows + columns - 1 cycles after it entered.
  wire filled = filling && fill_cycle == row_count + column_count - TWO;
  wire leaves_next = filled || (leaving && !last_leaves);
  wire [COUNT_BITS-1:0] next_leaving_index = filled ? {COUNT_BITS{1'b0}} : leaving_index + ONE;
  wire [COUNT_BITS-1:0] next_leaving_length = filled ? streaming_length : leaving_length;
  assign output_valid = leaving;
  assign output_index = leaving ? leaving_index : {COUNT_BITS{1'b0}};
  assign done = leaves_next && next_leaving_index == next_leaving_length - ONE;
  assign busy = weight_shift || loaded || in_flight;

  always @(posedge clk)
    if (reset) begin
      loading <= 1'b0;
      loaded <= 1'b0;
      streaming <= 1'b0;
      filling <= 1'b0;
      leaving <= 1'b0;
    end else begin
      loading <= weight_shift && !last_row;
      next_load_cycle <= load_cycle + ONE[SIZE_BITS-1:0];
      loaded <= complete && !weight_update;
      loaded_length <= next_length;

      streaming <= weight_update || (streaming && !last_vector);
      stream_cycle <= weight_update ? {COUNT_BITS{1'b0}} : stream_cycle + ONE;
      if (weight_update) streaming_length <= next_length;

      filling <= weight_update || (filling && !filled);
      fill_cycle <= weight_update ? {COUNT_BITS{1'b0}} : fill_cycle + ONE;

      leaving <= leaves_next;
      leaving_index <= next_leaving_index;
      leaving_length <= next_leaving_length;
    end
endmodule
