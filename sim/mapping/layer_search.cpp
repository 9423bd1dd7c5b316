#include "sim/mapping/layer_search.h"

#include <utility>

#include "sim/energy/network_energy.h"
#include "sim/mapping/proposals.h"

namespace togglewise::mapping {
namespace {

using network::LayerMapping;
using network::PixelOrder;

}  // namespace

network::TracedLayer images_of(const network::TracedLayer& traced, int first, int count) {
  network::TracedLayer part;
  part.layer = traced.layer;
  part.mapping = traced.mapping;
  part.images = count;
  const auto of_image = static_cast<std::ptrdiff_t>(traced.layer.input.size());
  const auto begin = traced.ifmaps.begin() + first * of_image;
  part.ifmaps.assign(begin, begin + count * of_image);
  return part;
}

// What is known while a layer is searched: its mapping so far and what that costs.
class LayerSearch::Run {
 public:
  Run(const LayerSearch& search, const network::TracedLayer& traced)
      : search_(search),
        proposing_(images_of(traced, 0, search.params_.proposing_images)),
        judging_(
            images_of(traced, search.params_.proposing_images, search.params_.judging_images)) {
    result_.layer = traced.layer.name;
    result_.natural = now_ = search.measure(judging_, {}, &memory_fj_);
  }

  ProposalInput input() const { return {search_.lookup_, search_.hardware_.shape(), proposing_}; }
  const LayerMapping& mapping() const { return proposing_.mapping; }

  // Takes the mapping over if it saves energy, or if it has to be.
  void consider(const std::string& trick, const LayerMapping& mapping, bool always = false) {
    if (mapping == proposing_.mapping && !always) return;
    double memory_fj = 0;
    TrickResult tried;
    tried.trick = trick;
    tried.before = now_;
    tried.after = search_.measure(judging_, mapping, &memory_fj);
    tried.kept = always || tried.after.total_fj() + memory_fj < now_.total_fj() + memory_fj_;
    if (tried.kept) {
      proposing_.mapping = mapping;
      now_ = tried.after;
      memory_fj_ = memory_fj;
    }
    result_.tricks.push_back(std::move(tried));
  }
  void consider(const std::string& trick, std::vector<network::TileMapping> tiles) {
    LayerMapping mapping = proposing_.mapping;
    mapping.tiles = std::move(tiles);
    consider(trick, mapping);
  }

  LayerSearchResult take() {
    result_.mapping = proposing_.mapping;
    result_.mapped = now_;
    return std::move(result_);
  }

 private:
  const LayerSearch& search_;
  network::TracedLayer proposing_;  // with the mapping so far
  network::TracedLayer judging_;
  LayerSearchResult result_;
  energy::EnergyBreakdown now_;
  double memory_fj_ = 0;
};

namespace {

LayerMapping with_pixel_order(LayerMapping mapping, PixelOrder order) {
  mapping.pixel_order = std::move(order);
  return mapping;
}

}  // namespace

energy::EnergyBreakdown LayerSearch::measure(const network::TracedLayer& traced,
                                             const network::LayerMapping& mapping,
                                             double* memory_fj) const {
  network::Traces traces;
  traces.layers.push_back(traced);
  traces.layers.front().mapping = mapping;
  const energy::NetworkEnergy measured =
      energy::network_energy(hardware_, traces, energy::Fidelity::gate, nullptr, params_.threads);
  if (memory_fj != nullptr) *memory_fj = measured.layers.front().memory_fj_per_image;
  return measured.layers.front().energy_per_image;
}

LayerSearchResult LayerSearch::search(const network::TracedLayer& traced, std::int32_t offset,
                                      const network::PixelOrder& pixel_table) const {
  const config::HardwareConfig::MappingPermissions& allow = params_.allow;
  Run run(*this, traced);
  if (offset != 0) {
    LayerMapping mapping = run.mapping();
    mapping.partial_sum_offset = offset;
    run.consider("partial_sum_offset", mapping, true);
  }
  if (allow.column_sign) run.consider("column_sign", proposed_signs(run.input()));
  if (allow.row_order) run.consider("row_order", proposed_row_orders(run.input()));
  if (allow.unused_rows_on_top) {
    LayerMapping mapping = run.mapping();
    mapping.unused_rows_on_top = true;
    run.consider("unused_rows_on_top", mapping);
  }
  if (allow.pixel_generator && traced.layer.gemm().output_pixels > 2) {
    PixelOrder serpentine;
    serpentine.kind = PixelOrder::Kind::serpentine;
    run.consider("pixel_generator", with_pixel_order(run.mapping(), serpentine));
  }
  if (pixel_table.kind == PixelOrder::Kind::table) {
    run.consider("pixel_table", with_pixel_order(run.mapping(), pixel_table));
  }
  if (allow.column_order) run.consider("column_order", with_column_order(run.input()));
  const array::ArrayShape shape = hardware_.shape();
  const network::GemmShape gemm = traced.layer.gemm();
  if (allow.tile_order && gemm.reduction > shape.rows && gemm.output_channels > shape.columns) {
    LayerMapping mapping = run.mapping();
    mapping.tile_order = network::TileOrder::alternating;
    run.consider("tile_order", mapping);
  }
  return run.take();
}

}  // namespace togglewise::mapping
