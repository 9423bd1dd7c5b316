#include "sim/array/tile_schedule.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.h"

namespace togglewise::array {
namespace {

using Cycles = std::uint64_t;
using Sram = config::HardwareConfig::Memories::Sram;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

// Cycles that a port takes for so many bytes.
Cycles port_cycles(std::uint32_t bytes, std::uint32_t port_bytes) {
  return port_bytes == 0 ? 1 : (bytes + port_bytes - 1) / port_bytes;
}

std::uint64_t channels_per_group(const LayerShape& layer) {
  return ceil_div(static_cast<std::uint64_t>(layer.gemm.reduction),
                  static_cast<std::uint64_t>(layer.kernel_size));
}

std::uint64_t batch_channel_bytes(const LayerShape& layer) {
  return static_cast<std::uint64_t>(layer.ifmap_channel_bytes) *
         static_cast<std::uint64_t>(layer.batch_size);
}

std::uint64_t stream_length(const LayerShape& layer) {
  return static_cast<std::uint64_t>(layer.gemm.output_pixels) *
         static_cast<std::uint64_t>(layer.batch_size);
}

struct Tile {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  bool first_of_block = false;
  bool last_of_block = false;
  std::uint64_t ifmap_bytes = 0;  // to be fetched for it
};

// The layer's tiles in order, and what each has to fetch.
class TileWalk {
 public:
  TileWalk(const config::HardwareConfig& hardware, const LayerShape& layer)
      : reduction_(static_cast<std::uint32_t>(layer.gemm.reduction)),
        outputs_(static_cast<std::uint32_t>(layer.gemm.output_channels)),
        groups_(static_cast<std::uint32_t>(layer.gemm.groups)),
        array_rows_(static_cast<std::uint32_t>(hardware.array.rows)),
        array_columns_(static_cast<std::uint32_t>(hardware.array.columns)),
        kernel_size_(static_cast<std::uint32_t>(layer.kernel_size)),
        row_tiles_((reduction_ + array_rows_ - 1) / array_rows_),
        alternating_(layer.tile_order == network::TileOrder::alternating),
        channel_bytes_(batch_channel_bytes(layer)),
        resident_(ifmap_is_resident(hardware, layer)) {}

  // False behind the last tile.
  bool next(Tile& tile) {
    if (group_ == groups_) return false;
    const std::uint32_t row =
        (backwards_ ? row_tiles_ - 1 - tile_of_block_ : tile_of_block_) * array_rows_;
    tile.rows = std::min(array_rows_, reduction_ - row);
    tile.columns = std::min(array_columns_, outputs_ - column_);
    tile.first_of_block = tile_of_block_ == 0;
    tile.last_of_block = tile_of_block_ + 1 == row_tiles_;
    tile.ifmap_bytes = fetch(row / kernel_size_, (row + tile.rows - 1) / kernel_size_ + 1);
    ++tile_of_block_;
    if (!tile.last_of_block) return true;
    tile_of_block_ = 0;
    backwards_ = alternating_ && !backwards_;
    column_ += tile.columns;
    if (column_ < outputs_) return true;
    column_ = 0;
    ++group_;
    held_begin_ = held_end_ = 0;
    return true;
  }

 private:
  // Channels [begin, end) of the group at hand are needed; those in [held_begin_, held_end_) are
  // there.
  std::uint64_t fetch(std::uint32_t begin, std::uint32_t end) {
    std::uint32_t fetched = end - begin;
    if (resident_ && held_begin_ < held_end_) {
      // Tiles come in order, from either end: what is held grows without a gap.
      fetched = end > held_end_ ? end - held_end_ : begin < held_begin_ ? held_begin_ - begin : 0;
      held_begin_ = std::min(held_begin_, begin);
      held_end_ = std::max(held_end_, end);
    } else {
      if (begin == held_begin_ && end == held_end_) fetched = 0;
      held_begin_ = begin;
      held_end_ = end;
    }
    return fetched * channel_bytes_;
  }

  const std::uint32_t reduction_, outputs_, groups_, array_rows_, array_columns_, kernel_size_,
      row_tiles_;
  const bool alternating_;
  const std::uint64_t channel_bytes_;
  const bool resident_;
  std::uint32_t group_ = 0, column_ = 0, tile_of_block_ = 0;
  bool backwards_ = false;  // the column block at hand
  std::uint32_t held_begin_ = 0, held_end_ = 0;
};

// The DRAM channel: requests in order.
class DramChannel {
 public:
  explicit DramChannel(const config::HardwareConfig::Memories::Dram& dram)
      : millibytes_per_cycle_(static_cast<std::uint64_t>(std::llround(dram.bytes_per_cycle * 1e3))),
        latency_(static_cast<Cycles>(dram.latency_cycles)) {}

