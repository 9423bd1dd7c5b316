// Has the MAC's ports, but reads the top digit of a Booth recoding as if it were positive.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  function signed [21:0] multiple(input [2:0] group, input signed [7:0] x, input top);
    case (group)
      3'b001, 3'b010: multiple = x;
      3'b011: multiple = x <<< 1;
      3'b100: multiple = top ? x <<< 1 : -(x <<< 1);
      3'b101, 3'b110: multiple = top ? x : -x;
      default: multiple = 0;
    endcase
  endfunction
  wire signed [21:0] product =
      multiple({weight[1:0], 1'b0}, activation_in, 1'b0) +
      (multiple(weight[3:1], activation_in, 1'b0) <<< 2) +
      (multiple(weight[5:3], activation_in, 1'b0) <<< 4) +
      (multiple(weight[7:5], activation_in, 1'b1) <<< 6);
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + product;
  end
endmodule
