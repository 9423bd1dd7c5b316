#include "sim/systemc/wave_trace.h"

#include <cmath>
#include <fstapi.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/files.h"
#include "sim/base/version.h"

namespace togglewise::systemc {
namespace {

constexpr int size_bits = 9;
constexpr int count_bits = 32;

struct Width {
  std::uint64_t signals = 0;
  std::uint64_t bytes_per_change = 0;  // of all of them: a byte of time, then the bits
};

void add(Width& width, std::uint64_t count, int bits) {
  width.signals += count;
  width.bytes_per_change += count * static_cast<std::uint64_t>(1 + (bits + 7) / 8);
}

void require_inside(const WaveRange& range, int size, const std::string& what) {
  if (range.first >= 0 && range.first <= range.last && range.last < size) return;
  throw Error::input("TW-WAVE-001", "a trace of " + what + " " + std::to_string(range.first) +
                                        " to " + std::to_string(range.last))
      .expected("a range within 0:" + std::to_string(size - 1));
}

// Weights move while others stream with double-buffered weights: both are named then.
const char* phase_name(const ControllerRequest& request, bool outputs) {
  if (request.weight_shift) return request.activation_valid ? "load+stream" : "load";
  if (request.activation_valid) return "stream";
  return request.busy || outputs ? "drain" : "idle";
}

}  // namespace

WaveEstimate estimate_waves(const WaveTraceParams& params, const TracedArray& array,
                            int stream_length, std::uint64_t waiting_cycles) {
  const auto columns = static_cast<std::uint64_t>(params.columns.count());
  const std::uint64_t pes = static_cast<std::uint64_t>(params.rows.count()) * columns;
  Width width;
  add(width, 2, 1);                                // the clock changes twice a cycle
  add(width, array.double_buffered ? pes : 0, 1);  // update
  add(width, 2 * pes, array.shape.weight_bits);    // weight and shadow
  add(width, pes, array.shape.activation_bits);
  add(width, pes, array.shape.partial_sum_bits);
  add(width, columns, array.shape.partial_sum_bits);  // outputs
  add(width, 6, 1);                                   // controller
  add(width, 1, size_bits);
  add(width, 2, count_bits);
  add(width, 1, 88);  // phase, at most 11 letters
  WaveEstimate estimate;
  estimate.signals = width.signals - 1;  // one clock
  estimate.cycles =
      waiting_cycles +
      static_cast<std::uint64_t>(2 * array.shape.rows + array.shape.columns + stream_length - 2);
  estimate.bytes = estimate.cycles * width.bytes_per_change;
  return estimate;
}

class WaveTrace::Writer {
 public:
  Writer(const WaveTraceParams& params, const TracedArray& array, int stream_length)
      : params_(params),
        array_(array),
        stream_length_(static_cast<std::uint64_t>(stream_length)),
        period_ps_(static_cast<std::uint64_t>(std::llround(params.clock_period_ps))),
        file_(params.file),
        context_(fstWriterCreate(file_.temporary().c_str(), 1)) {
    if (!context_) {
      throw Error::input("TW-WAVE-003", "the waves cannot be written")
          .at(params.file.string())
          .expected("a folder that can be written to");
    }
    declare();
  }