  Cycles read(Cycles issue, std::uint64_t bytes) {
    return bytes == 0 ? issue : write(issue, bytes) + latency_;
  }
  Cycles write(Cycles issue, std::uint64_t bytes) {
    free_ = std::max(free_, issue) + ceil_div(bytes * 1000, millibytes_per_cycle_);
    return free_;
  }

 private:
  std::uint64_t millibytes_per_cycle_;
  Cycles latency_;
  Cycles free_ = 0;
};

class Schedule {
 public:
  Schedule(const config::HardwareConfig& hardware, const LayerShape& layer)
      : rows_(static_cast<Cycles>(hardware.array.rows)),
        drain_steps_(static_cast<Cycles>(hardware.array.rows + hardware.array.columns - 2)),
        length_(stream_length(layer)),
        output_bytes_(length_ * static_cast<std::uint64_t>(layer.output_bytes)),
        double_buffered_(hardware.array.double_buffered_weights),
        ifmap_port_(static_cast<std::uint32_t>(hardware.memories.ifmap_sram.bytes_per_cycle)),
        filter_port_(static_cast<std::uint32_t>(hardware.memories.filter_sram.bytes_per_cycle)),
        ofmap_port_(static_cast<std::uint32_t>(hardware.memories.ofmap_sram.bytes_per_cycle)),
        ofmap_limited_(hardware.memories.ofmap_sram.bytes > 0),
        unused_rows_on_top_(layer.unused_rows_on_top),
        walk_(hardware, layer),
        channel_(hardware.memories.dram) {}

  ScheduleSums run() {
    Tile tile;
    bool more = walk_.next(tile);
    request(tile, 0);
    while (more) {
      const Cycles start = stream_start(tile);
      const Tile streamed = tile;
      const Cycles step = step_cycles(streamed, start);
      const Cycles before_drained = drained_with(start, step);
      const bool write_first = before_drained < start;
      if (before_.last_of_block && write_first) write_block(before_drained);
      more = walk_.next(tile);
      if (more) request(tile, start);
      if (before_.last_of_block && !write_first) write_block(before_drained);
      advance(streamed, start, step);
    }
    sums_.fill_drain += drain_steps_;
    write_block(drained_);
    sums_.cycles = written_;
    return sums_;
  }

 private:
  void request(const Tile& tile, Cycles issue) {
    weights_at_ = channel_.read(issue, std::uint64_t{tile.rows} * tile.columns);
    activations_at_ = channel_.read(issue, tile.ifmap_bytes);
    sums_.ifmap_bytes_fetched += tile.ifmap_bytes;
  }

  // w: cycles of a step in which sums leave.
  Cycles own_step(const Tile& tile) const {
    return port_cycles(4 * tile.columns * (tile.first_of_block ? 1 : 2), ofmap_port_);
  }

  // v, for a tile that starts at `start`.
  Cycles step_cycles(const Tile& tile, Cycles start) const {
    const Cycles own = std::max(port_cycles(tile.rows, ifmap_port_), own_step(tile));
    return start < drained_ ? std::max(own, drain_step_) : own;
  }

  // Loads the tile and waits for all that its stream needs; says where the cycles since the stream
  // before went.
  Cycles stream_start(const Tile& tile) {
    const Cycles array_ready = double_buffered_ ? wave_passed_ : drained_;
    const Cycles load_start = std::max(array_ready, weights_at_);
    const Cycles wait = port_cycles(tile.columns, filter_port_);
    const Cycles idle_rows = rows_ - tile.rows;
    const Cycles load_end = load_start + idle_rows + tile.rows * wait;

    if (array_ready > stream_end_) sums_.fill_drain += (array_ready - stream_end_) / drain_step_;
    Cycles hidden_shifts = 0;  // under the stream before
    if (stream_end_ > load_start) {
      const Cycles hidden = std::min(stream_end_, load_end) - load_start;
      hidden_shifts = shifts_in(hidden, tile.rows, wait);
    }
    sums_.weight_load += rows_ - hidden_shifts;

    Cycles start = std::max({load_end, stream_end_, activations_at_});
    // The last block's outputs are not on their way yet: written_ is the end of the last but one's.
    if (tile.first_of_block && ofmap_limited_) start = std::max(start, written_);
    if (start < drained_)
      start = stream_end_ + ceil_div(start - stream_end_, drain_step_) * drain_step_;
    return start;
  }

  // Rows that have shifted in so many cycles of a load.
  Cycles shifts_in(Cycles cycles, Cycles used_rows, Cycles wait) const {
    const Cycles idle_rows = rows_ - used_rows;
    if (!unused_rows_on_top_)
      return cycles <= idle_rows ? cycles : idle_rows + (cycles - idle_rows) / wait;
    const Cycles used_cycles = used_rows * wait;
    return cycles <= used_cycles ? cycles / wait : used_rows + cycles - used_cycles;
  }

