// How often a clock has risen. For simulation: the arrays have it under VERILATOR only.
module clock_edges (
    input             clk,
    output reg [31:0] edges
);
  initial edges = 0;
  always @(posedge clk) edges <= edges + 1;
endmodule
