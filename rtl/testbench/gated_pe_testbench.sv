// Self-checking testbench of one gated PE, as RTL or as a netlist of cells: random weights, streams
// with zeros and repetitions and the flags that belong to them; after every clock edge the partial sum
// must be what an ungated MAC holds, and the activation that leaves must stand for the one that came.
// What stands behind a zero flag, and beside a flag that says nothing moved, is garbage where an
// option lets it be: the gates must keep it out. Ends with PASS, or with FAIL and a nonzero status.
// CORRUPT = 1 withholds the flags of what moved, 2 says that the row is off, 3 says that nonzero
// activations are zeros: the run must then end with FAIL, or the gates do not gate.
module gated_pe_testbench;
  parameter IDLE_ROWS = 1;
  parameter ZERO_ACTIVATION = 1;
  parameter UNCHANGED_PARTIAL_SUM = 1;
  parameter TILES = 12;
  parameter LENGTH = 150;
  parameter CORRUPT = 0;

  reg clk;
  reg weight_shift, weight_update, row_on, sum_row_on, zero_in, move_in, changed_in;
  reg signed [7:0] weight_in;
  reg [7:0] activation_in;
  reg signed [21:0] partial_sum_in;
  wire [7:0] weight_out, activation_out, weight;
  wire zero_out, move_out, changed_out;
  wire [21:0] partial_sum_out;

  gated_pe u_pe (
      .clk(clk),
      .column_clk(clk),
      .activation_row_on(row_on),
      .partial_sum_row_on(sum_row_on),
      .weight_enable(weight_shift | weight_update),
      .zero_in(zero_in),
      .move_in(move_in),
      .changed_in(changed_in),
      .weight_shift(weight_shift),
      .weight_update(weight_update),
      .weight_in(weight_in),
      .weight_out(weight_out),
      .activation_in(activation_in),
      .activation_out(activation_out),
      .zero_out(zero_out),
      .move_out(move_out),
      .partial_sum_in(partial_sum_in),
      .partial_sum_out(partial_sum_out),
      .changed_out(changed_out),
      .weight(weight)
  );

  integer tile, t, errors, checks;
  reg signed [7:0] tile_weight, value, earlier;
  reg signed [21:0] expected;
  reg [31:0] dice;

  // The inputs stand before the clock falls: the latches take the enables while it is low.
  task clock;
    begin
      #5 clk = 0;
      #5 clk = 1;
      #5;
    end
  endtask

  task check(input ok);
    begin
      checks = checks + 1;
      if (ok !== 1'b1) begin
        if (errors < 5)
          $display("tile %0d, cycle %0d: weight %0d, activation %0d, sum %0d, expected %0d", tile, t,
                   $signed(weight), $signed(activation_out), $signed(partial_sum_out), expected);
        errors = errors + 1;
      end
    end
  endtask

  // At rest: zeros and a constant from above, written whatever the registers hold.
  task rest;
    begin
      {value, activation_in} = 0;
      zero_in = ZERO_ACTIVATION != 0;
      move_in = 1;
      changed_in = 1;
      clock;
      move_in = 0;
      changed_in = 0;
      clock;
    end
  endtask

  task load;
    begin
      dice = $random;
      tile_weight = tile % 5 == 0 ? 0 : tile % 7 == 1 ? -128 : dice[7:0];
      weight_in = tile_weight;
      weight_shift = 1;
      weight_update = 1;
      clock;
      weight_shift = 0;
      weight_update = 0;
      weight_in = ~tile_weight;  // not to be taken any more
      check(weight === tile_weight && weight_out === tile_weight);
    end
  endtask

  task stream_one;
    begin
      earlier = value;
      dice = $random;
      if (dice[1:0] == 0) value = 0;
      else if (dice[1:0] != 1) value = dice[15:8];
      move_in = value != earlier;
      zero_in = ZERO_ACTIVATION != 0 && value == 0;
      activation_in = zero_in ? dice[23:16] : value;  // the neighbour holds some older value
      changed_in = dice[25:24] == 0;
      if (changed_in) partial_sum_in = $random;
      if (CORRUPT == 1) {move_in, changed_in} = 0;
      if (CORRUPT == 2) {row_on, sum_row_on} = 0;
      if (CORRUPT == 3) zero_in = value != 0;
      expected = partial_sum_in + tile_weight * value;
      clock;
      check(partial_sum_out === expected);
      check((zero_out === 1'b1 ? 8'd0 : activation_out) === value);
      if (ZERO_ACTIVATION != 0) check(zero_out === zero_in);
      if (UNCHANGED_PARTIAL_SUM != 0) check(move_out === move_in);
      check(weight === tile_weight && weight_out === tile_weight);
    end
  endtask

  initial begin
    errors = 0;
    checks = 0;
    clk = 1;
    weight_shift = 0;
    weight_update = 0;
    row_on = 1;
    sum_row_on = 1;
    partial_sum_in = 0;
    for (tile = 0; tile < TILES; tile = tile + 1) begin
      t = -1;
      rest;
      load;
      for (t = 0; t < LENGTH; t = t + 1) stream_one;
      partial_sum_in = $random;
    end
    if (errors != 0) begin
      $display("FAIL: %0d errors in %0d checks", errors, checks);
      $fatal(1);
    end
    $display("PASS: %0d checks", checks);
    $finish;
  end
endmodule
