#include "sim/systemc/system_buffers.h"

#include <algorithm>
#include <cstring>

namespace togglewise::systemc {

int port_cycles(int bytes, int bytes_per_cycle) {
  int cycles = 1;
  if (bytes_per_cycle > 0)
    for (int left = bytes - bytes_per_cycle; left > 0; left -= bytes_per_cycle) ++cycles;
  return cycles;
}

void PixelAddresses::reset(const SystemJob& job) {
  job_ = &job;
  table_.assign(job.pixel_table);
}

int PixelAddresses::pixel(int m) {
  const auto i = static_cast<std::size_t>(m % job_->gemm.output_pixels);
  const auto bytes = static_cast<std::size_t>(job_->table_entry_bytes);
  if (bytes == 0) return static_cast<int>(job_->pixels[i]);
  const std::int8_t* entry = table_.read(i * bytes, bytes);
  std::uint32_t pixel = 0;
  for (std::size_t byte = 0; byte < bytes; ++byte)
    pixel |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(entry[byte])) << (8 * byte);
  return static_cast<int>(pixel);
}

void FilterBuffer::reset(const SystemJob& job) {
  job_ = &job;
  arrived_ = 0;
  half_bytes_ = 0;
  for (const SystemTile& tile : job.tiles)
    half_bytes_ =
        std::max(half_bytes_, static_cast<std::size_t>(tile.range.rows() * tile.range.columns()));
  bytes_.assign(2 * half_bytes_);
}

void FilterBuffer::fetch(int tile) {
  const network::TileRange& range = job_->tiles[tile].range;
  dram_port->issue({static_cast<std::uint64_t>(range.rows()) * range.columns(), true,
                    [this, tile] { arrive(tile); }});
}

void FilterBuffer::arrive(int tile) {
  const SystemTile& wanted = job_->tiles[tile];
  const auto count = static_cast<std::size_t>(wanted.range.rows() * wanted.range.columns());
  std::memcpy(bytes_.write(half(tile), count), dram_.filter.read(wanted.filter_address, count),
              count);
  ++arrived_;
}

void FilterBuffer::read_row(int tile, int array_row, std::int8_t* weights) {
  const network::TileRange& range = job_->tiles[tile].range;
  std::fill(weights, weights + job_->hardware.array.columns, std::int8_t{0});
  const int row = array_row - job_->tiles[tile].mapped.first_row;
  if (row < 0 || row >= range.rows()) return;
  for (int column = 0; column < range.columns(); ++column)
    weights[column] =
        *bytes_.read(half(tile) + static_cast<std::size_t>(column) * range.rows() + row, 1);
}

int FilterBuffer::cycles_per_row(int tile) const {
  return port_cycles(job_->tiles[tile].range.columns(),
                     job_->hardware.memories.filter_sram.bytes_per_cycle);
}

void IfmapBuffer::reset(const SystemJob& job) {
  job_ = &job;
  int channels = job.layer.input.channels;
  if (!job.ifmap_fits) {
    channels = 0;
    for (const SystemTile& tile : job.tiles) channels = std::max(channels, tile.channels);
  }
  half_bytes_ = static_cast<std::size_t>(job.batch) * channels * job.channel_bytes;
  bytes_.assign(job.ifmap_fits ? half_bytes_ : 2 * half_bytes_);
  next_half_ = 0;
  channel_fetched_.assign(job.layer.input.channels, false);
  places_.assign(job.tiles.size(), {});
  transfers_needed_.assign(job.tiles.size(), 0);
  issued_ = arrived_ = 0;
}

void IfmapBuffer::fetch(int tile) {
  const SystemTile& wanted = job_->tiles[tile];
  if (job_->ifmap_fits) {
    places_[tile] = {0, job_->layer.input.size(), 0};
    int first = wanted.first_channel;
    int count = wanted.channels;
    for (; count > 0 && channel_fetched_[first]; --count) ++first;
    while (count > 0 && channel_fetched_[first + count - 1]) --count;
    if (count > 0) issue(first, count, places_[tile]);
    for (int channel = 0; channel < count; ++channel) channel_fetched_[first + channel] = true;
  } else if (tile > 0 && job_->tiles[tile - 1].first_channel == wanted.first_channel &&
             job_->tiles[tile - 1].channels == wanted.channels) {
    places_[tile] = places_[tile - 1];
  } else {
    const auto tile_bytes = static_cast<std::size_t>(wanted.channels) * job_->channel_bytes;
    places_[tile] = {next_half_ * half_bytes_, tile_bytes, wanted.first_channel};
    next_half_ = 1 - next_half_;
    issue(wanted.first_channel, wanted.channels, places_[tile]);
  }
  transfers_needed_[tile] = issued_;
}

void IfmapBuffer::issue(int first_channel, int channels, const Place& place) {
  const auto channel_bytes = static_cast<std::size_t>(job_->channel_bytes);
  const std::size_t image_bytes = channels * channel_bytes;
  ++issued_;
  const auto arrive = [=] {
    for (int image = 0; image < job_->batch; ++image) {
      const std::size_t from = image * job_->layer.input.size() + first_channel * channel_bytes;
      const std::size_t to = place.address + image * place.image_stride +
                             (first_channel - place.first_channel) * channel_bytes;
      std::memcpy(bytes_.write(to, image_bytes), dram_.ifmap.read(from, image_bytes), image_bytes);
    }
    ++arrived_;
  };
  dram_port->issue({image_bytes * job_->batch, true, arrive});
}