  // When the tile before has drained, given that one that starts at `start` pushes its rest out.
  // That takes fewer steps than the new tile streams: it was loaded after D + 1 of M + D steps.
  Cycles drained_with(Cycles start, Cycles step) const {
    if (start >= drained_) return drained_;
    return start + (drain_steps_ - (start - stream_end_) / drain_step_) * step;
  }

  void write_block(Cycles issue) {
    written_ = channel_.write(issue, output_bytes_ * before_.columns);
  }

  void advance(const Tile& tile, Cycles start, Cycles step) {
    before_ = tile;
    drain_step_ = own_step(tile);
    stream_end_ = start + length_ * step;
    drained_ = stream_end_ + drain_steps_ * drain_step_;
    const Cycles wave_steps = drain_steps_ + 1;
    const Cycles under_stream = std::min(wave_steps, length_);
    wave_passed_ = start + under_stream * step + (wave_steps - under_stream) * drain_step_;
  }

  const Cycles rows_, drain_steps_, length_;
  const std::uint64_t output_bytes_;  // of one output channel
  const bool double_buffered_;
  const std::uint32_t ifmap_port_, filter_port_, ofmap_port_;
  const bool ofmap_limited_, unused_rows_on_top_;
  TileWalk walk_;
  DramChannel channel_;
  ScheduleSums sums_;

  // The tile before the one at hand.
  Tile before_;
  Cycles stream_end_ = 0, drained_ = 0, wave_passed_ = 0;
  Cycles drain_step_ = 1;

  Cycles weights_at_ = 0, activations_at_ = 0;  // of the tile at hand
  Cycles written_ = 0;
};

}  // namespace

bool ifmap_is_resident(const config::HardwareConfig& hardware, const LayerShape& layer) {
  const std::int64_t size = hardware.memories.ifmap_sram.bytes;
  const std::uint64_t needed = static_cast<std::uint64_t>(layer.gemm.groups) *
                               channels_per_group(layer) * batch_channel_bytes(layer);
  return !hardware.memories.given || size == 0 || needed <= static_cast<std::uint64_t>(size);
}

ScheduleSums schedule_tiles(const config::HardwareConfig& hardware, const LayerShape& layer) {
  return Schedule(hardware, layer).run();
}

namespace {

void require_half(const config::HardwareConfig& hardware, const LayerShape& layer,
                  const Sram& memory, const char* key, const char* what, std::uint64_t needed) {
  if (memory.bytes == 0 || needed <= static_cast<std::uint64_t>(memory.bytes / 2)) return;
  throw Error::input("TW-ARRAY-001",
                     fmt::format("layer '{}' needs {} bytes for {} of one tile, but half of "
                                 "'memories.{}.bytes' is {}",
                                 layer.name, needed, what, key, memory.bytes / 2))
      .at(hardware.file.string())
      .expected(fmt::format("memories.{}.bytes of at least {}, or 0 for no limit", key, 2 * needed))
      .hint(
          "the SRAM is double-buffered: a tile uses one half, the next one's transfer the other; "
          "a smaller batch needs less IFMAP and OFMAP");
}

// Channels under the busiest tile of a group.
std::uint64_t most_channels(const LayerShape& layer, int array_rows) {
  std::uint64_t most = 0;
  const std::int64_t reduction = layer.gemm.reduction;
  for (std::int64_t row = 0; row < reduction; row += array_rows) {
    const std::int64_t end = std::min<std::int64_t>(row + array_rows, reduction);
    const std::int64_t channels = (end - 1) / layer.kernel_size - row / layer.kernel_size + 1;
    most = std::max(most, static_cast<std::uint64_t>(channels));
  }
  return most;
}

}  // namespace

void require_tiles_fit(const config::HardwareConfig& hardware, const LayerShape& layer) {
  const config::HardwareConfig::Memories& memories = hardware.memories;
  if (!memories.given) return;
  const auto rows = static_cast<std::uint64_t>(std::min(hardware.array.rows, layer.gemm.reduction));
  const auto columns =
      static_cast<std::uint64_t>(std::min(hardware.array.columns, layer.gemm.output_channels));
  require_half(hardware, layer, memories.filter_sram, "filter_sram", "the weights", rows * columns);
  require_half(hardware, layer, memories.ofmap_sram, "ofmap_sram", "the 32-bit accumulators",
               4 * columns * stream_length(layer));
  if (ifmap_is_resident(hardware, layer)) return;
  require_half(hardware, layer, memories.ifmap_sram, "ifmap_sram", "the input channels",
               most_channels(layer, hardware.array.rows) * batch_channel_bytes(layer));
}

}  // namespace togglewise::array
