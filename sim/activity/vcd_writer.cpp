#include "sim/activity/vcd_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/activity/net_names.h"
#include "sim/base/version.h"

namespace togglewise::activity {
namespace {

constexpr std::size_t kNoVariable = static_cast<std::size_t>(-1);

// Printable characters from '!' to '~', the least significant first.
std::string identifier_code(std::size_t number) {
  std::string code;
  do {
    code += static_cast<char>('!' + number % 94);
    number /= 94;
  } while (number-- > 0);
  return code;
}

bool is_simple(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

// Escaped as simulators do: a backslash before a name that is no simple one.
std::string reference(const std::string& name) {
  return std::all_of(name.begin(), name.end(), is_simple) ? name : "\\" + name;
}

struct Variable {
  std::string code;
  bool is_bus = false;
  std::vector<PeNet> bits;  // bit 0 first
};

// Declarations with their variables. Nets that have several names share one variable where they are
// declared alike.
class Declarations {
 public:
  Declarations(const tech::Netlist& mac, const VcdDesign& design)
      : mac_(mac), variable_of_net_(design.pes.size()) {
    for (auto& nets : variable_of_net_) nets.resize(mac.nets().size());
    const std::vector<Signal> signals = signals_of(mac);
    open(design.top);
    if (design.pes_are_instances) {
      declare_clock(design.clock);
      for (const TileWire& wire : design.wires) declare(wire.name, true, wire.bits);
    }
    for (std::size_t pe = 0; pe < design.pes.size(); ++pe) {
      if (design.pes_are_instances) open(instance_name(design.pes[pe]));
      for (const Signal& signal : signals) {
        if (signal.bits.size() == 1 && signal.bits[0] == mac.clock_net()) {
          declare_clock(signal.name);
          continue;
        }
        std::vector<PeNet> bits;
        for (const tech::NetIndex net : signal.bits) bits.push_back({pe, net});
        declare(signal.name, signal.is_bus, std::move(bits));
      }
      if (design.pes_are_instances) close();
    }
    close();
  }

  const std::string& text() const { return text_; }
  const std::vector<Variable>& variables() const { return variables_; }
  const std::vector<std::size_t>& variables_of(std::size_t pe, std::size_t net) const {
    return variable_of_net_[pe][net];
  }
  static std::string clock_code() { return identifier_code(0); }

 private:
  void open(const std::string& name) {
    text_ += fmt::format("$scope module {} $end\n", reference(name));
  }
  void close() { text_ += "$upscope $end\n"; }
  void declare_clock(const std::string& name) {
    text_ += fmt::format("$var wire 1 {} {} $end\n", clock_code(), reference(name));
  }
  void declare(const std::string& name, bool is_bus, std::vector<PeNet> bits) {
    const std::size_t index = variables_.size();
    Variable variable{identifier_code(index + 1), is_bus, std::move(bits)};
    text_ += fmt::format("$var wire {} {} {}{} $end\n", variable.bits.size(), variable.code,
                         reference(name),
                         is_bus ? fmt::format(" [{}:0]", variable.bits.size() - 1) : "");
    for (const PeNet& bit : variable.bits) {
      variable_of_net_[bit.pe][static_cast<std::size_t>(bit.net)].push_back(index);
    }
    variables_.push_back(std::move(variable));
  }

  const tech::Netlist& mac_;
  std::string text_;
  std::vector<Variable> variables_;
  std::vector<std::vector<std::vector<std::size_t>>> variable_of_net_;  // [pe][net]
};

// A change at its place in a period of the clock.
struct TimedChange {
  std::uint32_t offset_ps = 0;
  std::uint32_t pe = 0;
  NetChange change;
};

class Dump {
 public:
  Dump(std::ostream& out, const Declarations& declarations,
       const std::vector<PeWaveforms>& waveforms)
      : out_(out), declarations_(declarations) {
    for (const PeWaveforms& one : waveforms) values_.push_back(one.initial);
    dirty_.resize(declarations.variables().size(), 0);
  }

  void initial() {
    out_ << "#0\n$dumpvars\n0" << Declarations::clock_code() << '\n';
    for (std::size_t v = 0; v < dirty_.size(); ++v) write_value(v);
    out_ << "$end\n";
  }
  void clock(std::uint64_t time, bool value) {
    at(time);
    out_ << (value ? '1' : '0') << Declarations::clock_code() << '\n';
  }
  void change(std::uint64_t time, const TimedChange& timed) {
    at(time);
    values_[timed.pe][timed.change.net] = timed.change.value;
    for (const std::size_t v : declarations_.variables_of(timed.pe, timed.change.net)) {
      if (dirty_[v] != 0) continue;
      dirty_[v] = 1;
      changed_.push_back(v);
    }
  }
  void finish(std::uint64_t time) {
    at(time);
    flush();
  }

 private:
  void at(std::uint64_t time) {
    if (time == time_) return;
    flush();
    time_ = time;
    out_ << '#' << time << '\n';
  }
  // One line for a bus of which several bits change at the same time.
  void flush() {
    for (const std::size_t v : changed_) {
      write_value(v);
      dirty_[v] = 0;
    }
    changed_.clear();
  }
  void write_value(std::size_t v) {
    const Variable& variable = declarations_.variables()[v];
    if (variable.is_bus) out_ << 'b';
    for (std::size_t i = variable.bits.size(); i-- > 0;) {
      const PeNet& bit = variable.bits[i];
      out_ << (values_[bit.pe][static_cast<std::size_t>(bit.net)] != 0 ? '1' : '0');
    }
    if (variable.is_bus) out_ << ' ';
    out_ << variable.code << '\n';
  }

  std::ostream& out_;
  const Declarations& declarations_;
  std::vector<std::vector<std::uint8_t>> values_;  // [pe][net]
  std::vector<std::uint8_t> dirty_;
  std::vector<std::size_t> changed_;
  std::uint64_t time_ = 0;
};

// All PEs' changes behind clock edge `edge`, in the order of time, then of PEs.
void collect(const VcdDesign& design, const std::vector<PeWaveforms>& waveforms, std::uint64_t edge,
             std::vector<TimedChange>& changes) {
  changes.clear();
  for (std::size_t pe = 0; pe < waveforms.size(); ++pe) {
    const PeWaveforms& one = waveforms[pe];
    const std::uint64_t delay = design.pes[pe].delay_cycles;
    if (edge < delay || edge - delay + 1 >= one.cycles()) continue;
    const std::size_t cycle = edge - delay + 1;
    for (std::size_t i = one.cycle_begin[cycle]; i < one.cycle_begin[cycle + 1]; ++i) {
      changes.push_back({one.changes[i].offset_ps, static_cast<std::uint32_t>(pe), one.changes[i]});
    }
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto& a, const auto& b) { return a.offset_ps < b.offset_ps; });
}

}  // namespace

std::uint64_t estimate_vcd_bytes(const tech::Netlist& mac, const VcdDesign& design,
                                 const Timeline& timeline,
                                 const std::vector<std::uint64_t>& toggles_of_net) {
  const Declarations declarations(mac, design);
  const std::size_t code_bytes = identifier_code(declarations.variables().size()).size();
  std::uint64_t bytes = declarations.text().size() + timeline.cycles * 2 * 40;
  // Nets of the first PE stand for those of all.
  for (std::size_t net = 0; net < toggles_of_net.size(); ++net) {
    for (const std::size_t v : declarations.variables_of(0, net)) {
      const Variable& variable = declarations.variables()[v];
      const std::size_t width = variable.is_bus ? variable.bits.size() + 2 : 1;
      // A time stamp of its own for each, at worst.
      bytes += toggles_of_net[net] * (width + code_bytes + 1 + 12);
    }
  }
  return bytes;
}

void write_vcd(std::ostream& out, const tech::Netlist& mac, const VcdDesign& design,
               const std::vector<PeWaveforms>& waveforms, const Timeline& timeline,
               const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const Declarations declarations(mac, design);
  out << "$version togglewise " << kVersion << " $end\n$timescale 1ps $end\n"
      << declarations.text() << "$enddefinitions $end\n";
  Dump dump(out, declarations, waveforms);
  dump.initial();
  std::vector<TimedChange> changes;
  const std::uint64_t high_ps = timeline.period_ps - timeline.low_ps();
  for (std::uint64_t edge = 0; edge < timeline.cycles; ++edge) {
    const std::uint64_t rise = timeline.edge_ps(edge);
    dump.clock(rise, true);
    collect(design, waveforms, edge, changes);
    bool high = true;
    for (const TimedChange& change : changes) {
      if (high && change.offset_ps >= high_ps) {
        dump.clock(rise + high_ps, false);
        high = false;
      }
      dump.change(rise + change.offset_ps, change);
    }
    if (high) dump.clock(rise + high_ps, false);
    progress(edge + 1, timeline.cycles);
  }
  dump.finish(timeline.duration_ps());
}

}  // namespace togglewise::activity
