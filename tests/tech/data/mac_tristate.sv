// Not the MAC's contract: the product is driven by three-state buffers.
module mac (
    input         clk,
    input  [ 7:0] weight,
    input  [ 7:0] activation_in,
    input  [21:0] partial_sum_in,
    output reg [ 7:0] activation_out,
    output reg [21:0] partial_sum_out
);
  wire [15:0] product;
  assign product = weight == 0 ? 16'bz : $signed(weight) * $signed(activation_in);
  assign product = weight == 0 ? 16'b0 : 16'bz;
  always @(posedge clk) begin
    activation_out  <= activation_in;
    partial_sum_out <= partial_sum_in + {{6{product[15]}}, product};
  end
endmodule
