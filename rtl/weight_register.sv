// A PE's weight with its shadow register: while one tile streams, the next tile's weights can move
// down the column through the shadow registers. In a cycle with both `shift_enable` and `update`,
// the weight takes the value that the shadow register is taking.
module weight_register #(
    parameter WEIGHT_BITS = 8
) (
    input                    clk,
    input                    shift_enable,
    input                    update,
    input  [WEIGHT_BITS-1:0] weight_in,   // the shadow register of the PE above
    output [WEIGHT_BITS-1:0] shadow_out,  // to the PE below
    output [WEIGHT_BITS-1:0] weight
);
  reg [WEIGHT_BITS-1:0] shadow;
  reg [WEIGHT_BITS-1:0] held;

  wire [WEIGHT_BITS-1:0] shadow_next = shift_enable ? weight_in : shadow;
  always @(posedge clk) begin
    shadow <= shadow_next;
    if (update) held <= shadow_next;
  end

  assign shadow_out = shadow;
  assign weight = held;
endmodule