  ~Writer() { close(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void record(const LockstepCycle& cycle) {
    if (complete_) return;
    if (!first_cycle_) {
      if (!cycle.request.weight_shift) return;
      first_cycle_ = cycle.cycle;
    }
    const std::uint64_t begin = cycle.cycle - *first_cycle_;
    if (cycle.request.weight_update && !end_) {
      end_ = begin + 1 + stream_length_ +
             static_cast<std::uint64_t>(array_.shape.rows + array_.shape.columns - 2);
    }
    go_to(begin * period_ps_);
    emit(clock_, 1);
    emit_controller(cycle.request);
    go_to(begin * period_ps_ + period_ps_ / 2);
    emit(clock_, 0);
    go_to((begin + 1) * period_ps_);
    emit_registers(cycle.registers);
    emit_outputs(cycle.output);
    complete_ = end_ && begin + 1 == *end_;
    if (complete_) emit(clock_, 1);
  }

  bool complete() const { return complete_; }

  void commit() {
    close();
    file_.commit();
  }

 private:
  // A variable and the value that it was last given.
  struct Signal {
    fstHandle handle = 0;
    std::uint32_t bits = 0;
    std::optional<std::uint32_t> value;
  };
  struct PeSignals {
    int row = 0;
    int column = 0;
    Signal weight, shadow, activation, partial_sum, update;
  };

  Signal variable(const char* name, int bits, fstVarType type = FST_VT_VCD_REG) {
    const auto width = static_cast<std::uint32_t>(bits);
    return {fstWriterCreateVar(context_, type, FST_VD_IMPLICIT, width, name, 0), width, {}};
  }

  void scope(const std::string& name) {
    fstWriterSetScope(context_, FST_ST_VCD_MODULE, name.c_str(), nullptr);
  }

  void declare() {
    fstWriterSetPackType(context_, FST_WR_PT_LZ4);
    fstWriterSetTimescale(context_, -12);
    fstWriterSetDate(context_, "");  // the same run gives the same bytes
    fstWriterSetVersion(context_, ("togglewise " + std::string(kVersion)).c_str());
    scope("array");
    clock_ = variable("clock", 1, FST_VT_VCD_WIRE);
    declare_controller();
    for (int r = params_.rows.first; r <= params_.rows.last; ++r)
      for (int c = params_.columns.first; c <= params_.columns.last; ++c) declare_pe(r, c);
    scope("output");
    for (int c = params_.columns.first; c <= params_.columns.last; ++c) {
      const std::string name = "column_" + std::to_string(c);
      outputs_.push_back(variable(name.c_str(), array_.shape.partial_sum_bits, FST_VT_VCD_WIRE));
    }
    fstWriterSetUpscope(context_);
    fstWriterSetUpscope(context_);
  }

  void declare_controller() {
    scope("controller");
    phase_ = fstWriterCreateVar(context_, FST_VT_GEN_STRING, FST_VD_IMPLICIT, 0, "phase", 0);
    busy_ = variable("busy", 1, FST_VT_VCD_WIRE);
    done_ = variable("done", 1, FST_VT_VCD_WIRE);
    weight_shift_ = variable("weight_shift", 1, FST_VT_VCD_WIRE);
    weight_update_ = variable("weight_update", 1, FST_VT_VCD_WIRE);
    weight_row_ = variable("weight_row", size_bits, FST_VT_VCD_WIRE);
    activation_valid_ = variable("activation_valid", 1, FST_VT_VCD_WIRE);
    activation_index_ = variable("activation_index", count_bits, FST_VT_VCD_WIRE);
    output_valid_ = variable("output_valid", 1, FST_VT_VCD_WIRE);
    output_index_ = variable("output_index", count_bits, FST_VT_VCD_WIRE);
    fstWriterSetUpscope(context_);
  }

  void declare_pe(int row, int column) {
    scope("pe_" + std::to_string(row) + "_" + std::to_string(column));
    PeSignals pe;
    pe.row = row;
    pe.column = column;
    pe.weight = variable("weight", array_.shape.weight_bits);
    pe.shadow = variable("shadow", array_.shape.weight_bits);
    pe.activation = variable("activation", array_.shape.activation_bits);
    pe.partial_sum = variable("partial_sum", array_.shape.partial_sum_bits);
    if (array_.double_buffered) pe.update = variable("update", 1);
    pes_.push_back(pe);
    fstWriterSetUpscope(context_);
  }

  void go_to(std::uint64_t time_ps) {
    if (time_ps_ && *time_ps_ == time_ps) return;
    fstWriterEmitTimeChange(context_, time_ps);
    time_ps_ = time_ps;
  }

  void emit(Signal& signal, std::uint32_t value) {
    const std::uint32_t bits = value & (0xffffffffu >> (32 - signal.bits));
    if (signal.value && *signal.value == bits) return;
    signal.value = bits;
    fstWriterEmitValueChange32(context_, signal.handle, signal.bits, bits);
  }

  void emit_controller(const ControllerRequest& request) {
    const std::string phase = phase_name(request, output_valid_.value.value_or(0) != 0);
    if (phase != last_phase_) {
      fstWriterEmitVariableLengthValueChange(context_, phase_, phase.data(),
                                             static_cast<std::uint32_t>(phase.size()));
      last_phase_ = phase;
    }
    emit(busy_, request.busy);
    emit(done_, request.done);
    emit(weight_shift_, request.weight_shift);
    emit(weight_update_, request.weight_update);
    emit(weight_row_, static_cast<std::uint32_t>(request.weight_row));
    emit(activation_valid_, request.activation_valid);
    emit(activation_index_, request.activation_index);
  }

  // The build's partial sums may be narrower than the hardware's: they are sign-extended.
  void emit_registers(const ArrayRegisters& registers) {
    for (PeSignals& pe : pes_) {
      emit(pe.weight, registers.weight.row(pe.row)[pe.column]);
      emit(pe.shadow, registers.shadow.row(pe.row)[pe.column]);
      emit(pe.activation, registers.activation.row(pe.row)[pe.column]);
      emit(pe.partial_sum,
           static_cast<std::uint32_t>(registers.signed_partial_sum(pe.row, pe.column)));
      if (array_.double_buffered) emit(pe.update, registers.update.row(pe.row)[pe.column]);
    }
  }

  void emit_outputs(const ArrayOutput& output) {
    emit(output_valid_, output.valid);
    emit(output_index_, output.index);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      emit(outputs_[i], static_cast<std::uint32_t>(
                            output.partial_sums[params_.columns.first + static_cast<int>(i)]));
    }
  }

  void close() {
    if (context_) fstWriterClose(context_);
    context_ = nullptr;
  }

  WaveTraceParams params_;
  TracedArray array_;
  std::uint64_t stream_length_;
  std::uint64_t period_ps_;
  PendingFile file_;
  void* context_;
  std::optional<std::uint64_t> time_ps_;
  std::optional<std::uint64_t> first_cycle_;
  std::optional<std::uint64_t> end_;  // of the trace's cycles
  bool complete_ = false;
  std::string last_phase_;
  fstHandle phase_ = 0;
  Signal clock_, busy_, done_, weight_shift_, weight_update_, weight_row_, activation_valid_,
      activation_index_, output_valid_, output_index_;
  std::vector<PeSignals> pes_;
  std::vector<Signal> outputs_;
};

WaveTrace::WaveTrace(const WaveTraceParams& params, const TracedArray& array, int stream_length,
                     std::uint64_t waiting_cycles) {
  require_inside(params.rows, array.shape.rows, "rows");
  require_inside(params.columns, array.shape.columns, "columns");
  const WaveEstimate estimate = estimate_waves(params, array, stream_length, waiting_cycles);
  if (estimate.bytes > params.limit_bytes) {
    throw Error::input("TW-WAVE-002", "the waves may take " + std::to_string(estimate.bytes) +
                                          " bytes (" + std::to_string(estimate.signals) +
                                          " signals, " + std::to_string(estimate.cycles) +
                                          " cycles)")
        .expected("at most " + std::to_string(params.limit_bytes))
        .hint("trace fewer rows and columns, or raise --trace-limit");
  }
  writer_ = std::make_unique<Writer>(params, array, stream_length);
}

WaveTrace::~WaveTrace() = default;

void WaveTrace::record(const LockstepCycle& cycle) { writer_->record(cycle); }

bool WaveTrace::complete() const { return writer_->complete(); }

void WaveTrace::commit() { writer_->commit(); }

}  // namespace togglewise::systemc
