// Verilog and C++ around the netlist, for the simulators that it is compared in.
#pragma once

#include <cstddef>
#include <string>

namespace togglewise::bench {

// Runs the words of sample_words() through a Verilated module `top`, as often as its second
// argument says; prints transitions per second and the sum of all partial sums. Dumps waves where
// the build traces.
std::string verilator_harness();

// Module `top` around the MAC. Where inputs pass a register, as in the array, Verilator evaluates
// the logic once a cycle; without it, it evaluates what hangs on the inputs at both edges of the
// clock.
std::string registered_top(const std::string& mac);
std::string plain_top(const std::string& mac);

// Plays `lines` lines of sample_hex() from vectors.hex, or as many as +cycles=N says.
std::string icarus_testbench(const std::string& mac, std::size_t lines, bool vcd);

}  // namespace togglewise::bench
