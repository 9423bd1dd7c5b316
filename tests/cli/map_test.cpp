// `map`, and what the other commands make of the mapping that it finds.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/network/onnx_file.h"
#include "tests/cli/small_run.h"

namespace togglewise {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// The small run with energy tables; four images to search on, the last two of them judge.
class MapRun : public SmallRun {
 public:
  MapRun() {
    write_traces();
    expect_done({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5", "--transitions", "4096",
                 "--out", "."});
  }

  std::vector<std::string> map(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"map",      "--hw",      "hw.yaml",  "--model",   model(),
                                       "--tables", "tables.h5", "--traces", "traces.h5", "--images",
                                       "4",        "--out",     out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::string expect_done(const std::vector<std::string>& arguments) const {
    const CommandResult result = run(arguments);
    EXPECT_EQ(result.exit_status, 0) << result.output;
    return result.output;
  }

  void expect_refused(const std::vector<std::string>& arguments, const std::string& id,
                      const std::string& words) const {
    const CommandResult result = run(arguments);
    EXPECT_EQ(result.exit_status, 2) << result.output;
    EXPECT_THAT(result.output, HasSubstr("[" + id + "]"));
    EXPECT_THAT(result.output, HasSubstr(words));
  }

  json result(const std::string& name) const { return json::parse(read_file(file(name))); }

  // At fidelity gate, on the first two test images.
  json simulate(const std::string& out, std::vector<std::string> more) const {
    std::vector<std::string> arguments{"simulate", "--hw", "hw.yaml", "--workload", "workload.yaml",
                                       "--images", "2",    "--out",   out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_done(arguments);
    return result(out + "/simulate-gate.json");
  }
};

double total(const json& sums) { return sums["total_fj_per_image"].get<double>(); }

// Natural and mapped sums in `map.json` against the images that judged, through `simulate`.
void expect_judged_images_measured_again(const MapRun& run, const json& map) {
  const network::QuantizedNetwork network = graph::read_onnx(SmallRun::model());
  const network::Dataset dataset =
      network::read_idx(run.file("images.idx"), run.file("labels.idx"), "");
  network::write_traces(network::trace_network(network, dataset, {2, 3}, "judging images", 1),
                        run.file("judging.h5"));
  for (const std::string kind : {"natural", "mapped"}) {
    run.expect_done({"simulate", "--hw", "hw.yaml", "--operands", "judging.h5", "--out", kind,
                     "--mapping", kind == "natural" ? "none" : "out/mapping.json"});
    const json simulate = run.result(kind + "/simulate-gate.json");
    EXPECT_EQ(simulate.contains("mapping"), kind == "mapped");
    for (std::size_t l = 0; l < map["layers"].size(); ++l) {
      // Weights are loaded after those of another layer here: only the MACs see the same.
      EXPECT_DOUBLE_EQ(map["layers"][l][kind]["mac_dynamic_fj_per_image"].get<double>(),
                       simulate["layers"][l]["mac_dynamic_fj_per_image"].get<double>())
          << kind << " " << map["layers"][l]["name"];
    }
  }
}

void expect_tricks_add_up(const json& map) {
  for (const std::string sum : {"mac_dynamic", "dynamic", "total"}) {
    double saved = 0;
    for (const json& trick : map["tricks"]) {
      saved += trick["saved_" + sum + "_fj_per_image"].get<double>();
    }
    const double natural = map["judged"]["natural"][sum + "_fj_per_image"];
    const double mapped = map["judged"]["mapped"][sum + "_fj_per_image"];
    EXPECT_NEAR(saved, natural - mapped, 1e-9 * natural) << sum;
  }
}

TEST(Map, FindsAMapping_ThatCostsLess_AndChangesNoResult) {
  const MapRun run;
  const std::string text =
      run.expect_done(run.map("out", {"--workload", "workload.yaml", "--test-images", "2"}));
  EXPECT_THAT(text, HasSubstr("column_sign"));
  EXPECT_THAT(text, HasSubstr("test images 0..1 of small"));
  const json map = run.result("out/map.json");
  EXPECT_EQ(map["command"], "map");
  EXPECT_LT(total(map["judged"]["mapped"]), total(map["judged"]["natural"]));
  expect_tricks_add_up(map);
  expect_judged_images_measured_again(run, map);
  EXPECT_FALSE(fs::exists(run.file("out/mapping.json.partial")));

  // What it reports of test images is what `simulate` measures there.
  const json natural = run.simulate("test-natural", {"--model", SmallRun::model()});
  const json mapped =
      run.simulate("test-mapped", {"--model", SmallRun::model(), "--mapping", "out/mapping.json"});
  EXPECT_EQ(map["test"]["natural"]["total"], natural["total"]);
  EXPECT_EQ(map["test"]["mapped"]["total"], mapped["total"]);
  EXPECT_EQ(map["test"]["mapped"]["layers"], mapped["layers"]);
  EXPECT_EQ(mapped["mapping"]["hash"], map["mapping"]["hash"]);
  EXPECT_EQ(mapped["mapping"]["source"], "out/mapping.json");

  // Through the RTL: the accumulators are those of integer inference in both mappings.
  const std::vector<std::string> validate{
      "validate",   "--hw",          "hw.yaml",  "--model", SmallRun::model(),
      "--workload", "workload.yaml", "--images", "2"};
  const auto validated = [&](const std::string& out, const std::string& mapping) {
    std::vector<std::string> arguments = validate;
    for (const std::string& more : {std::string("--out"), out, std::string("--mapping"), mapping}) {
      arguments.push_back(more);
    }
    run.expect_done(arguments);
    const json result = run.result(out + "/validate.json");
    EXPECT_TRUE(result["passed"]);
    EXPECT_GT(result["outputs"]["compared"], 0);
    EXPECT_EQ(result["outputs"]["mismatches"], 0);
    return result;
  };
  const json rtl_natural = validated("rtl-natural", "none");
  const json rtl_mapped = validated("rtl-mapped", "out/mapping.json");
  EXPECT_EQ(rtl_natural["correct_images"], rtl_mapped["correct_images"]);
  EXPECT_EQ(rtl_natural["outputs"], rtl_mapped["outputs"]);
  EXPECT_NE(rtl_natural["toggles"], rtl_mapped["toggles"]);
  EXPECT_EQ(rtl_mapped["gate"]["after"]["total"]["energy_fj_per_image"],
            mapped["total"]["energy_fj_per_image"]);
  EXPECT_EQ(rtl_mapped["mapping"]["hash"], map["mapping"]["hash"]);
}

TEST(Map, IsFoundInTheModelsMetadata_UnlessNone) {
  const MapRun run;
  run.expect_done(run.map("out", {"--allow", "column_sign,pixel_generator"}));
  const json map = run.result("out/map.json");
  EXPECT_FALSE(map.contains("test"));  // no workload was given
  EXPECT_EQ(map["search"]["allowed"], (json{"column_sign", "pixel_generator"}));
  for (const json& needed : map["mapping"]["needs"]) {
    EXPECT_THAT((std::vector<std::string>{"column_sign", "pixel_generator"}),
                testing::Contains(needed.get<std::string>()));
  }
  network::QuantizedNetwork network = graph::read_onnx(SmallRun::model());
  network.metadata["togglewise.mapping"] = read_file(run.file("out/mapping.json"));
  network::write_onnx(network, run.file("mapped.onnx"));
  const json given =
      run.simulate("given", {"--model", SmallRun::model(), "--mapping", "out/mapping.json"});
  const json own = run.simulate("own", {"--model", "mapped.onnx"});
  const json none = run.simulate("none", {"--model", "mapped.onnx", "--mapping", "none"});
  EXPECT_EQ(own["mapping"]["source"], "metadata of mapped.onnx");
  EXPECT_EQ(own["mapping"]["hash"], given["mapping"]["hash"]);
  EXPECT_EQ(own["total"], given["total"]);
  EXPECT_FALSE(none.contains("mapping"));
  EXPECT_NE(own["total"], none["total"]);

  // Calibration on mapped operands says so in the tables' provenance.
  run.expect_done({"calibrate", "--hw", "hw.yaml", "--traces", "traces.h5", "--mapping",
                   "out/mapping.json", "--transitions", "500", "--out", "mapped"});
  const json calibrate = run.result("mapped/calibrate.json");
  EXPECT_EQ(calibrate["mapping"]["hash"], map["mapping"]["hash"]);
  EXPECT_THAT(calibrate["traces"]["source"].get<std::string>(), HasSubstr(", mapping "));
}

// Starts `arguments` and kills the process, without a chance to clean up, once `file` is there.
bool killed_when_there(const std::vector<std::string>& arguments, const fs::path& folder,
                       const std::string& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(125);
    if (::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(125);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) {
      argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (!fs::exists(file)) {
    if (::waitpid(child, &status, WNOHANG) == child) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST(Map, GoesOnAfterAKill_WithTheSameBytes_OnAnyNumberOfThreads) {
  const MapRun run;
  run.expect_done(run.map("whole", {"--threads", "2"}));
  std::vector<std::string> command = run.map("cut", {"--threads", "1"});
  command.insert(command.begin(), SmallRun::program());
  const std::string partial = run.file("cut/mapping.json.partial");
  ASSERT_TRUE(killed_when_there(command, fs::path(partial).parent_path().parent_path(), partial));
  EXPECT_FALSE(fs::exists(run.file("cut/mapping.json")));
  EXPECT_FALSE(fs::exists(run.file("cut/map.json")));

  EXPECT_THAT(run.expect_done(run.map("cut", {"--threads", "1"})), HasSubstr("layers are known"));
  EXPECT_EQ(read_file(run.file("cut/mapping.json")), read_file(run.file("whole/mapping.json")));
  EXPECT_EQ(read_file(run.file("cut/map.csv")), read_file(run.file("whole/map.csv")));
  json whole = run.result("whole/map.json");
  json cut = run.result("cut/map.json");
  whole.erase("timing");
  cut.erase("timing");
  EXPECT_EQ(whole, cut);
  EXPECT_FALSE(fs::exists(partial));

  // Damaged, or of another search: not used.
  run.write("cut/mapping.json.partial", "0123\n[0, \"abc\", {");
  EXPECT_THAT(run.expect_done(run.map("cut")), Not(HasSubstr("layers are known")));
  EXPECT_EQ(read_file(run.file("cut/mapping.json")), read_file(run.file("whole/mapping.json")));
}

TEST(Map, BadInput_IsRefused_AndLeavesNothing) {
  const MapRun run;
  run.write("signs.yaml", read_file(run.file("hw.yaml")) + "mapping:\n  allow: [column_sign]\n");
  const auto with_hardware = [&](const std::string& hardware) {
    std::vector<std::string> arguments = run.map("bad");
    arguments[2] = hardware;
    return arguments;
  };
  run.expect_refused(run.map("bad", {"--allow", "colum_sign"}), "TW-CFG-012", "'column_sign'");
  std::vector<std::string> forbidden = with_hardware("signs.yaml");
  forbidden.insert(forbidden.end(), {"--allow", "row_order"});
  run.expect_refused(forbidden, "TW-MAP-008", "--allow names row_order");
  run.expect_refused(run.map("bad", {"--judging-images", "4"}), "TW-MAP-009", "4 of 4 images");
  network::QuantizedNetwork nameless = graph::read_onnx(SmallRun::model());
  nameless.metadata.erase("togglewise.workload");
  network::write_onnx(nameless, run.file("nameless.onnx"));
  run.expect_refused({"map", "--hw", "hw.yaml", "--model", "nameless.onnx", "--tables", "tables.h5",
                      "--out", "bad"},
                     "TW-MAP-009", "--traces");
  run.expect_refused({"map", "--hw", "hw.yaml", "--model", SmallRun::model(), "--tables",
                      "tables.h5", "--out", "bad"},
                     "TW-CLI-003", "--workload");
  run.expect_refused({"map", "--hw", "hw.yaml", "--model", SmallRun::model(), "--tables",
                      "tables.h5", "--workload", "workload.yaml", "--images", "7", "--out", "bad"},
                     "TW-CLI-004", "the training set");
  std::vector<std::string> many = run.map("bad");
  many[10] = "5";
  run.expect_refused(many, "TW-MAP-010", "at least 5");
  run.expect_refused(run.map("bad", {"--timing", "inertial"}), "TW-TABLE-003", "tables.h5");
  EXPECT_FALSE(fs::exists(run.file("bad/mapping.json")));
  EXPECT_FALSE(fs::exists(run.file("bad/map.json")));

  // What was found for one array and one network is not used for another.
  run.expect_done(with_hardware("signs.yaml"));
  const std::vector<std::string> simulate{
      "simulate", "--model", SmallRun::model(), "--workload", "workload.yaml",    "--images",
      "1",        "--out",   "other",           "--mapping",  "bad/mapping.json", "--hw"};
  const auto on = [&](const std::string& hardware, const std::string& text) {
    run.write(hardware, text);
    std::vector<std::string> arguments = simulate;
    arguments.push_back(hardware);
    return arguments;
  };
  const std::string library = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  run.expect_refused(on("tall.yaml", SmallRun::hardware_text(library, 32, 8)), "TW-MAP-003",
                     "16×16");
  run.expect_refused(
      on("none.yaml", SmallRun::hardware_text(library, 16, 8) + "mapping:\n  allow: [row_order]\n"),
      "TW-MAP-008", "needs column_sign");
  json other = run.result("bad/mapping.json");
  other["layers"][0]["name"] = "first";
  run.write("bad/mapping.json", other.dump());
  run.expect_refused(on("hw.yaml", read_file(run.file("hw.yaml"))), "TW-MAP-004", "'first'");
  run.write("bad/mapping.json", "none");
  run.expect_refused(on("hw.yaml", read_file(run.file("hw.yaml"))), "TW-MAP-001", "not JSON");
  EXPECT_FALSE(fs::exists(run.file("other/simulate-gate.json")));
}

}  // namespace
}  // namespace togglewise
