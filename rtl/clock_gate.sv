// Lets the clock through in the cycles for which `enable` is high at the rising edge. The latch holds
// the enable while the clock is high, so that an enable that changes behind the edge cuts no pulse.
module clock_gate (
    input  clk,
    input  enable,
    output gated_clk
);
  reg held;
  always_latch if (!clk) held = enable;
  assign gated_clk = clk & held;
endmodule
