#include "sim/topology/scalesim_run.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/base/error.h"
#include "sim/base/parallel.h"

namespace togglewise::topology {
namespace {

constexpr std::int64_t hit_latency_cycles = 1;
constexpr std::int64_t padded = -1;

// Python's sum() of floats since 3.12: compensated, so that the reports' last digits agree.
class CompensatedSum {
 public:
  void add(double value) {
    const double sum = sum_ + value;
    rest_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0;
  double rest_ = 0;
};

// The IFMAP as SCALE-Sim addresses it: row, column, channel; K runs (filter row, filter column,
// channel). Windows that hang over the edge read nothing there.
class IfmapAddresses {
 public:
  explicit IfmapAddresses(const TopologyLayer& layer)
      : height_(layer.input.height),
        width_(layer.input.width),
        channels_(layer.groups > 1 ? 1 : layer.input.channels),
        window_(layer.window),
        output_width_(layer.output.width) {
    for (std::int64_t y = 0; y < window_.kernel_height; ++y) {
      for (std::int64_t x = 0; x < window_.kernel_width; ++x) {
        for (std::int64_t c = 0; c < channels_; ++c) {
          taps_.push_back({y, x, (y * width_ + x) * channels_ + c});
        }
      }
    }
  }

  std::int64_t reduction() const { return static_cast<std::int64_t>(taps_.size()); }
  std::size_t count() const { return static_cast<std::size_t>(height_ * width_ * channels_); }

  std::int64_t address(std::int64_t m, std::int64_t k) const {
    const std::int64_t y = m / output_width_ * window_.stride_height;
    const std::int64_t x = m % output_width_ * window_.stride_width;
    const Tap& tap = taps_[static_cast<std::size_t>(k)];
    if (y + tap.y >= height_ || x + tap.x >= width_) return padded;
    return (y * width_ + x) * channels_ + tap.offset;
  }

  // How many pixels any window touches, times channels.
  std::int64_t touched(const TopologyLayer& layer) const {
    return touched_along(height_, window_.kernel_height, window_.stride_height,
                         layer.output.height) *
           touched_along(width_, window_.kernel_width, window_.stride_width, layer.output.width) *
           channels_;
  }

 private:
  struct Tap {
    std::int64_t y, x, offset;
  };
  static std::int64_t touched_along(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                                    std::int64_t outputs) {
    std::int64_t touched = 0;
    std::int64_t next = 0;  // the first pixel that no window so far has seen
    for (std::int64_t o = 0; o < outputs; ++o) {
      const std::int64_t end = std::min(o * stride + kernel, size);
      touched += std::max<std::int64_t>(0, end - std::max(next, o * stride));
      next = std::max(next, end);
    }
    return touched;
  }

  std::int64_t height_, width_, channels_;
  network::Window window_;
  std::int64_t output_width_;
  std::vector<Tap> taps_;
};

struct Fold {
  std::int64_t row_begin, rows, columns;
};

// One layer in SCALE-Sim's order of folds: all of K before the next columns.
class LayerRun {
 public:
  LayerRun(const ScaleSimConfig& config, const TopologyLayer& layer)
      : layer_(layer),
        addresses_(layer),
        rows_(config.array_height),
        columns_(config.array_width),
        n_(layer.output.channels / layer.groups),
        m_(std::int64_t{layer.output.height} * layer.output.width),
        fold_cycles_(2 * rows_ + columns_ + m_ - 2),
        ifmap_(std::int64_t{1024} * config.ifmap_sram_kb, 0),
        filter_(std::int64_t{1024} * config.filter_sram_kb, 0),
        ofmap_(std::int64_t{1024} * config.ofmap_sram_kb, columns_) {
    for (std::int64_t column = 0; column < n_; column += columns_) {
      for (std::int64_t row = 0; row < addresses_.reduction(); row += rows_) {
        folds_.push_back(
            {row, std::min(rows_, addresses_.reduction() - row), std::min(columns_, n_ - column)});
      }
    }
    // The order of addresses matters only once something is pushed out of the buffer.
    const std::int64_t touched = addresses_.touched(layer);
    if (ifmap_.holds(touched)) {
      fixed_ifmap_dram_ = ifmap_.fetch_once(touched);
    } else {
      ifmap_ = ScaleSimReadBuffer(std::int64_t{1024} * config.ifmap_sram_kb, addresses_.count());
    }
  }

  ScaleSimLayer run() {
    for (std::size_t f = 0; f < folds_.size(); ++f) {
      run_fold(folds_[f], static_cast<std::int64_t>(f) * fold_cycles_, f + 1 == folds_.size());
    }
    result_.total_cycles = last_cycle_;
    result_.stall_cycles = stall_;
    result_.ifmap_dram = fixed_ifmap_dram_ ? *fixed_ifmap_dram_ : ifmap_.finish();
    result_.filter_dram = filter_.finish();
    result_.ofmap_dram = ofmap_.finish(last_cycle_);
    result_.cycles_with_prefetch =
        result_.ofmap_dram.stop_cycle -
        std::min(result_.ifmap_dram.start_cycle, result_.filter_dram.start_cycle);
    finish_utilization();
    return result_;
  }

