#include "sim/cli/activity_export.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "sim/activity/net_names.h"
#include "sim/activity/replay.h"
#include "sim/activity/saif_writer.h"
#include "sim/activity/vcd_writer.h"
#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/parallel.h"
#include "sim/cli/progress_printer.h"
#include "sim/tech/sdf.h"
#include "sim/tech/synthesis.h"
#include "sim/tech/verilog_models.h"

namespace togglewise::cli {
namespace {

using activity::NetActivity;

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

void require_limit(const char* name, std::uint64_t bytes, std::uint64_t limit_bytes) {
  if (bytes <= limit_bytes) return;
  throw Error::input("TW-ACT-007",
                     fmt::format("{} would hold up to {:.0f} MB", name, megabytes(bytes)))
      .expected(fmt::format("at most {:.0f} MB", megabytes(limit_bytes)))
      .hint("choose fewer PEs or images, or raise --limit");
}

// The netlist that `hardware` was built from, as Verilog: synthesis keeps it.
std::filesystem::path netlist_verilog(const energy::MacHardware& hardware) {
  const config::HardwareConfig& config = hardware.config();
  tech::SynthesisRequest request;
  request.rtl_files = config.mac.rtl;
  request.top = config.mac.top;
  request.parameters = {{"WEIGHT_BITS", config.array.weight_bits},
                        {"ACTIVATION_BITS", config.array.activation_bits},
                        {"PARTIAL_SUM_BITS", config.array.partial_sum_bits}};
  request.liberty_file = config.technology.liberty;
  request.clock_period_ps = config.clock_period_ps;
  const tech::SynthesisResult result = tech::synthesize(request);
  const auto library = tech::CellLibrary::read(config.technology.liberty);
  if (tech::Netlist::read(result.json_file, library).hash() != hardware.netlist().hash()) {
    throw std::logic_error("export-activity asks for another netlist than the measurement");
  }
  return result.verilog_file;
}

// Records, counts and compares PE by PE; keeps no waveforms.
class Exporter {
 public:
  Exporter(const energy::MacHardware& hardware, const ActivitySelection& selection,
           const ActivityExportParams& params, const ProgressFunction& progress)
      : hardware_(hardware),
        mac_(hardware.netlist()),
        selection_(selection),
        params_(params),
        progress_(progress),
        positions_(activity::pes_of(selection.streams, selection.range)),
        signals_(activity::signals_of(mac_)) {
    design_.mac = &mac_;
    design_.streams = &selection.streams;
    design_.range = selection.range;
    design_.timeline = {static_cast<std::uint64_t>(hardware.config().clock_period_ps + 0.5),
                        activity::cycles_of(selection.streams, selection.range)};
    if (!selection.range.single()) {
      tile_ = activity::tile_module(mac_, selection.streams, selection.range);
    }
    if (hardware_.counts_glitches()) {
      model_ = gate::make_inertial_model(mac_, hardware_.delays(), hardware_.quantum_ps());
    }
    result_.timeline = design_.timeline;
    result_.settled_toggles.assign(mac_.nets().size(), 0);
  }

  ActivityExport run() {
    if (params_.saif) {
      const std::uint64_t bytes = saif_bytes();
      announce(fmt::format("activity.saif: {} PEs of {} nets, about {:.1f} MB", positions_.size(),
                           mac_.nets().size() - 2, megabytes(bytes)));
      require_limit("activity.saif", bytes, params_.limit_bytes);
    }
    PendingFile saif(params_.out / "activity.saif");
    std::ofstream saif_stream;
    if (params_.saif) saif_stream.open(saif.temporary(), std::ios::binary);
    count(saif_stream);
    require_engine_agrees();
    PendingFile vcd(params_.out / "activity.vcd");
    if (params_.vcd) write_vcd(vcd.temporary());
    if (params_.saif) {
      saif_stream.close();
      if (!saif_stream) throw cannot_write(params_.out / "activity.saif");
      saif.commit();
      result_.files.push_back("activity.saif");
    }
    if (params_.vcd) {
      vcd.commit();
      result_.files.push_back("activity.vcd");
    }
    write_companions();
    const tech::NetlistEnergy& energy = hardware_.netlist_energy();
    result_.energy = activity::summarize(result_.sums, energy);
    const double pe_cycles =
        static_cast<double>(design_.timeline.cycles) * static_cast<double>(positions_.size());
    result_.clock_fj = energy.clock_fj_per_cycle * pe_cycles;
    result_.leakage_fj = energy.leakage_fj_per_cycle() * pe_cycles;
    return std::move(result_);
  }

 private:
  static Error cannot_write(const std::filesystem::path& file) {
    return Error::run("TW-FILE-002", "the file cannot be written").at(file.string());
  }

