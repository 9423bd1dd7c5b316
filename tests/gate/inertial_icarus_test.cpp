// The proof of the rule of glitches: Icarus Verilog with the library's own cell models and every
// delay from an SDF file spends nearly the same energy. scripts/compare-inertial runs more of this.
#include "sim/base/command.h"
#include "sim/gate/event_energies.h"
#include "tests/gate/icarus_with_delays.h"
#include "tests/gate/mac_streams.h"
#include "tests/gate/reference_netlists.h"

namespace togglewise::gate {
namespace {

constexpr std::size_t kTransitions = 300;
const std::vector<int> kWeights{93, -1, 7};

class InertialIcarusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const ReferenceCase chosen = reference_cases().front();
    if (find_program("iverilog").empty()) GTEST_SKIP() << "iverilog is not installed";
    if (!std::filesystem::exists(chosen.library.cell_models)) {
      GTEST_SKIP() << chosen.library.cell_models << " is not installed";
    }
    reference_ = std::make_unique<ReferenceNetlist>(chosen);
    const tech::Netlist& mac = reference_->netlist;
    delays_ = tech::compute_delays(mac, {}, tech::mac_external_loads(mac, {}));
    icarus_ = std::make_unique<IcarusWithDelays>(mac, delays_, reference_->verilog,
                                                 chosen.library.cell_models);
  }

  std::unique_ptr<ReferenceNetlist> reference_;
  tech::NetlistDelays delays_;
  std::unique_ptr<IcarusWithDelays> icarus_;
};

TEST_F(InertialIcarusTest, Energy_IsWithinTwoPercent_AtDefaultAndFineQuanta) {
  const std::vector<double> quanta_ps{10.0, 25.0, 50.0};
  double icarus_fj = 0.0;
  std::vector<double> ours_fj(quanta_ps.size(), 0.0);
  for (const int weight : kWeights) {
    const auto operands =
        realistic_operands(weight, kTransitions + 1, static_cast<std::uint64_t>(weight + 1));
    const double truth_fj = energy_of_toggles_fj(reference_->energy, icarus_->toggles(operands));
    icarus_fj += truth_fj;
    for (std::size_t i = 0; i < quanta_ps.size(); ++i) {
      const InertialModel model = make_inertial_model(reference_->netlist, delays_, quanta_ps[i]);
      const double fj =
          inertial_mac_activity(reference_->netlist, reference_->energy, model, operands)
              .energy_fj();
      EXPECT_NEAR(fj / truth_fj, 1.0, 0.05) << weight << " at " << quanta_ps[i] << " ps";
      ours_fj[i] += fj;
    }
  }
  for (std::size_t i = 0; i < quanta_ps.size(); ++i) {
    EXPECT_NEAR(ours_fj[i] / icarus_fj, 1.0, 0.02) << quanta_ps[i] << " ps";
  }
}

TEST_F(InertialIcarusTest, NetsWithoutGlitches_ToggleExactlyAsOften) {
  const auto operands = random_operands(93, kTransitions + 1, 5);
  const std::vector<std::uint64_t> theirs = icarus_->toggles(operands);
  const std::vector<std::uint64_t> settled =
      scalar_toggles(reference_->netlist, 93, streams_of(operands));
  std::uint64_t glitches = 0;
  for (const tech::NetIndex net : reference_->nets) {
    const auto index = static_cast<std::size_t>(net);
    const tech::CellIndex driver = reference_->netlist.net(net).driver.cell;
    ASSERT_GE(theirs[index], settled[index]) << reference_->netlist.net(net).name;
    EXPECT_EQ((theirs[index] - settled[index]) % 2, 0U) << "a glitch is there and back";
    if (driver == tech::kNone || reference_->netlist.cell(driver).type->is_register()) {
      EXPECT_EQ(theirs[index], settled[index]) << reference_->netlist.net(net).name;
    }
    glitches += theirs[index] - settled[index];
  }
  EXPECT_GT(glitches, 10000U);
}

}  // namespace
}  // namespace togglewise::gate
