#include "tests/bench/comparison_sources.h"

#include <fmt/format.h>

namespace togglewise::bench {

std::string verilator_harness() {
  return R"(#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>
#include "Vtop.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif
int main(int argc, char** argv) {
  std::vector<int32_t> words;
  FILE* file = std::fopen(argv[1], "rb");
  for (int32_t word; std::fread(&word, 4, 1, file) == 1;) words.push_back(word);
  std::fclose(file);
  const int rounds = std::atoi(argv[2]);
  VerilatedContext context;
  context.traceEverOn(VM_TRACE);
  Vtop top(&context);
#if VM_TRACE
  VerilatedVcdC vcd;
  top.trace(&vcd, 99);
  vcd.open("verilated.vcd");
#endif
  top.clk = 0;
  top.eval();
  uint32_t checksum = 0;
  uint64_t transitions = 0, time = 0;
  const std::clock_t start = std::clock();
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < words.size();) {
      top.weight = words[i] & 0xFF;
      const int length = words[i + 1];
      i += 2;
      for (int t = 0; t < length; ++t, i += 2) {
        top.activation_in = words[i] & 0xFF;
        top.partial_sum_in = words[i + 1] & 0x3FFFFF;
        top.clk = 1;
        top.eval();
        checksum += top.partial_sum_out;
#if VM_TRACE
        vcd.dump(time += 10);
#endif
        top.clk = 0;
        top.eval();
      }
      transitions += length - 1;
    }
  }
  const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
#if VM_TRACE
  vcd.close();
#endif
  std::printf("%.17g %u\n", transitions / seconds, checksum);
}
)";
}

std::string registered_top(const std::string& mac) {
  return fmt::format(R"(module top(input clk, input [7:0] weight, input [7:0] activation_in,
    input [21:0] partial_sum_in, output [7:0] activation_out, output [21:0] partial_sum_out);
  reg [7:0] w, a;
  reg [21:0] p;
  always @(posedge clk) begin w <= weight; a <= activation_in; p <= partial_sum_in; end
  {} dut(.clk(clk), .weight(w), .activation_in(a), .partial_sum_in(p),
    .activation_out(activation_out), .partial_sum_out(partial_sum_out));
endmodule
)",
                     mac);
}
std::string plain_top(const std::string& mac) {
  return fmt::format(R"(module top(input clk, input [7:0] weight, input [7:0] activation_in,
    input [21:0] partial_sum_in, output [7:0] activation_out, output [21:0] partial_sum_out);
  {} dut(.clk(clk), .weight(weight), .activation_in(activation_in),
    .partial_sum_in(partial_sum_in), .activation_out(activation_out),
    .partial_sum_out(partial_sum_out));
endmodule
)",
                     mac);
}

std::string icarus_testbench(const std::string& mac, std::size_t lines, bool vcd) {
  return fmt::format(R"(`timescale 1ns/10ps
module testbench;
  reg clk = 0;
  reg [39:0] vectors [0:{last}];
  reg [7:0] weight, activation;
  reg [21:0] partial_sum;
  integer t, cycles;
  {mac} dut(.clk(clk), .weight(weight), .activation_in(activation), .partial_sum_in(partial_sum));
  initial begin
    $readmemh("vectors.hex", vectors);
    if (!$value$plusargs("cycles=%d", cycles)) cycles = {lines};
    {dump}
    for (t = 0; t < cycles; t = t + 1) begin
      #5 clk = 1;
      {{weight, activation, partial_sum}} <= {{vectors[t][39:24], vectors[t][21:0]}};
      #5 clk = 0;
    end
    $finish;
  end
endmodule
)",
                     fmt::arg("last", lines - 1), fmt::arg("lines", lines), fmt::arg("mac", mac),
                     fmt::arg("dump", vcd ? "$dumpfile(\"icarus.vcd\"); $dumpvars(0, dut);" : ""));
}

}  // namespace togglewise::bench
