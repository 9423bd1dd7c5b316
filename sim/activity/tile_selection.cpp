#include "sim/activity/tile_selection.h"

#include <fmt/format.h>

namespace togglewise::activity {
namespace {

std::int32_t wrapped(std::int32_t value, int bits) {
  const auto shift = static_cast<unsigned>(32 - bits);
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << shift) >> shift;
}

// Builds the text of `tile` and the list of its wires, PE by PE.
class TileBuilder {
 public:
  TileBuilder(const tech::Netlist& mac, const array::TileStreams& streams, const PeRange& range)
      : mac_(mac), range_(range), pes_(pes_of(streams, range)) {
    for (const char* name :
         {"activation_in", "partial_sum_in", "activation_out", "partial_sum_out"}) {
      ports_.push_back({name, {}});
    }
  }

  TileModule build() {
    for (std::size_t pe = 0; pe < pes_.size(); ++pe) add(pe);
    TileModule module;
    const tech::Port* clock = nullptr;
    for (const tech::Port& port : mac_.ports()) {
      if (!port.bits.empty() && port.bits[0] == mac_.clock_net()) clock = &port;
    }
    std::string ports = "  input " + clock->name;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      ports += fmt::format(",\n  {} [{}:0] {}", i < 2 ? "input" : "output",
                           ports_[i].bits.size() - 1, ports_[i].name);
    }
    std::string wires;
    for (const TileWire& wire : inner_) {
      wires += fmt::format("  wire [{}:0] {};\n", wire.bits.size() - 1, wire.name);
    }
    module.verilog = fmt::format(
        "// The PEs of one tile, wired as in the array: activations to the right, partial sums\n"
        "// down. Instance pe_R_C stands in row R and column C.\n"
        "module tile (\n{}\n);\n{}{}endmodule\n",
        ports, wires, instances_);
    module.wires = ports_;
    module.wires.insert(module.wires.end(), inner_.begin(), inner_.end());
    return module;
  }

 private:
  enum PortIndex { kActivationIn, kPartialSumIn, kActivationOut, kPartialSumOut };

  void add(std::size_t pe) {
    const TilePe& position = pes_[pe];
    const auto number = [](int at, int end) { return at < end ? at : -1; };
    const int right = number(position.column + 1, range_.column_end);
    const int below = number(position.row + 1, range_.row_end);
    const std::string activation_in = position.column == range_.column_begin
                                          ? port(kActivationIn, pe)
                                          : inner_name("activation", position.row, position.column);
    const std::string partial_sum_in =
        position.row == range_.row_begin ? port(kPartialSumIn, pe)
                                         : inner_name("partial_sum", position.row, position.column);
    const std::string activation_out =
        right < 0 ? port(kActivationOut, pe)
                  : inner("activation_out", inner_name("activation", position.row, right), pe);
    const std::string partial_sum_out =
        below < 0 ? port(kPartialSumOut, pe)
                  : inner("partial_sum_out", inner_name("partial_sum", below, position.column), pe);
    const int weight_bits = mac_.port("weight")->width();
    instances_ += fmt::format(
        "  {} {} (\n    .{}({}), .weight({}'d{}),\n    .activation_in({}), .partial_sum_in({}),\n"
        "    .activation_out({}), .partial_sum_out({})\n  );\n",
        mac_.top(), instance_name(position), mac_.net(mac_.clock_net()).name,
        mac_.net(mac_.clock_net()).name, weight_bits,
        static_cast<unsigned>(position.weight) & ((1U << weight_bits) - 1), activation_in,
        partial_sum_in, activation_out, partial_sum_out);
  }

  static std::string inner_name(const char* what, int row, int column) {
    return fmt::format("{}_{}_{}", what, row, column);
  }

  // The next part of a port of `tile`, which is the port of this name of the PE.
  std::string port(PortIndex index, std::size_t pe) {
    TileWire& port = ports_[index];
    const std::size_t first = port.bits.size();
    for (const tech::NetIndex net : mac_.port(port.name)->bits) port.bits.push_back({pe, net});
    return fmt::format("{}[{}:{}]", port.name, port.bits.size() - 1, first);
  }

  std::string inner(const std::string& driving_port, const std::string& name, std::size_t pe) {
    TileWire wire{name, {}};
    for (const tech::NetIndex net : mac_.port(driving_port)->bits) wire.bits.push_back({pe, net});
    inner_.push_back(std::move(wire));
    return name;
  }

  const tech::Netlist& mac_;
  PeRange range_;
  std::vector<TilePe> pes_;
  std::vector<TileWire> ports_;
  std::vector<TileWire> inner_;
  std::string instances_;
};

}  // namespace

PeRange middle_pe(const array::TileStreams& streams) {
  const int count = streams.used_rows * streams.used_columns;
  const int middle = streams.used_rows / 2 * streams.used_columns + streams.used_columns / 2;
  int chosen = middle;
  for (int i = 0; i < count; ++i) {
    const int index = (middle + i) % count;
    if (streams.weight(index / streams.used_columns, index % streams.used_columns) == 0) continue;
    chosen = index;
    break;
  }
  const int row = chosen / streams.used_columns;
  const int column = chosen % streams.used_columns;
  return {row, row + 1, column, column + 1};
}

std::vector<TilePe> pes_of(const array::TileStreams& streams, const PeRange& range) {
  std::vector<TilePe> pes;
  for (int r = range.row_begin; r < range.row_end; ++r) {
    for (int c = range.column_begin; c < range.column_end; ++c) {
      const int delay = r - range.row_begin + c - range.column_begin;
      pes.push_back({r, c, streams.weight(r, c), static_cast<std::uint64_t>(delay)});
    }
  }
  return pes;
}

PeStimulus stimulus_of(const array::TileStreams& streams, int row, int column,
                       int partial_sum_bits) {
  PeStimulus stimulus;
  stimulus.weight = streams.weight(row, column);
  stimulus.activation.assign(streams.row(row), streams.row(row) + streams.cycles);
  stimulus.partial_sum.assign(streams.cycles, 0);
  for (int r = 0; r < row; ++r) {
    const std::int32_t weight = streams.weight(r, column);
    const std::int8_t* activation = streams.row(r);
    for (std::size_t t = 0; t < streams.cycles; ++t) {
      stimulus.partial_sum[t] += weight * activation[t];
    }
  }
  for (std::int32_t& sum : stimulus.partial_sum) sum = wrapped(sum, partial_sum_bits);
  return stimulus;
}

std::uint64_t cycles_of(const array::TileStreams& streams, const PeRange& range) {
  // One more than values, in which registers follow the last of them, and the array's skew.
  return streams.cycles + 1 + static_cast<std::uint64_t>(range.rows() - 1 + range.columns() - 1);
}

std::string instance_name(const TilePe& pe) { return fmt::format("pe_{}_{}", pe.row, pe.column); }

TileModule tile_module(const tech::Netlist& mac, const array::TileStreams& streams,
                       const PeRange& range) {
  return TileBuilder(mac, streams, range).build();
}

}  // namespace togglewise::activity
