#include "sim/activity/pe_waveforms.h"

#include <algorithm>
#include <cmath>

#include "sim/gate/event_engine.h"
#include "sim/gate/scalar_engine.h"

namespace togglewise::activity {
namespace {

std::uint64_t port_bits(std::int32_t value) { return static_cast<std::uint32_t>(value); }

// The values of a net over a file's time, as they are added up.
class Accumulation {
 public:
  Accumulation(std::size_t nets, const std::vector<std::uint8_t>& initial)
      : activity_(nets), value_(initial), since_(nets, 0) {}

  void change(const NetChange& change, std::uint64_t time) {
    const std::size_t net = change.net;
    add_time(net, time);
    value_[net] = change.value;
    ++activity_[net].toggles;
  }
  std::vector<NetActivity> finish(std::uint64_t duration) {
    for (std::size_t net = 0; net < activity_.size(); ++net) add_time(net, duration);
    return std::move(activity_);
  }

 private:
  void add_time(std::size_t net, std::uint64_t time) {
    (value_[net] != 0 ? activity_[net].time_one_ps : activity_[net].time_zero_ps) +=
        time - since_[net];
    since_[net] = time;
  }

  std::vector<NetActivity> activity_;
  std::vector<std::uint8_t> value_;
  std::vector<std::uint64_t> since_;
};

}  // namespace

std::uint32_t PeWaveforms::latest_offset_ps() const {
  std::uint32_t latest = 0;
  for (const NetChange& change : changes) latest = std::max(latest, change.offset_ps);
  return latest;
}

namespace {

// `begin` is called in cycle 0; `add_changes` appends what the engine's last cycle changed.
template <typename Engine, typename Begin, typename AddChanges>
PeWaveforms record(Engine& engine, const PeStimulus& stimulus, const Begin& begin,
                   const AddChanges& add_changes) {
  const auto apply = [&](std::size_t cycle) {
    engine.set_input("weight", port_bits(stimulus.weight));
    engine.set_input("activation_in", port_bits(stimulus.activation[cycle]));
    engine.set_input("partial_sum_in", port_bits(stimulus.partial_sum[cycle]));
    engine.settle();
  };
  const std::size_t last = stimulus.activation.size() - 1;
  // One register lies on every path, so one edge brings all of them to where cycle 0 needs them,
  // and the second call settles what lies behind them.
  apply(0);
  engine.clock_edge();
  apply(0);
  PeWaveforms waveforms;
  waveforms.initial = engine.values();
  begin();
  waveforms.cycle_begin = {0};
  for (std::size_t cycle = 1; cycle <= last + 1; ++cycle) {
    waveforms.cycle_begin.push_back(waveforms.changes.size());
    engine.clock_edge();
    apply(std::min(cycle, last));
    add_changes(waveforms.changes);
  }
  waveforms.cycle_begin.push_back(waveforms.changes.size());
  return waveforms;
}

NetChange change_of(std::size_t net, bool value, std::uint32_t offset_ps) {
  NetChange change;
  change.offset_ps = offset_ps;
  change.net = static_cast<std::uint32_t>(net);
  change.value = value ? 1 : 0;
  return change;
}

}  // namespace

PeWaveforms record_settled(const tech::Netlist& mac, const PeStimulus& stimulus) {
  gate::ScalarEngine engine(mac);
  std::vector<std::uint8_t> previous;
  const auto begin = [&] { previous = engine.values(); };
  const auto add_changes = [&](std::vector<NetChange>& changes) {
    const std::vector<std::uint8_t>& values = engine.values();
    for (std::size_t net = 0; net < values.size(); ++net) {
      if (values[net] != previous[net]) changes.push_back(change_of(net, values[net] != 0, 0));
    }
    previous = values;
  };
  return record(engine, stimulus, begin, add_changes);
}

PeWaveforms record_inertial(const tech::Netlist& mac, const gate::InertialModel& model,
                            const PeStimulus& stimulus) {
  gate::EventEngine engine(mac, model);
  const auto add_changes = [&](std::vector<NetChange>& changes) {
    const std::size_t first = changes.size();
    for (std::size_t net = 0; net < mac.nets().size(); ++net) {
      for (const gate::NetChange& change : engine.waveform(static_cast<tech::NetIndex>(net))) {
        const auto offset = static_cast<std::uint32_t>(std::lround(change.at * model.quantum_ps));
        changes.push_back(change_of(net, change.value, offset));
      }
    }
    std::stable_sort(changes.begin() + static_cast<std::ptrdiff_t>(first), changes.end(),
                     [](const auto& a, const auto& b) { return a.offset_ps < b.offset_ps; });
  };
  std::vector<std::uint64_t> before;  // what was swallowed on the way to cycle 0
  const auto begin = [&] { before = engine.swallowed_edges(); };
  PeWaveforms waveforms = record(engine, stimulus, begin, add_changes);
  waveforms.swallowed_edges = engine.swallowed_edges();
  for (std::size_t net = 0; net < before.size(); ++net) {
    waveforms.swallowed_edges[net] -= before[net];
  }
  return waveforms;
}

std::vector<NetActivity> count_activity(const tech::Netlist& mac, const PeWaveforms& waveforms,
                                        const Timeline& timeline, std::uint64_t delay_cycles) {
  const std::size_t nets = mac.nets().size();
  Accumulation sum(nets, waveforms.initial);
  for (std::size_t cycle = 1; cycle < waveforms.cycles(); ++cycle) {
    const std::uint64_t edge = timeline.edge_ps(cycle - 1 + delay_cycles);
    for (std::size_t i = waveforms.cycle_begin[cycle]; i < waveforms.cycle_begin[cycle + 1]; ++i) {
      sum.change(waveforms.changes[i], edge + waveforms.changes[i].offset_ps);
    }
  }
  std::vector<NetActivity> activity = sum.finish(timeline.duration_ps());
  for (std::size_t net = 0; net < waveforms.swallowed_edges.size(); ++net) {
    activity[net].swallowed_edges = waveforms.swallowed_edges[net];
  }
  if (mac.clock_net() != tech::kNone) {
    const std::uint64_t low = timeline.cycles * timeline.low_ps();
    activity[static_cast<std::size_t>(mac.clock_net())] = {low, timeline.duration_ps() - low,
                                                           2 * timeline.cycles, 0};
  }
  return activity;
}

}  // namespace togglewise::activity