 private:
  void run_fold(const Fold& fold, std::int64_t begin, bool last) {
    for (std::int64_t line = 0; line < fold_cycles_; ++line) {
      const std::int64_t cycle = begin + line + stall_;
      read_ifmap(fold, line, cycle, last);
      read_filter(fold, line, cycle);
      // Column c writes output pixel line − (2R − 1) − c.
      const std::int64_t pixel = line - (2 * rows_ - 1);
      const std::int64_t first = std::max<std::int64_t>(0, pixel - m_ + 1);
      const std::int64_t writes =
          std::max<std::int64_t>(0, std::min(fold.columns - 1, pixel) - first + 1);
      last_cycle_ = writes > 0 ? ofmap_.write(cycle, writes) : cycle;
      if (writes > 0) note(result_.ofmap_sram, last_cycle_);
      stall_ += last_cycle_ - cycle;
    }
    result_.ifmap_sram.count += fold.rows * m_;
    result_.filter_sram.count += fold.rows * fold.columns;
    result_.ofmap_sram.count += fold.columns * m_;
  }

  // Array row r reads output pixel line − R − r.
  void read_ifmap(const Fold& fold, std::int64_t line, std::int64_t cycle, bool last) {
    const std::int64_t pixel = line - rows_;
    const std::int64_t first = std::max<std::int64_t>(0, pixel - m_ + 1);
    const std::int64_t end = std::min(fold.rows - 1, pixel) + 1;
    const bool looks_at_addresses = !fixed_ifmap_dram_ || last || !ifmap_seen_;
    if (!looks_at_addresses) return;
    for (std::int64_t r = first; r < end; ++r) {
      const std::int64_t address = addresses_.address(pixel - r, fold.row_begin + r);
      if (address == padded) continue;
      if (!ifmap_seen_ || last) note(result_.ifmap_sram, cycle + hit_latency_cycles);
      ifmap_seen_ = true;
      if (fixed_ifmap_dram_) break;
      ifmap_.read(cycle, static_cast<std::size_t>(address));
    }
  }

  // The last row of weights goes in first.
  void read_filter(const Fold& fold, std::int64_t line, std::int64_t cycle) {
    if (line >= rows_ || rows_ - 1 - line >= fold.rows) return;
    filter_.read_new(cycle, fold.columns);
    note(result_.filter_sram, cycle + hit_latency_cycles);
  }

  static void note(ScaleSimSramAccesses& accesses, std::int64_t cycle) {
    if (accesses.start_cycle == 0) accesses.start_cycle = cycle;
    accesses.stop_cycle = cycle;
  }

  void finish_utilization() {
    CompensatedSum mapping;
    CompensatedSum compute;
    const auto pes = static_cast<double>(rows_ * columns_);
    for (const Fold& fold : folds_) {
      const std::int64_t used = fold.rows * fold.columns;
      mapping.add(static_cast<double>(used) / pes);
      // SCALE-Sim adds the columns to a fold's cycles once more here.
      compute.add(static_cast<double>(used * m_) /
                  static_cast<double>(rows_ * columns_ * (fold_cycles_ + columns_ - 1)));
    }
    const auto folds = static_cast<double>(folds_.size());
    result_.mapping_efficiency_percent = mapping.value() / folds * 100;
    result_.compute_utilization_percent = compute.value() / folds * 100;
    result_.overall_utilization_percent =
        static_cast<double>(addresses_.reduction() * n_ * m_ * 100) /
        static_cast<double>(result_.total_cycles * rows_ * columns_);
  }

  const TopologyLayer& layer_;
  IfmapAddresses addresses_;
  std::int64_t rows_, columns_, n_, m_, fold_cycles_;
  ScaleSimReadBuffer ifmap_, filter_;
  ScaleSimWriteBuffer ofmap_;
  std::vector<Fold> folds_;
  std::optional<ScaleSimDramAccesses> fixed_ifmap_dram_;
  bool ifmap_seen_ = false;
  std::int64_t stall_ = 0;
  std::int64_t last_cycle_ = 0;
  ScaleSimLayer result_;
};

}  // namespace

std::vector<ScaleSimLayer> run_scalesim_layer(const ScaleSimConfig& config,
                                              const TopologyLayer& layer) {
  if (config.user_bandwidth) {
    throw Error::input("TW-SCALESIM-005",
                       "SCALE-Sim's reports are not reproduced with InterfaceBandwidth USER")
        .at(config.file.string())
        .expected("InterfaceBandwidth: CALC")
        .hint(
            "without --compat, stalls at a given bandwidth are those of Togglewise's own memories");
  }
  const ScaleSimLayer one = LayerRun(config, layer).run();
  return std::vector<ScaleSimLayer>(static_cast<std::size_t>(layer.groups), one);
}

std::vector<ScaleSimLayer> run_scalesim(const ScaleSimConfig& config, const Topology& topology,
                                        int threads) {
  std::vector<std::vector<ScaleSimLayer>> parts(topology.layers.size());
  parallel_for(topology.layers.size(), threads,
               [&](std::size_t i) { parts[i] = run_scalesim_layer(config, topology.layers[i]); });
  std::vector<ScaleSimLayer> layers;
  for (const std::vector<ScaleSimLayer>& part : parts) {
    layers.insert(layers.end(), part.begin(), part.end());
  }
  return layers;
}

}  // namespace togglewise::topology