  activity::PeStimulus stimulus(std::size_t pe) const {
    return activity::stimulus_of(selection_.streams, positions_[pe].row, positions_[pe].column,
                                 mac_.port("partial_sum_in")->width());
  }
  activity::PeWaveforms record(const activity::PeStimulus& stimulus) const {
    if (!hardware_.counts_glitches()) return activity::record_settled(mac_, stimulus);
    activity::PeWaveforms waveforms = activity::record_inertial(mac_, model_, stimulus);
    if (waveforms.latest_offset_ps() >= design_.timeline.period_ps) {
      throw Error::input("TW-ACT-008", fmt::format("nets change {} ps after the clock edge",
                                                   waveforms.latest_offset_ps()))
          .at(hardware_.config().file.string())
          .expected(
              fmt::format("changes within the clock period of {} ps", design_.timeline.period_ps));
    }
    return waveforms;
  }

  std::uint64_t saif_bytes() const {
    std::uint64_t bytes = 0;
    for (const activity::Signal& signal : signals_) {
      bytes += signal.bits.size() * (signal.name.size() + 70);
    }
    if (params_.cell_pins) {
      for (const tech::Cell& cell : mac_.cells()) {
        bytes += cell.nets.size() * 70 + cell.name.size() + 40;
      }
    }
    return bytes * positions_.size();
  }

  struct Counted {
    std::vector<NetActivity> activity;
    std::vector<std::uint64_t> settled;
  };

  // PEs in blocks: each block is recorded by all threads and written in order.
  void count(std::ofstream& out) {
    activity::SaifWriter saif(out, design_.top(), design_.timeline.duration_ps());
    const auto block = static_cast<std::size_t>(4 * params_.threads);
    const bool single = selection_.range.single();
    for (std::size_t first = 0; first < positions_.size(); first += block) {
      const std::size_t size = std::min(block, positions_.size() - first);
      std::vector<Counted> counted(size);
      parallel_for(size, params_.threads, [&](std::size_t i) { counted[i] = count_pe(first + i); });
      for (std::size_t i = 0; i < size; ++i) {
        take(first + i, counted[i]);
        if (params_.saif && single) write_instance(saif, design_.top(), counted[i].activity);
        if (!single) pe_activity_.push_back(std::move(counted[i].activity));
      }
      progress_("recording activity", first + size, positions_.size());
    }
    if (params_.saif && !single) write_tile(saif);
    if (params_.saif) saif.finish();
  }

  Counted count_pe(std::size_t pe) const {
    const activity::PeStimulus operands = stimulus(pe);
    Counted counted;
    counted.activity = activity::count_activity(mac_, record(operands), design_.timeline,
                                                positions_[pe].delay_cycles);
    counted.settled.resize(mac_.nets().size());
    if (!hardware_.counts_glitches()) {
      for (std::size_t net = 0; net < counted.settled.size(); ++net) {
        counted.settled[net] = counted.activity[net].toggles;
      }
    } else {
      for (const activity::NetChange& change : activity::record_settled(mac_, operands).changes) {
        ++counted.settled[change.net];
      }
    }
    return counted;
  }

  void take(std::size_t pe, const Counted& counted) {
    activity::ToggleSums one;
    one.add(mac_, counted.activity);
    result_.sums.add(mac_, counted.activity);
    result_.pes.push_back(
        {positions_[pe], activity::summarize(one, hardware_.netlist_energy()).total});
    for (std::size_t net = 0; net < counted.settled.size(); ++net) {
      if (static_cast<int>(net) != mac_.clock_net()) {
        result_.settled_toggles[net] += counted.settled[net];
      }
    }
  }

  void write_nets(activity::SaifWriter& saif, const std::vector<NetActivity>& activity) const {
    for (const activity::Signal& signal : signals_) {
      for (std::size_t bit = 0; bit < signal.bits.size(); ++bit) {
        saif.net(activity::bit_name(signal, bit),
                 activity[static_cast<std::size_t>(signal.bits[bit])]);
      }
    }
  }

  void write_instance(activity::SaifWriter& saif, const std::string& name,
                      const std::vector<NetActivity>& activity) const {
    saif.begin_instance(name);
    write_nets(saif, activity);
    for (const tech::Cell& cell : mac_.cells()) {
      if (!params_.cell_pins) break;
      saif.begin_instance(cell.name);
      for (std::size_t pin = 0; pin < cell.nets.size(); ++pin) {
        if (cell.nets[pin] == tech::kNone) continue;
        saif.net(cell.type->pins[pin].name, activity[static_cast<std::size_t>(cell.nets[pin])]);
      }
      saif.end_instance();
    }
    saif.end_instance();
  }

