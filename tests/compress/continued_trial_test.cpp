// Trials that go on from the network of a milder one.
#include <memory>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compress/run/compress_run.h"
#include "compress/select/make_method.h"
#include "compress/select/rate_distortion.h"
#include "sim/base/files.h"
#include "tests/compress/small_workload.h"
#include "tests/compress/trained_workload.h"

namespace togglewise::compress {
namespace {

using test::interrupting;
using test::popcount_hardware;
using test::SmallWorkload;
using test::Trained;
using test::without_timing;

// No limit is ever met: every trial is stronger than the one before.
class ContinuedTrial : public testing::Test {
 protected:
  CompressOptions options(const std::string& out) const { return trained_.options(out); }

 private:
  static SmallWorkload three_trials() {
    SmallWorkload small;
    small.trials = 3;
    return small;
  }

  Trained trained_{three_trials()};
};

nlohmann::json trials_of(const CompressOptions& options) {
  return run_compress(options, popcount_hardware(), Reporter{}).at("trials");
}

TEST_F(ContinuedTrial, StrongerTrials_GoOnFromTheStrongestMilderOne_ForTheEpochsOfSuch) {
  CompressOptions continued = options("continued");
  continued.epochs = 2;
  continued.continued_epochs = 1;
  const nlohmann::json trials = trials_of(continued);
  ASSERT_EQ(trials.size(), 3U);
  EXPECT_TRUE(trials[0].at("continues_trial").is_null());
  EXPECT_EQ(trials[0].at("epochs").size(), 2U);
  EXPECT_EQ(trials[1].at("continues_trial"), 1);
  EXPECT_EQ(trials[2].at("continues_trial"), 2);
  EXPECT_EQ(trials[2].at("epochs").size(), 1U);
}

TEST_F(ContinuedTrial, NoEpochsForThem_MeansThatEveryTrialBeginsAnew) {
  CompressOptions anew = options("anew");
  anew.continued_epochs = 0;
  for (const nlohmann::json& trial : trials_of(anew)) {
    EXPECT_TRUE(trial.at("continues_trial").is_null());
    EXPECT_EQ(trial.at("epochs").size(), 1U);
  }
}

TEST_F(ContinuedTrial, MethodThatGoesOnFromNone_BeginsEveryTrialAnew) {
  struct FromNone : RateDistortion {
    bool goes_on_from(double /*strength*/, double /*milder*/) const override { return false; }
  };
  CompressOptions options = this->options("from_none");
  options.continued_epochs = 1;
  options.method = std::make_shared<FromNone>();
  for (const nlohmann::json& trial : trials_of(options)) {
    EXPECT_TRUE(trial.at("continues_trial").is_null());
  }
}

TEST_F(ContinuedTrial, Interrupted_EndsWithTheSameBytes) {
  const CompressOptions whole = options("whole");
  const CompressOptions cut = options("cut");
  trials_of(whole);
  for (const char* step : {"trial 2/3, epoch 2", "trial 3/3, epoch 1"}) {
    EXPECT_THROW(run_compress(cut, popcount_hardware(), interrupting(step)), test::Interrupted);
  }
  trials_of(cut);
  EXPECT_EQ(without_timing(whole.out / "compress.json"), without_timing(cut.out / "compress.json"));
  EXPECT_EQ(read_file(whole.out / model_file), read_file(cut.out / model_file));
}

TEST_F(ContinuedTrial, ParentWhoseStateIsLost_IsTrainedAgain) {
  const CompressOptions whole = options("whole");
  const CompressOptions damaged = options("damaged");
  trials_of(whole);
  EXPECT_THROW(run_compress(damaged, popcount_hardware(), interrupting("trial 3/3, epoch 1")),
               test::Interrupted);
  write_file_atomically(damaged.out / ".trials" / "trial_2.pt", "nothing");
  trials_of(damaged);
  EXPECT_EQ(without_timing(whole.out / "compress.json"),
            without_timing(damaged.out / "compress.json"));
}

TEST(RampShare, IsWhereTheRampPassesTheMilderStrength) {
  for (const char* name : {"rate-distortion", "magnitude", "powerpruning"}) {
    const std::shared_ptr<const SelectionMethod> method = make_method(name);
    const double share = method->share_at(8.0, 3.0);
    EXPECT_GT(share, 0.0) << name;
    EXPECT_LT(share, 1.0) << name;
    EXPECT_NEAR(method->ramped(8.0, share), 3.0, 1e-9) << name;
  }
}

}  // namespace
}  // namespace togglewise::compress
