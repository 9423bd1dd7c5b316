// One stage of a skew or deskew chain with the flags that travel beside its data. The data register
// hangs on `data_clk`, which is `clk` gated with `data_enable`. WITH_ZERO: data that stand for zero
// are not written (skew). WITH_CHANGE: only data that may differ from those before are (skew: `move`,
// deskew: `changed`).
module gated_delay #(
    parameter DATA_BITS = 8,
    parameter WITH_ZERO = 0,
    parameter WITH_CHANGE = 0
) (
    /* verilator lint_off UNUSEDSIGNAL */
    input                  clk,          // of the flags
    input                  zero_in,
    input                  change_in,
    /* verilator lint_on UNUSEDSIGNAL */
    input                  data_clk,     // of the data
    input  [DATA_BITS-1:0] data_in,
    output [DATA_BITS-1:0] data_out,
    output                 zero_out,
    output                 change_out,
    output                 data_enable   // of data_clk in this cycle
);
  reg [DATA_BITS-1:0] data;
  always @(posedge data_clk) data <= data_in;
  assign data_out = data;
  assign data_enable = (WITH_ZERO == 0 || !zero_in) && (WITH_CHANGE == 0 || change_in);

  generate
    if (WITH_ZERO != 0) begin : g_zero
      reg zero;
      always @(posedge clk) zero <= zero_in;
      assign zero_out = zero;
    end else begin : g_no_zero
      assign zero_out = 1'b0;
    end
    if (WITH_CHANGE != 0) begin : g_change
      reg change;
      always @(posedge clk) change <= change_in;
      assign change_out = change;
    end else begin : g_no_change
      assign change_out = 1'b0;
    end
  endgenerate
endmodule
