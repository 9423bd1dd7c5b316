// Every product of booth_multiplier at all widths from 4 bits to HIGHEST_BITS, odd ones too, against
// `*`. Ends with PASS, or with FAIL and a nonzero exit status.
module booth_multiplier_check #(
    parameter RECODED_BITS = 8,
    parameter MULTIPLICAND_BITS = 8
) (
    output reg        done,
    output reg [31:0] errors
);
  reg signed [RECODED_BITS-1:0] recoded;
  reg signed [MULTIPLICAND_BITS-1:0] multiplicand;
  wire [RECODED_BITS+MULTIPLICAND_BITS-1:0] product;
  reg signed [RECODED_BITS+MULTIPLICAND_BITS-1:0] expected;
  integer pair;

  booth_multiplier #(
      .RECODED_BITS(RECODED_BITS),
      .MULTIPLICAND_BITS(MULTIPLICAND_BITS)
  ) u_multiplier (
      .recoded(recoded),
      .multiplicand(multiplicand),
      .product(product)
  );

  initial begin
    done   = 1'b0;
    errors = 0;
    for (pair = 0; pair < 1 << (RECODED_BITS + MULTIPLICAND_BITS); pair = pair + 1) begin
      recoded = pair[RECODED_BITS-1:0];
      multiplicand = pair[RECODED_BITS+:MULTIPLICAND_BITS];
      expected = recoded * multiplicand;
      #1;
      if (product !== expected) begin
        if (errors == 0) $display("%0d x %0d bits: %0d * %0d gives %0d, not %0d", RECODED_BITS,
                                  MULTIPLICAND_BITS, recoded, multiplicand, $signed(product),
                                  expected);
        errors = errors + 1;
      end
    end
    done = 1'b1;
  end
endmodule

module booth_multiplier_testbench #(
    parameter HIGHEST_BITS = 8
);
  localparam WIDTHS = HIGHEST_BITS - 3;
  wire [WIDTHS*WIDTHS-1:0] done;
  wire [WIDTHS*WIDTHS*32-1:0] errors;
  genvar recoded;
  genvar multiplicand;
  generate
    for (recoded = 4; recoded <= HIGHEST_BITS; recoded = recoded + 1) begin : g_recoded
      for (multiplicand = 4; multiplicand <= HIGHEST_BITS; multiplicand = multiplicand + 1)
      begin : g_multiplicand
        booth_multiplier_check #(
            .RECODED_BITS(recoded),
            .MULTIPLICAND_BITS(multiplicand)
        ) u_check (
            .done(done[WIDTHS*(recoded-4)+multiplicand-4]),
            .errors(errors[32*(WIDTHS*(recoded-4)+multiplicand-4)+:32])
        );
      end
    end
  endgenerate
  initial begin
    wait (&done);
    if (errors == 0) begin
      $display("PASS");
      $finish;
    end else begin
      $display("FAIL");
      $fatal(1);
    end
  end
endmodule
