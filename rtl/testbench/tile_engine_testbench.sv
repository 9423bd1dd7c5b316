// Self-checking testbench of tile_engine in plain SystemVerilog: random tiles back to back, every
// output against the integer matrix product, and the cycles of the whole sequence against the
// closed form. Some columns are stored negated, and OFFSET enters every column at the top; the
// accumulators, over blocks of BLOCK tiles of equal length, must give the plain product all the same.
// Ends with PASS, or with FAIL and a nonzero exit status.
//
//   $ iverilog -g2012 -y rtl -Y .sv -s tile_engine_testbench -Ptile_engine_testbench.WAVE_UPDATE=1 \
//              -o testbench rtl/testbench/tile_engine_testbench.sv && vvp -n testbench
//   $ verilator --binary -y rtl -GWAVE_UPDATE=1 rtl/testbench/tile_engine_testbench.sv
//
// CORRUPT = 1 feeds one weight with its lowest bit inverted, 2 one column's `subtract`, 3 the offset:
// the run must then end with FAIL.
/* verilator lint_off WIDTH */  // sums and indices are computed as integers
module tile_engine_testbench;
  parameter ROWS = 4;
  parameter COLUMNS = 5;
  parameter WEIGHT_BITS = 8;
  parameter ACTIVATION_BITS = 8;
  parameter WAVE_UPDATE = 0;
  parameter TILES = 24;
  parameter MAX_LENGTH = 40;
  parameter SEED = 1;
  parameter CORRUPT = 0;
  parameter BLOCK = 3;

  localparam PARTIAL_SUM_BITS = WEIGHT_BITS + ACTIVATION_BITS + $clog2(ROWS);
  localparam ACCUMULATOR_BITS = 32;
  localparam LOWEST_WEIGHT = -(1 << (WEIGHT_BITS - 1));
  // The largest that leaves room for every sum.
  parameter OFFSET =
      (1 << (PARTIAL_SUM_BITS - 1)) - 1 - ROWS * (1 << (WEIGHT_BITS + ACTIVATION_BITS - 2));
  localparam SIZE_BITS = 9;
  localparam COUNT_BITS = 32;

  // Operands of all tiles, drawn before the clock starts.
  reg signed [WEIGHT_BITS-1:0] weights[0:TILES*ROWS*COLUMNS-1];
  reg signed [ACTIVATION_BITS-1:0] activations[0:TILES*MAX_LENGTH*ROWS-1];
  integer lengths[0:TILES];
  reg negated[0:TILES*COLUMNS-1];  // columns whose weights the array holds negated
  reg signed [ACCUMULATOR_BITS-1:0] accumulators[0:MAX_LENGTH*COLUMNS-1];

  reg clk;
  reg reset;
  integer load_tile;    // the tile whose weights the controller asks for
  integer stream_tile;  // whose activations
  integer output_tile;  // whose outputs leave
  integer sum_tile;     // whose accumulators' sums stand behind them
  integer sum_index;
  reg sum_valid;
  integer busy_cycles;
  integer outputs;
  integer totals;
  integer errors;

  wire busy, done, weight_shift, weight_update, activation_valid, output_valid;
  wire [SIZE_BITS-1:0] weight_row;
  wire [COUNT_BITS-1:0] activation_index, output_index;
  wire [COLUMNS*WEIGHT_BITS-1:0] weight_in;
  wire [ROWS*ACTIVATION_BITS-1:0] activation_in;
  wire [COLUMNS*PARTIAL_SUM_BITS-1:0] partial_sum_out;
  wire [PARTIAL_SUM_BITS-1:0] partial_sum_offset = CORRUPT == 3 ? OFFSET - 1 : OFFSET;
  wire [COLUMNS*ACCUMULATOR_BITS-1:0] addend, sum;
  wire [COLUMNS-1:0] subtract;
  wire [COUNT_BITS-1:0] stream_length = lengths[load_tile];
  wire start = !reset && load_tile < TILES;

  tile_engine #(
      .ROWS(ROWS),
      .COLUMNS(COLUMNS),
      .WEIGHT_BITS(WEIGHT_BITS),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .PARTIAL_SUM_BITS(PARTIAL_SUM_BITS),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
      .WAVE_UPDATE(WAVE_UPDATE),
      .SIZE_BITS(SIZE_BITS),
      .COUNT_BITS(COUNT_BITS)
  ) u_engine (
      .clk(clk),
      .reset(reset),
      .start(start),
      .stream_length(stream_length),
      .busy(busy),
      .done(done),
      .weight_shift(weight_shift),
      .weight_update(weight_update),
      .weight_row(weight_row),
      .weight_in(weight_in),
      .activation_valid(activation_valid),
      .activation_index(activation_index),
      .activation_in(activation_in),
      .output_valid(output_valid),
      .output_index(output_index),
      .partial_sum_offset(partial_sum_offset),
      .partial_sum_out(partial_sum_out),
      .addend(addend),
      .subtract(subtract),
      .sum(sum)
  );

  genvar i;
  generate
    for (i = 0; i < COLUMNS; i = i + 1) begin : g_weight
      wire [WEIGHT_BITS-1:0] stored =
          held_weight(weight_shift ? load_tile : 0, weight_shift ? weight_row : 0, i);
      wire corrupted = CORRUPT == 1 && i == 0 && load_tile == 1 && weight_row == 0;
      assign weight_in[i*WEIGHT_BITS+:WEIGHT_BITS] = corrupted ? stored ^ 1 : stored;
    end
    for (i = 0; i < ROWS; i = i + 1) begin : g_activation
      assign activation_in[i*ACTIVATION_BITS+:ACTIVATION_BITS] =
          activations[activation_valid ? (stream_tile*MAX_LENGTH+activation_index)*ROWS+i : 0];
    end
  endgenerate

  // The accumulator buffer, and what begins each of its sums.
  generate
    for (i = 0; i < COLUMNS; i = i + 1) begin : g_accumulator
      wire first_tile = output_tile % BLOCK == 0;
      assign addend[i*ACCUMULATOR_BITS+:ACCUMULATOR_BITS] =
          !output_valid ? 0
          : first_tile ? accumulator_start(output_tile, i) : accumulators[output_index*COLUMNS+i];
      assign subtract[i] = (output_valid && negated[output_tile*COLUMNS+i]) ^
          (CORRUPT == 2 && i == COLUMNS - 1 && output_tile == 1);
    end
  endgenerate

  function automatic integer held_weight(input integer tile, input integer row,
                                         input integer column);
    integer weight;
    begin
      weight = weights[(tile*ROWS+row)*COLUMNS+column];
      held_weight = negated[tile*COLUMNS+column] ? -weight : weight;
    end
  endfunction

  function automatic integer last_of_block(input integer tile);
    integer last;
    begin
      last = tile - tile % BLOCK + BLOCK - 1;
      last_of_block = last < TILES ? last : TILES - 1;
    end
  endfunction

  // Takes off what the offset will add in all tiles of the block.
  function automatic integer accumulator_start(input integer first_tile, input integer column);
    integer tile;
    begin
      accumulator_start = 0;
      for (tile = first_tile; tile <= last_of_block(first_tile); tile = tile + 1)
        accumulator_start =
            accumulator_start + (negated[tile*COLUMNS+column] ? OFFSET : -OFFSET);
    end
  endfunction

  reg [31:0] random_state;
  function automatic [31:0] xorshift(input [31:0] state);
    reg [31:0] x;
    begin
      x = state;
      x = x ^ (x << 13);
      x = x ^ (x >> 17);
      x = x ^ (x << 5);
      xorshift = x;
    end
  endfunction

  // Every third tile leaves the last row and column idle; blocks of streams of one vector are among
  // them. Half of the columns are negated unless they hold the lowest weight, which has no negative.
  task draw_operands;
    integer tile, r, c, m;
    for (tile = 0; tile < TILES; tile = tile + 1) begin
      random_state = xorshift(random_state);
      if (tile % BLOCK != 0) lengths[tile] = lengths[tile-1];
      else lengths[tile] = tile / BLOCK % 4 == 1 ? 1 : 1 + random_state[30:8] % MAX_LENGTH;
      for (c = 0; c < COLUMNS; c = c + 1) begin
        random_state = xorshift(random_state);
        negated[tile*COLUMNS+c] = random_state[16];
      end
      for (r = 0; r < ROWS; r = r + 1)
        for (c = 0; c < COLUMNS; c = c + 1) begin
          random_state = xorshift(random_state);
          weights[(tile*ROWS+r)*COLUMNS+c] =
              tile % 3 == 2 && (r == ROWS - 1 || c == COLUMNS - 1)
              ? {WEIGHT_BITS{1'b0}} : random_state[8+:WEIGHT_BITS];
          if (weights[(tile*ROWS+r)*COLUMNS+c] == LOWEST_WEIGHT) negated[tile*COLUMNS+c] = 0;
        end
      for (m = 0; m < MAX_LENGTH; m = m + 1)
        for (r = 0; r < ROWS; r = r + 1) begin
          random_state = xorshift(random_state);
          activations[(tile*MAX_LENGTH+m)*ROWS+r] = random_state[8+:ACTIVATION_BITS];
        end
    end
    lengths[TILES] = 1;
  endtask

  function automatic integer expected_sum(input integer tile, input integer vector,
                                          input integer column);
    integer r, sum;
    begin
      sum = 0;
      for (r = 0; r < ROWS; r = r + 1)
        sum = sum + weights[(tile*ROWS+r)*COLUMNS+column]
            * activations[(tile*MAX_LENGTH+vector)*ROWS+r];
      expected_sum = sum;
    end
  endfunction

  function automatic integer expected_total(input integer last_tile, input integer vector,
                                            input integer column);
    integer tile;
    begin
      expected_total = 0;
      for (tile = last_tile - last_tile % BLOCK; tile <= last_tile; tile = tile + 1)
        expected_total = expected_total + expected_sum(tile, vector, column);
    end
  endfunction

  // From the first tile's first load cycle to the last one's last cycle.
  function automatic integer expected_cycles(input integer first_cycle);
    integer tile, period, cycles;
    begin
      cycles = first_cycle;
      for (tile = 0; tile < TILES; tile = tile + 1) begin
        period = 2 * ROWS + COLUMNS - 1;
        if (lengths[tile] > period) period = lengths[tile];
        if (WAVE_UPDATE == 0) cycles = cycles + 2 * ROWS + COLUMNS + lengths[tile] - 2;
        else if (tile < TILES - 1) cycles = cycles + period;
        else cycles = cycles + 2 * ROWS + COLUMNS + lengths[tile] - 2;
      end
      expected_cycles = cycles;
    end
  endfunction

  task check_outputs;
    integer c, expected;
    reg signed [PARTIAL_SUM_BITS-1:0] partial_sum;
    for (c = 0; c < COLUMNS; c = c + 1) begin
      partial_sum = partial_sum_out[c*PARTIAL_SUM_BITS+:PARTIAL_SUM_BITS];
      expected = expected_sum(output_tile, output_index, c);
      expected = OFFSET + (negated[output_tile*COLUMNS+c] ? -expected : expected);
      if (partial_sum !== expected) begin
        if (errors < 5)
          $display("tile %0d, vector %0d, column %0d: %0d, expected %0d", output_tile, output_index,
                   c, partial_sum, expected);
        errors = errors + 1;
      end
      outputs = outputs + 1;
    end
  endtask

  // Stores what the accumulators hold, and checks it where no tile is to be added any more.
  task take_sums;
    integer c, expected;
    reg signed [ACCUMULATOR_BITS-1:0] total;
    for (c = 0; c < COLUMNS; c = c + 1) begin
      total = sum[c*ACCUMULATOR_BITS+:ACCUMULATOR_BITS];
      accumulators[sum_index*COLUMNS+c] <= total;
      if (sum_tile == last_of_block(sum_tile)) begin
        expected = expected_total(sum_tile, sum_index, c);
        if (total !== expected) begin
          if (errors < 5)
            $display("accumulator behind tile %0d, vector %0d, column %0d: %0d, expected %0d",
                     sum_tile, sum_index, c, total, expected);
          errors = errors + 1;
        end
        totals = totals + 1;
      end
    end
  endtask

  // Before each clock edge.
  always @(posedge clk)
    if (!reset) begin
      if (busy) busy_cycles = busy_cycles + 1;
      if (sum_valid) take_sums;
      sum_valid <= output_valid;
      sum_tile <= output_tile;
      sum_index <= output_index;
      if (output_valid) begin
        check_outputs;
        if (output_index == lengths[output_tile] - 1) output_tile <= output_tile + 1;
      end
      if (weight_shift && weight_row == 0) load_tile <= load_tile + 1;
      if (activation_valid && activation_index == lengths[stream_tile] - 1)
        stream_tile <= stream_tile + 1;
    end

  integer cycle;
  initial begin
    clk = 0;
    reset = 1;
    load_tile = 0;
    stream_tile = 0;
    output_tile = 0;
    busy_cycles = 0;
    outputs = 0;
    totals = 0;
    sum_valid = 0;
    sum_tile = 0;
    sum_index = 0;
    errors = 0;
    random_state = 32'h9e3779b9 ^ SEED;
    draw_operands;
    // Registers of the data path have no reset: zeros, and the offset, are clocked through.
    for (cycle = 0; cycle < 2 * (ROWS + COLUMNS); cycle = cycle + 1) begin
      #5 clk = 1;
      #5 clk = 0;
    end
    reset = 0;
    cycle = 0;
    while ((output_tile < TILES || sum_valid) && cycle < 2 * expected_cycles(0)) begin
      #5 clk = 1;
      #5 clk = 0;
      cycle = cycle + 1;
    end
    if (busy_cycles != expected_cycles(0)) begin
      $display("%0d cycles, expected %0d", busy_cycles, expected_cycles(0));
      errors = errors + 1;
    end
    if (output_tile != TILES) begin
      $display("%0d tiles, expected %0d", output_tile, TILES);
      errors = errors + 1;
    end
    if (errors != 0) begin
      $display("FAIL: %0d errors", errors);
      $fatal(1);
    end
    $display("PASS: %0d outputs of %0d tiles in %0d cycles, %0d accumulators", outputs, TILES,
             busy_cycles, totals);
    $finish;
  end
endmodule
