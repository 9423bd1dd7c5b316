#include "sim/array/cycle_model.h"

namespace togglewise::array {
namespace {

double energy_of(const MemoryAccesses& accesses, double read_pj_per_byte,
                 double write_pj_per_byte) {
  return static_cast<double>(accesses.read_bytes) * read_pj_per_byte +
         static_cast<double>(accesses.write_bytes) * write_pj_per_byte;
}

double energy_of(const MemoryAccesses& accesses,
                 const config::HardwareConfig::Memories::Sram& sram) {
  return energy_of(accesses, sram.read_pj_per_byte, sram.write_pj_per_byte);
}

}  // namespace

std::vector<std::pair<std::string, MemoryAccesses>> LayerAccesses::lines() const {
  return {{"dram_ifmap", dram_ifmap},  {"dram_filter", dram_filter}, {"dram_ofmap", dram_ofmap},
          {"ifmap_sram", ifmap_sram},  {"filter_sram", filter_sram}, {"ofmap_sram", ofmap_sram},
          {"pixel_table", pixel_table}};
}

LayerAccesses& LayerAccesses::operator+=(const LayerAccesses& other) {
  for (MemoryAccesses LayerAccesses::*memory :
       {&LayerAccesses::dram_ifmap, &LayerAccesses::dram_filter, &LayerAccesses::dram_ofmap,
        &LayerAccesses::ifmap_sram, &LayerAccesses::filter_sram, &LayerAccesses::ofmap_sram,
        &LayerAccesses::pixel_table}) {
    (this->*memory).read_bytes += (other.*memory).read_bytes;
    (this->*memory).write_bytes += (other.*memory).write_bytes;
  }
  return *this;
}

LayerCycles& LayerCycles::operator+=(const LayerCycles& other) {
  const auto mean = [](double a, std::uint64_t of_a, double b, std::uint64_t of_b) {
    if (of_a == 0) return b;
    if (of_b == 0) return a;
    return (a * static_cast<double>(of_a) + b * static_cast<double>(of_b)) /
           static_cast<double>(of_a + of_b);
  };
  utilization = mean(utilization, cycles, other.utilization, other.cycles);
  mapping_efficiency = mean(mapping_efficiency, tiles, other.mapping_efficiency, other.tiles);
  tiles += other.tiles;
  cycles += other.cycles;
  compute += other.compute;
  weight_load += other.weight_load;
  fill_drain += other.fill_drain;
  stall += other.stall;
  macs += other.macs;
  accesses += other.accesses;
  return *this;
}

double LayerAccesses::energy_pj(const config::HardwareConfig::Memories& memories) const {
  double sum_pj = 0;
  for (const MemoryAccesses& dram : {dram_ifmap, dram_filter, dram_ofmap}) {
    sum_pj += energy_of(dram, memories.dram.read_pj_per_byte, memories.dram.write_pj_per_byte);
  }
  return sum_pj + energy_of(ifmap_sram, memories.ifmap_sram) +
         energy_of(filter_sram, memories.filter_sram) + energy_of(ofmap_sram, memories.ofmap_sram) +
         energy_of(pixel_table, memories.ifmap_sram);
}

}  // namespace togglewise::array
