#include "sim/systemc/system_sequencer.h"

#include <algorithm>

namespace togglewise::systemc {

Sequencer::Sequencer(const sc_core::sc_module_name& name, FilterBuffer& filter, IfmapBuffer& ifmap,
                     OfmapBuffer& ofmap)
    : sc_module(name), filter_(filter), ifmap_(ifmap), ofmap_(ofmap) {
  SC_HAS_PROCESS(Sequencer);
  SC_METHOD(cycle);
  sensitive << clock.pos();
  dont_initialize();
}

void Sequencer::start(const SystemJob& job) {
  job_ = &job;
  counts_ = {};
  tile_ = -1;
  vector_ = job.vectors;
  entering_ = false;
  stream_step_ = step_cycles_ = 1;
  step_cycle_ = 0;
  loaded_ = 0;
  loading_ = shifting_ = false;
  retired_ = 0;
}

void Sequencer::cycle() {
  if (!job_) return;
  if (counts_.cycles == 0) {
    filter_.fetch(0);
    ifmap_.fetch(0);
  }
  if (step_cycle_ == 0) begin_step();
  load();
  retire_tiles();
  if (ofmap_.blocks_written() == job_->tiles.back().block + 1) {
    finish();
    return;
  }
  count_cycle();
  drive();
  if (++step_cycle_ == step_cycles_) step_cycle_ = 0;
}

// Nothing moves until the next layer is given.
void Sequencer::finish() {
  job_ = nullptr;
  step.write(false);
  shift_tile.write(-1);
  sc_core::sc_pause();
}

void Sequencer::begin_step() {
  entering_ = vector_ < job_->vectors;
  if (!entering_ && next_tile_ready()) {
    start_tile();
    entering_ = true;
  }
  if (entering_) {
    ++vector_;
    step_cycles_ = stream_step_;
  } else {
    step_cycles_ = tile_ >= 0 && draining() ? ofmap_.cycles_per_vector(tile_) : 1;
  }
}

bool Sequencer::next_tile_ready() const {
  const int next = tile_ + 1;
  return next < tile_count() && loaded_ > next && ifmap_.has(next) &&
         (!job_->tiles[next].first_of_block || ofmap_.has_room_for(job_->tiles[next].block));
}

void Sequencer::start_tile() {
  const int before = tile_ >= 0 && draining() ? ofmap_.cycles_per_vector(tile_) : 1;
  ++tile_;
  vector_ = 0;
  stream_step_ =
      std::max({before, ifmap_.cycles_per_vector(tile_), ofmap_.cycles_per_vector(tile_)});
  if (tile_ + 1 == tile_count()) return;
  filter_.fetch(tile_ + 1);
  ifmap_.fetch(tile_ + 1);
}

bool Sequencer::array_free_for_load(int tile) const {
  const bool double_buffered = job_->hardware.array.double_buffered_weights;
  return (double_buffered ? waves_passed.read() : tiles_drained.read()) >= tile;
}

void Sequencer::begin_load() {
  if (loaded_ == tile_count() || !array_free_for_load(loaded_) || !filter_.has(loaded_)) return;
  loading_ = true;
  load_row_ = job_->hardware.array.rows;
  load_wait_ = 0;
}

// One row after the other from the last; rows that the tile uses wait for the port.
void Sequencer::load() {
  shifting_ = false;
  if (!loading_) begin_load();
  if (!loading_) return;
  if (load_wait_ == 0) {
    --load_row_;
    const SystemTile& tile = job_->tiles[loaded_];
    const int row = load_row_ - tile.mapped.first_row;
    const bool used = row >= 0 && row < tile.range.rows();
    load_wait_ = used ? filter_.cycles_per_row(loaded_) : 1;
  }
  shifting_ = --load_wait_ == 0;
}

void Sequencer::retire_tiles() {
  for (; retired_ < tiles_drained.read(); ++retired_)
    if (job_->tiles[retired_].last_of_block) ofmap_.write_block(retired_);
}

// The next weights wait until the array lets go of its own, or the last sums have not left yet.
bool Sequencer::waits_for_array() const {
  if (tile_ != loaded_ - 1) return false;  // memories hold the tile before back
  if (loaded_ == tile_count()) return draining();
  return !loading_ && !array_free_for_load(loaded_);
}

void Sequencer::count_cycle() {
  ++counts_.cycles;
  const bool first_of_step = step_cycle_ == 0;
  if (entering_)
    ++(first_of_step ? counts_.compute : counts_.stall);
  else if (shifting_)
    ++counts_.weight_load;
  else if (waits_for_array())
    ++(first_of_step ? counts_.fill_drain : counts_.stall);
  else
    ++counts_.stall;
}

void Sequencer::drive() {
  const bool last_of_step = step_cycle_ + 1 == step_cycles_;
  step.write(last_of_step);
  enter_tile.write(entering_ ? tile_ : -1);
  enter_vector.write(vector_ - 1);
  shift_tile.write(shifting_ ? loaded_ : -1);
  shift_row.write(load_row_);
  if (shifting_ && load_row_ == 0) {
    loading_ = false;
    ++loaded_;
  }
}

}  // namespace togglewise::systemc
