module mac (
    input  clk,
    input  [7:0] weight
    output [7:0] sum
);
endmodule
