// Which rows and columns of the array a cycle needs: those that the running tile uses, and in the one
// cycle behind a tile's last (which may be the next tile's first) those that it used, so that what
// is still in flight comes to rest.
// `used_rows` from `first_row` on and `used_columns` are taken in a tile's first load cycle, in which
// `begins` is high.
module gating_control #(
    parameter ROWS = 16,
    parameter COLUMNS = 16,
    parameter SIZE_BITS = 9
) (
    input                  clk,
    input                  all_on,             // whatever runs
    input                  begins,             // a tile's first load cycle
    input                  busy,               // a tile runs
    input                  done,               // a tile's last cycle
    input  [SIZE_BITS-1:0] first_row,
    input  [SIZE_BITS-1:0] used_rows,
    input  [SIZE_BITS-1:0] used_columns,
    output [  COLUMNS-1:0] column_on,
    output [     ROWS-1:0] row_on,
    output [     ROWS-1:0] partial_sum_row_on  // not above the first used row
);
  reg [SIZE_BITS-1:0] held_first_row;
  reg [SIZE_BITS-1:0] held_end_row;
  reg [SIZE_BITS-1:0] held_columns;
  reg comes_to_rest;

  wire [SIZE_BITS-1:0] end_row = first_row + used_rows;
  wire held = (busy && !begins) || comes_to_rest;

  always @(posedge clk) begin
    comes_to_rest <= done;
    if (begins) begin
      held_first_row <= first_row;
      held_end_row <= end_row;
      held_columns <= used_columns;
    end
  end

  genvar i;
  generate
    for (i = 0; i < COLUMNS; i = i + 1) begin : g_column
      localparam [SIZE_BITS-1:0] COLUMN = i;
      assign column_on[i] = all_on || (begins && COLUMN < used_columns) ||
                            (held && COLUMN < held_columns);
    end
    for (i = 0; i < ROWS; i = i + 1) begin : g_row
      localparam [SIZE_BITS-1:0] ROW = i;
      wire reached = begins && ROW >= first_row;
      wire held_reached = held && ROW >= held_first_row;
      assign row_on[i] =
          all_on || (reached && ROW < end_row) || (held_reached && ROW < held_end_row);
      assign partial_sum_row_on[i] = all_on || reached || held_reached;
    end
  endgenerate
endmodule
