// Signed product by radix-4 Booth recoding; combinational, full width.
// `recoded` is read in overlapping groups of three bits; each is a digit −2 … 2 and selects a
// multiple of `multiplicand`. Half as many partial products as in an array of rows, but a digit
// costs a decoder, and a negative one inverts its row.
module booth_multiplier #(
    parameter RECODED_BITS = 8,      // at least 3
    parameter MULTIPLICAND_BITS = 8
) (
    input  [                  RECODED_BITS-1:0] recoded,
    input  [             MULTIPLICAND_BITS-1:0] multiplicand,
    output [RECODED_BITS+MULTIPLICAND_BITS-1:0] product
);
  localparam PRODUCT_BITS = RECODED_BITS + MULTIPLICAND_BITS;
  localparam DIGITS = (RECODED_BITS + 1) / 2;
  localparam ROWS = DIGITS + 1;

  // A zero to the right; an odd width is sign-extended by one bit.
  wire [2*DIGITS:0] groups;
  assign groups[RECODED_BITS:0] = {recoded, 1'b0};
  generate
    if (2 * DIGITS > RECODED_BITS) begin : g_odd
      assign groups[2*DIGITS] = recoded[RECODED_BITS-1];
    end
  endgenerate

  // Row i is the multiple of digit i at bit 2i. −x is ~x + 1: the 1 of digit i stands in row i+1,
  // which is empty there; that of the last digit has the last row for itself.
  // Instead of sign extensions: −s·2^k = (1−s)·2^k − 2^k, and the constants −2^k of all rows add up
  // to a 1 to the left of each sign and {~s, s, s} in row 0; what is left over lies above the
  // product.
  wire [ROWS*PRODUCT_BITS-1:0] rows;
  wire [DIGITS-1:0] negative;
  genvar digit;
  genvar bit_index;
  generate
    for (digit = 0; digit < DIGITS; digit = digit + 1) begin : g_digit
      wire right = groups[2*digit];
      wire middle = groups[2*digit+1];
      wire left = groups[2*digit+2];
      wire one = middle ^ right;
      wire two = (left & ~middle & ~right) | (~left & middle & right);
      assign negative[digit] = left & ~(middle & right);
      wire [MULTIPLICAND_BITS:0] multiple =
          ({MULTIPLICAND_BITS + 1{one}} & {multiplicand[MULTIPLICAND_BITS-1], multiplicand}) |
          ({MULTIPLICAND_BITS + 1{two}} & {multiplicand, 1'b0});
      wire [MULTIPLICAND_BITS:0] signed_multiple =
          multiple ^ {MULTIPLICAND_BITS + 1{negative[digit]}};
      localparam SIGN = 2 * digit + MULTIPLICAND_BITS;  // the bit where this row's sign stands

      for (bit_index = 0; bit_index < PRODUCT_BITS; bit_index = bit_index + 1) begin : g_bit
        if (bit_index >= 2 * digit && bit_index < SIGN) begin : g_multiple
          assign rows[digit*PRODUCT_BITS+bit_index] = signed_multiple[bit_index-2*digit];
        end else if (digit == 0 && (bit_index == SIGN || bit_index == SIGN + 1)) begin : g_first
          assign rows[digit*PRODUCT_BITS+bit_index] = signed_multiple[MULTIPLICAND_BITS];
        end else if (bit_index == (digit == 0 ? SIGN + 2 : SIGN)) begin : g_inverted
          assign rows[digit*PRODUCT_BITS+bit_index] = ~signed_multiple[MULTIPLICAND_BITS];
        end else if (digit != 0 && bit_index == SIGN + 1) begin : g_constant
          assign rows[digit*PRODUCT_BITS+bit_index] = 1'b1;
        end else if (digit != 0 && bit_index == 2 * digit - 2) begin : g_negative
          assign rows[digit*PRODUCT_BITS+bit_index] = negative[digit-1];
        end else begin : g_empty
          assign rows[digit*PRODUCT_BITS+bit_index] = 1'b0;
        end
      end
    end
    for (bit_index = 0; bit_index < PRODUCT_BITS; bit_index = bit_index + 1) begin : g_last
      assign rows[DIGITS*PRODUCT_BITS+bit_index] =
          bit_index == 2 * DIGITS - 2 ? negative[DIGITS-1] : 1'b0;
    end
  endgenerate

  // Carry-save adders one behind the other: as deep as a tree for up to five rows.
  reg [PRODUCT_BITS-1:0] sum;
  reg [PRODUCT_BITS-1:0] carry;
  reg [PRODUCT_BITS-1:0] row;
  reg [PRODUCT_BITS-1:0] half;
  integer level;
  always @* begin
    sum = rows[0+:PRODUCT_BITS];
    carry = rows[PRODUCT_BITS+:PRODUCT_BITS];
    for (level = 2; level < ROWS; level = level + 1) begin
      row = rows[level*PRODUCT_BITS+:PRODUCT_BITS];
      half = sum ^ carry;
      carry = ((sum & carry) | (half & row)) << 1;
      sum = half ^ row;
    end
  end
  assign product = sum + carry;
endmodule