  void write_tile(activity::SaifWriter& saif) const {
    saif.begin_instance(design_.top());
    const auto clock = static_cast<std::size_t>(mac_.clock_net());
    saif.net(mac_.nets()[clock].name, pe_activity_[0][clock]);
    for (const activity::TileWire& wire : tile_.wires) {
      for (std::size_t bit = 0; bit < wire.bits.size(); ++bit) {
        const activity::PeNet& from = wire.bits[bit];
        saif.net(fmt::format("{}[{}]", wire.name, bit),
                 pe_activity_[from.pe][static_cast<std::size_t>(from.net)]);
      }
    }
    for (std::size_t pe = 0; pe < positions_.size(); ++pe) {
      write_instance(saif, activity::instance_name(positions_[pe]), pe_activity_[pe]);
    }
    saif.end_instance();
  }

  // Another implementation counts the same operands: the numbers in the files are those of every
  // other result at fidelity `gate`.
  void require_engine_agrees() {
    const gate::MacEngine& engine = hardware_.engine();
    gate::ToggleTally tally = engine.make_tally();
    gate::BitPlanes out;
    const tech::MacWidths widths = engine.widths();
    for (std::size_t pe = 0; pe < positions_.size(); ++pe) {
      const activity::PeStimulus operands = stimulus(pe);
      engine.run(
          operands.weight, gate::BitPlanes::from_int8(operands.activation, widths.activation_bits),
          gate::BitPlanes::from_int32(operands.partial_sum, widths.partial_sum_bits), out, tally);
    }
    for (std::size_t net = 2; net < mac_.nets().size(); ++net) {
      const auto index = static_cast<tech::NetIndex>(net);
      if (index == mac_.clock_net()) continue;
      const std::uint64_t expected = engine.net_toggles(tally, index);
      if (expected == result_.sums.toggles[net]) continue;
      throw Error::run("TW-ACT-009",
                       fmt::format("net {} toggles {} times here and {} times in the "
                                   "gate engine",
                                   mac_.net(index).name, result_.sums.toggles[net], expected))
          .expected("the same: please report it");
    }
  }

  void write_vcd(const std::filesystem::path& file) {
    activity::VcdDesign vcd{design_.top(), mac_.net(mac_.clock_net()).name, tile_.wires, positions_,
                            !selection_.range.single()};
    const std::uint64_t bytes =
        activity::estimate_vcd_bytes(mac_, vcd, design_.timeline, result_.sums.toggles);
    announce(fmt::format("activity.vcd: at most {:.1f} MB", megabytes(bytes)));
    require_limit("activity.vcd", bytes, params_.limit_bytes);
    std::vector<activity::PeWaveforms> waveforms(positions_.size());
    parallel_for(positions_.size(), params_.threads,
                 [&](std::size_t pe) { waveforms[pe] = record(stimulus(pe)); });
    std::ofstream out(file, std::ios::binary);
    activity::write_vcd(
        out, mac_, vcd, waveforms, design_.timeline,
        [&](std::uint64_t done, std::uint64_t all) { progress_("writing waveforms", done, all); });
    out.close();
    if (!out) throw cannot_write(params_.out / "activity.vcd");
  }

  void write(const std::string& name, const std::string& text) {
    write_file_atomically(params_.out / name, text);
    result_.files.push_back(name);
  }

  void write_companions() {
    const tech::EnergyParameters& parameters = hardware_.netlist_energy().parameters;
    write("netlist.v", read_file(netlist_verilog(hardware_)));
    if (!selection_.range.single()) write("tile.v", tile_.verilog);
    write("cells.v", tech::write_verilog_models(mac_));
    write("delays.sdf", tech::sdf_text(mac_, hardware_.delays()));
    write("constraints.sdc", activity::design_constraints(design_, parameters));
    if (selection_.range.single()) {
      write("wires.spef", activity::wire_parasitics(mac_, parameters));
    }
    write("testbench.v", activity::replay_testbench(design_));
    write("vectors.hex", activity::replay_vectors(design_));
    write("README.txt",
          activity::handoff_readme(design_, parameters,
                                   {hardware_.config().technology.liberty.string(), params_.saif,
                                    params_.vcd, hardware_.counts_glitches()}));
  }

  const energy::MacHardware& hardware_;
  const tech::Netlist& mac_;
  const ActivitySelection& selection_;
  const ActivityExportParams& params_;
  const ProgressFunction& progress_;
  std::vector<activity::TilePe> positions_;
  std::vector<activity::Signal> signals_;
  activity::ReplayDesign design_;
  activity::TileModule tile_;
  gate::InertialModel model_;
  std::vector<std::vector<NetActivity>> pe_activity_;  // [pe][net], where there is a tile
  ActivityExport result_;
};

}  // namespace

ActivityExport export_activity(const energy::MacHardware& hardware,
                               const ActivitySelection& selection,
                               const ActivityExportParams& params,
                               const ProgressFunction& progress) {
  return Exporter(hardware, selection, params, progress).run();
}

}  // namespace togglewise::cli