// Every used row reads a byte a vector; one that lies in the padding reads it as zero.
void IfmapBuffer::read_vector(int tile, int m, std::int8_t* activations) {
  const network::MappedTile& mapped = job_->tiles[tile].mapped;
  const network::GemmLayer& layer = job_->layer;
  const network::Window& window = layer.window;
  const Place& place = places_[tile];
  const int pixel = pixels_.pixel(m);
  const std::size_t image = place.address + (m / job_->gemm.output_pixels) * place.image_stride;
  const int top = pixel / layer.output.width * window.stride_height - window.pad_top;
  const int left = pixel % layer.output.width * window.stride_width - window.pad_left;
  const int kernel = window.kernel_height * window.kernel_width;
  const int group_channel = mapped.range.group * (layer.input.channels / layer.groups);
  std::fill(activations, activations + job_->hardware.array.rows, std::int8_t{0});
  int row = mapped.first_row;
  for (const int k : mapped.reduction) {
    const int y = top + k % kernel / window.kernel_width * window.dilation_height;
    const int x = left + k % kernel % window.kernel_width * window.dilation_width;
    const bool inside = y >= 0 && y < layer.input.height && x >= 0 && x < layer.input.width;
    const auto channel = static_cast<std::size_t>(group_channel + k / kernel - place.first_channel);
    const std::size_t offset =
        channel * job_->channel_bytes + (inside ? y * layer.input.width + x : 0);
    const std::int8_t value = *bytes_.read(image + offset, 1);
    if (inside) activations[row] = value;
    ++row;
  }
}

int IfmapBuffer::cycles_per_vector(int tile) const {
  return port_cycles(job_->tiles[tile].range.rows(),
                     job_->hardware.memories.ifmap_sram.bytes_per_cycle);
}

void OfmapBuffer::reset(const SystemJob& job) {
  job_ = &job;
  unlimited_ = !job.timed || job.hardware.memories.ofmap_sram.bytes == 0;
  half_bytes_ =
      std::size_t{4} * job.vectors * std::min(job.hardware.array.columns, job.gemm.output_channels);
  bytes_.assign(half_bytes_ * (unlimited_ ? job.tiles.back().block + 1 : 2));
  blocks_written_ = 0;
  requantization_ = job.layer.requantization();
}

std::size_t OfmapBuffer::address(const SystemTile& tile, int m) const {
  const int place = unlimited_ ? tile.block : tile.block % 2;
  return place * half_bytes_ + std::size_t{4} * m * tile.range.columns();
}

void OfmapBuffer::accumulate(int tile, int m, const std::int32_t* sums) {
  const SystemTile& source = job_->tiles[tile];
  const std::size_t count = std::size_t{4} * source.range.columns();
  const std::size_t where = address(source, m);
  // What takes the offsets off again, or what the tiles before have left.
  std::vector<std::int32_t> totals = source.mapped.accumulator_start;
  if (!source.first_of_block) std::memcpy(totals.data(), bytes_.read(where, count), count);
  const std::vector<std::uint8_t>& negated = source.mapped.negated;
  for (std::size_t column = 0; column < totals.size(); ++column) {
    const bool subtracts = !negated.empty() && negated[column] != 0;
    const auto sum = static_cast<std::uint32_t>(sums[column]);
    totals[column] = static_cast<std::int32_t>(static_cast<std::uint32_t>(totals[column]) +
                                               (subtracts ? 0U - sum : sum));
  }
  std::memcpy(bytes_.write(where, count), totals.data(), count);
}

void OfmapBuffer::write_block(int tile) {
  const std::uint64_t bytes =
      static_cast<std::uint64_t>(job_->vectors) * job_->tiles[tile].range.columns();
  dram_port->issue({bytes * job_->output_bytes, false, [this, tile] { store_block(tile); }});
}

// Accumulator + bias, rescaled and clamped to int8 unless accumulators are what the layer is for.
void OfmapBuffer::store_block(int tile) {
  const SystemTile& last = job_->tiles[tile];
  const network::GemmLayer& layer = job_->layer;
  for (int m = 0; m < job_->vectors; ++m) {
    const std::size_t row = address(last, m);
    const int pixel = pixels_.pixel(m);
    for (int column = 0; column < last.range.columns(); ++column) {
      const int channel =
          last.range.group * job_->gemm.output_channels + last.mapped.channels[column];
      std::int32_t sum = 0;
      std::memcpy(&sum, bytes_.read(row + std::size_t{4} * column, 4), 4);
      sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) +
                                      static_cast<std::uint32_t>(layer.bias[channel]));
      const int pixels = job_->gemm.output_pixels;
      const std::size_t place =
          (static_cast<std::size_t>(m / pixels) * layer.output.channels + channel) * pixels + pixel;
      if (job_->output_bytes == 4)
        std::memcpy(dram_.ofmap.write(4 * place, 4), &sum, 4);
      else
        *dram_.ofmap.write(place, 1) =
            network::requantize(sum, requantization_[channel], layer.relu ? 0 : -128, layer.high);
    }
  }
  ++blocks_written_;
}

int OfmapBuffer::cycles_per_vector(int tile) const {
  const SystemTile& source = job_->tiles[tile];
  return port_cycles(4 * source.range.columns() * (source.first_of_block ? 1 : 2),
                     job_->hardware.memories.ofmap_sram.bytes_per_cycle);
}

}  // namespace togglewise::systemc
