// SystemVerilog that yosys 0.23 does not read: a port that is a packed array of two dimensions.
module mac (
    input             clk,
    input [1:0][3:0] weight,
    output      [7:0] activation_out
);
  assign activation_out = weight;
endmodule
