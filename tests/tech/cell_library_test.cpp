#include "sim/tech/cell_library.h"

#include "sim/base/files.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

const LibraryPin& pin(const LibraryCell& cell, const std::string& name) {
  return cell.pins.at(static_cast<std::size_t>(cell.pin_index(name)));
}

TEST(CellLibrary, Osu018_HasItsCells_InOurUnits) {
  const auto library = CellLibrary::read(osu018_file());
  EXPECT_EQ(library->name(), "osu018_stdcells");
  EXPECT_EQ(library->cells().size(), 32U);
  EXPECT_DOUBLE_EQ(library->voltage(), 1.8);
  const LibraryCell& nand = *library->find("NAND2X1");
  EXPECT_DOUBLE_EQ(nand.area, 24.0);
  EXPECT_DOUBLE_EQ(nand.leakage_nw, 0.0393659);
  EXPECT_DOUBLE_EQ(pin(nand, "A").capacitance_ff, 12.5);
  EXPECT_EQ(*pin(nand, "Y").function, (TruthTable{2, 0b0111}));
  ASSERT_EQ(pin(nand, "Y").internal_power.size(), 2U);
  // First table of the file: load 0.005 pF, slew 0.18 ns → 0.051923 pJ.
  EXPECT_NEAR(pin(nand, "Y").internal_power[0].rise_fj.at(0.18, 5.0), 51.923, 1e-9);
  EXPECT_NEAR(pin(nand, "Y").timing[0].cell_rise_ns.at(0.06, 12.5), 0.067464, 1e-9);
}

TEST(CellLibrary, Osu018Register_IsAFlipFlop_WithPassivePower) {
  const auto library = CellLibrary::read(osu018_file());
  const LibraryCell& dff = *library->find("DFFPOSX1");
  ASSERT_TRUE(dff.is_register());
  EXPECT_EQ(dff.flip_flop->clocked_on, "CLK");
  EXPECT_TRUE(pin(dff, "CLK").is_clock);
  EXPECT_NEAR(pin(dff, "CLK").internal_power[0].fall_fj.at(0.06, 0.0), 110.34, 1e-9);
  EXPECT_TRUE(pin(dff, "Q").function->value(1));
  EXPECT_FALSE(pin(dff, "Q").function->value(2));
  EXPECT_THAT(library->find("LATCH")->unsupported_reason, HasSubstr("latch"));
  EXPECT_THAT(library->find("TBUFX1")->unsupported_reason, HasSubstr("three-state"));
  EXPECT_EQ(library->find("NAND9X9"), nullptr);
}

struct InstalledLibrary {
  const char* file;
  std::size_t cells;
  double voltage;
};
class InstalledLibraryTest : public ::testing::TestWithParam<InstalledLibrary> {};

TEST_P(InstalledLibraryTest, IsReadWhole_WithoutUnknownStatements) {
  const auto path = std::filesystem::path("/usr/share/qflow/tech") / GetParam().file;
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << path << " is missing: apt-get install qflow-tech-osu018 qflow-tech-osu035 "
                 << "qflow-tech-osu050";
  }
  const auto library = CellLibrary::read(path);
  EXPECT_EQ(library->cells().size(), GetParam().cells);
  EXPECT_DOUBLE_EQ(library->voltage(), GetParam().voltage);
  std::vector<std::string> unusable;
  for (const LibraryCell& cell : library->cells()) {
    if (!cell.unsupported_reason.empty()) unusable.push_back(cell.name);
    for (const LibraryPin& output : cell.pins) {
      if (output.direction != PinDirection::output || !cell.unsupported_reason.empty()) continue;
      EXPECT_FALSE(output.internal_power.empty()) << cell.name;
      EXPECT_FALSE(output.timing.empty()) << cell.name;
      EXPECT_GT(output.internal_energy_fj(0.1, 20.0), 0.0) << cell.name;
    }
  }
  EXPECT_LE(unusable.size(), 5U);
  for (const LibraryNote& note : library->notes().all()) {
    EXPECT_EQ(note.kind, NoteKind::unusable_cell) << describe(note);
  }
}

INSTANTIATE_TEST_SUITE_P(Osu, InstalledLibraryTest,
                         ::testing::Values(InstalledLibrary{"osu018/osu018_stdcells.lib", 32, 1.8},
                                           InstalledLibrary{"osu035/osu035_stdcells.lib", 39, 3.3},
                                           InstalledLibrary{"osu050/osu05_stdcells.lib", 39, 5.0}),
                         [](const auto& test) {
                           return std::string(test.param.file).substr(0, 6);
                         });

TEST(CellLibrary, OtherUnitsAndAxisOrders_GiveTheSameQuantities) {
  const auto library = CellLibrary::read(data_file("tiny.lib"));
  EXPECT_DOUBLE_EQ(library->voltage(), 2.0);
  const LibraryCell& inverter = *library->find("INV");
  EXPECT_DOUBLE_EQ(inverter.leakage_nw, 0.05);
  EXPECT_DOUBLE_EQ(pin(inverter, "A").capacitance_ff, 3.0);
  // 500 × 2 fF × (0.1 V)² = 10 fJ at 300 ps and 2 × 2 fF.
  EXPECT_NEAR(pin(inverter, "Y").internal_power[0].rise_fj.at(0.3, 4.0), 10.0, 1e-9);
  EXPECT_NEAR(pin(inverter, "Y").timing[0].cell_rise_ns.at(0.3, 4.0), 0.040, 1e-9);
  const LibraryCell& dff = *library->find("DFF");
  EXPECT_DOUBLE_EQ(dff.leakage_nw, 0.03);  // mean of two states
  EXPECT_EQ(dff.outputs.size(), 2U);
  EXPECT_NEAR(pin(dff, "Q").internal_power[0].fall_fj.at(0.1, 1.0), 4.0, 1e-9);
}

TEST(CellLibrary, SkyStyle_QuotedNames_SlewBeforeLoad_AndStates) {
  const auto library = CellLibrary::read(data_file("sky_style.lib"));
  EXPECT_EQ(library->name(), "sky_style_tt_025C_1v80");
  EXPECT_DOUBLE_EQ(library->voltage(), 1.8);
  EXPECT_DOUBLE_EQ(library->temperature_celsius(), 25.0);
  const LibraryCell& gate = *library->find("sky_style__a21oi_1");
  EXPECT_DOUBLE_EQ(gate.area, 5.0048);
  EXPECT_FALSE(gate.dont_use);
  // A1, A2, B1: 1 state of 8, 3 states, 4 states; cell_leakage_power has nothing left to hold for.
  ASSERT_EQ(gate.leakage_by_state.size(), 3U);
  EXPECT_EQ(gate.leakage_by_state[2].when, "!B1");
  EXPECT_DOUBLE_EQ(gate.leakage_nw, (1 * 0.001 + 3 * 0.002 + 4 * 0.008) / 8);
  EXPECT_DOUBLE_EQ(pin(gate, "A1").capacitance_ff, 2.3);
  EXPECT_DOUBLE_EQ(pin(gate, "A2").capacitance_ff, 2.4);  // mean of rise and fall
  // Passive power of A1 at a slew of 0.1 ns, in pJ.
  EXPECT_NEAR(pin(gate, "A1").internal_power.at(0).fall_fj.at(0.1, 0.0), -2.0, 1e-9);
  EXPECT_NEAR(pin(gate, "A1").internal_power.at(0).rise_fj.at(0.1, 99.0), 5.0, 1e-9);

  const LibraryPin& output = pin(gate, "Y");
  EXPECT_EQ(*output.function, parse_boolean_function("!((A1 A2) + B1)", {"A1", "A2", "B1"}));
  ASSERT_EQ(output.internal_power.size(), 3U);
  EXPECT_NEAR(output.internal_power[0].fall_fj.at(0.01, 4.0), 3.0, 1e-9);
  EXPECT_NEAR(output.internal_power[0].rise_fj.at(0.1, 2.0), 15.0, 1e-9);
  EXPECT_EQ(output.internal_power[1].when, "!A1&!A2");
  EXPECT_EQ(output.internal_power[1].when_function->bits, 0b00010001U);
  EXPECT_FALSE(output.internal_power[2].when_function.has_value());

  ASSERT_EQ(output.timing.size(), 2U) << "one group for two related pins";
  EXPECT_EQ(output.timing[0].related_pin, "A1");
  EXPECT_EQ(output.timing[1].related_pin, "A2");
  EXPECT_EQ(output.timing[1].when, "!B1");
  EXPECT_EQ(output.timing[1].sdf_cond, "B1 == 1'b0");
  EXPECT_EQ(output.timing[1].when_function->bits, 0b00001111U);
  EXPECT_NEAR(output.timing[1].cell_fall_ns.at(0.1, 1.0), 0.04, 1e-12);
}

TEST(CellLibrary, SkyStyle_Register_ClockInParentheses_AndConstraintAxes) {
  const auto library = CellLibrary::read(data_file("sky_style.lib"));
  const LibraryCell& dff = *library->find("sky_style__dfxtp_1");
  EXPECT_TRUE(dff.dont_use);
  EXPECT_DOUBLE_EQ(dff.leakage_nw, 0.5);
  EXPECT_EQ(dff.flip_flop->clocked_on, "CLK");
  EXPECT_FALSE(dff.flip_flop->next_state_from_one.has_value());
  EXPECT_TRUE(pin(dff, "CLK").is_clock);
  const TimingArc& setup = pin(dff, "D").timing.at(0);
  EXPECT_EQ(setup.type, "setup_rising");
  // The clock's slew first, the data's in the place of the load; both in ns.
  EXPECT_NEAR(setup.rise_constraint_ns.at(0.01, 0.6), 0.06, 1e-12);
  EXPECT_NEAR(setup.rise_constraint_ns.at(0.5, 0.02), 0.07, 1e-12);
}

TEST(CellLibrary, SevenStyle_RailsAreSummed_AndStatesWeighed) {
  const auto library = CellLibrary::read(data_file("seven_style.lib"));
  const LibraryCell& adder = *library->find("HAxp5_ASAP_STYLE");
  // pW; both rails of each state; the group without `when` has no state left.
  EXPECT_NEAR(adder.leakage_nw, (440.0 + 110.0 + 110.0 + 220.0) / 4.0 * 1e-3, 1e-12);
  EXPECT_EQ(adder.leakage_by_state.size(), 5U);
  EXPECT_DOUBLE_EQ(pin(adder, "B").capacitance_ff, 0.625);
  EXPECT_EQ(pin(adder, "CON").function->bits, 0b0111U);
  EXPECT_EQ(pin(adder, "SN").function->bits, 0b1001U);

  const LibraryPin& carry = pin(adder, "CON");
  ASSERT_EQ(carry.internal_power.size(), 1U);
  EXPECT_NEAR(carry.internal_power[0].rise_fj.at(0.005, 1.44), 1.52, 1e-12);
  EXPECT_NEAR(carry.internal_power[0].fall_fj.at(0.010, 0.72), 1.05, 1e-12);
  EXPECT_NEAR(carry.timing.at(0).cell_rise_ns.at(0.010, 1.44), 14.5e-3, 1e-12);
}

TEST(CellLibrary, SevenStyle_EdgesInGroupsOfTheirOwn_AreOneGroup) {
  const auto library = CellLibrary::read(data_file("seven_style.lib"));
  const LibraryPin& sum = pin(*library->find("HAxp5_ASAP_STYLE"), "SN");
  ASSERT_EQ(sum.internal_power.size(), 2U);
  EXPECT_EQ(sum.internal_power[0].when, "B");
  EXPECT_DOUBLE_EQ(sum.internal_power[0].rise_fj.at(0, 0), 4.0);
  EXPECT_DOUBLE_EQ(sum.internal_power[0].fall_fj.at(0, 0), 6.0);
  EXPECT_DOUBLE_EQ(sum.internal_energy_fj(0, 0), (4.0 + 8.0) / 2 + (6.0 + 10.0) / 2);
}

TEST(CellLibrary, AMeanWithoutStates_IsTheMeanOverItsGroups) {
  const auto library = CellLibrary::read(osu018_file());
  for (const LibraryCell& cell : library->cells()) {
    for (const LibraryPin& p : cell.pins) {
      double sum = 0.0;
      for (const InternalPower& power : p.internal_power) {
        sum += power.rise_fj.at(0.1, 20.0) + power.fall_fj.at(0.1, 20.0);
      }
      const double groups = std::max<double>(1.0, static_cast<double>(p.internal_power.size()));
      EXPECT_NEAR(p.internal_energy_fj(0.1, 20.0), sum / groups, 1e-9) << cell.name << p.name;
    }
  }
}

TEST(CellLibrary, AGroupWithoutWhen_CountsForTheStatesThatAreLeft) {
  const auto library = CellLibrary::read(data_file("sky_style.lib"));
  const LibraryPin& output = pin(*library->find("sky_style__a21oi_1"), "Y");
  // B1 makes Y toggle unless A1 = A2 = 1: three states of A1 and A2, one of them has a group.
  EXPECT_DOUBLE_EQ(output.internal_power[0].rise_share, 1.0 / 2);
  EXPECT_NEAR(output.internal_power[1].rise_share, 1.0 / 3 / 2, 1e-12);
  EXPECT_NEAR(output.internal_power[2].fall_share, 2.0 / 3 / 2, 1e-12);
}

TEST(CellLibrary, EveryKindOfRegister_IsReadAsWhatItIs) {
  const auto library = CellLibrary::read(data_file("cell_kinds.lib"));
  const auto flip_flop = [&](const char* name) { return *library->find(name)->flip_flop; };
  EXPECT_EQ(flip_flop("DFF").clocked_on, "CK");
  EXPECT_EQ(pin(*library->find("DFF"), "QN").function->bits, 0b1100U);
  const std::vector<std::string> enabled{"D", "CK", "EN"};
  EXPECT_EQ(flip_flop("DFF_ENABLE").next_state, parse_boolean_function("D EN", enabled));
  EXPECT_EQ(*flip_flop("DFF_ENABLE").next_state_from_one,
            parse_boolean_function("D + EN'", enabled));
  const std::vector<std::string> reset{"D", "CK", "R", "AR", "AS"};
  EXPECT_EQ(flip_flop("DFF_RESET").next_state, parse_boolean_function("D R'", reset));
  EXPECT_EQ(*flip_flop("DFF_RESET").clear, parse_boolean_function("AR", reset));
  EXPECT_EQ(*flip_flop("DFF_RESET").preset, parse_boolean_function("AS'", reset));
  EXPECT_EQ(flip_flop("DFF_FALLING").clocked_on, "!CKN");
  EXPECT_EQ(flip_flop("DFF_SCAN").next_state,
            parse_boolean_function("(SE SI) + (SE' D)", {"D", "CK", "SE", "SI"}));
  EXPECT_EQ(library->find("DFF_SCAN")->unsupported_reason, "");
}

TEST(CellLibrary, CellsWithSeveralOutputs_Multiplexers_AndTies_HaveTheirFunctions) {
  const auto library = CellLibrary::read(data_file("cell_kinds.lib"));
  const LibraryCell& adder = *library->find("FA");
  EXPECT_EQ(pin(adder, "S").function->bits, 0b10010110U);
  EXPECT_EQ(pin(adder, "CO").function->bits, 0b11101000U);
  EXPECT_EQ(pin(*library->find("MUX2"), "Y").function->bits, 0b11001010U);
  EXPECT_EQ(*pin(*library->find("TIE"), "HI").function, (TruthTable{0, 1}));
  EXPECT_EQ(*pin(*library->find("TIE"), "LO").function, (TruthTable{0, 0}));
  for (const char* name :
       {"INV", "MUX2", "FA", "TIE", "FILLER", "DFF", "DFF_ENABLE", "DFF_RESET"}) {
    EXPECT_EQ(library->find(name)->unsupported_reason, "") << name;
  }
}

TEST(CellLibrary, CellsThatCannotBeSimulated_SayWhy_AndWhereTheyBegin) {
  const auto library = CellLibrary::read(data_file("cell_kinds.lib"));
  const std::vector<std::pair<const char*, const char*>> reasons{
      {"DFF_GATED_OUTPUT", "the function of its output Q depends on pin D"},
      {"DFF_TWO_CLOCKS", "it has two clocks"},
      {"DFF_BANK", "it has a ff_bank group"},
      {"LATCH", "it has a latch group"},
      {"TRISTATE", "it has a three-state output"},
      {"CLOCK_GATE", "it has a statetable group"},
      {"MEMORY", "it has bus pins"},
      {"PAD", "it has an inout pin"},
      {"WIDE", "it has 7 inputs, more than 6"},
      {"CHAINED", "the function of its output Z depends on pin Y"},
      {"POWERED", "the function of its output Y depends on pin VDDX"},
      {"BLANK", "its output Y has no function"}};
  for (const auto& [name, reason] : reasons) {
    const LibraryCell& cell = *library->find(name);
    EXPECT_EQ(cell.unsupported_reason, reason) << name;
    const LibraryNote* note = library->notes().find(NoteKind::unusable_cell, reason);
    ASSERT_NE(note, nullptr) << name;
    EXPECT_EQ(note->first_line, cell.line) << name;
    EXPECT_EQ(note->count, 1) << name;
  }
  const auto gated = CellLibrary::parse(
      "library (x) { nom_voltage : 1; cell (ICG) { clock_gating_integrated_cell : latch_posedge;\n"
      "pin (CK) { direction : input; } pin (G) { direction : output; function : \"CK\"; } } }",
      "x.lib");
  EXPECT_EQ(gated->find("ICG")->unsupported_reason, "it is a clock-gating cell");
}

TEST(CellLibrary, LeakageOfCellsWithStoredState_IsWeighedOverInputsAndState) {
  const auto library = CellLibrary::read(data_file("cell_kinds.lib"));
  // D, G and the unknown state Q: 2 states each of 8, the rest leaks nothing.
  EXPECT_DOUBLE_EQ(library->find("LATCH")->leakage_nw, (2 * 1.0 + 2 * 2.0) / 8.0);
  // More inputs than a function may have: one state of 128.
  EXPECT_DOUBLE_EQ(library->find("WIDE")->leakage_nw, 1.0);
}

TEST(CellLibrary, TablesThatAreNotSlewAndLoad_AreReducedOrLeftOut_WithANote) {
  const auto library = CellLibrary::read(data_file("cell_kinds.lib"));
  const TimingArc& arc = pin(*library->find("INV"), "Y").timing.at(0);
  // The other output's load first, at its first point: rows are slews, columns loads.
  EXPECT_NEAR(arc.cell_rise_ns.at(0.2, 30.0), 6.0, 1e-12);
  EXPECT_NEAR(arc.cell_rise_ns.at(0.1, 10.0), 1.0, 1e-12);
  EXPECT_TRUE(arc.cell_fall_ns.empty());
  EXPECT_DOUBLE_EQ(arc.rise_transition_ns.at(9.0, 9.0), 0.5) << "no template: one value";
  // One axis only, and one table for both edges: 1 pJ at 10 fF.
  const InternalPower& power = pin(*library->find("INV"), "Y").internal_power.at(0);
  EXPECT_NEAR(power.rise_fj.at(0.7, 10.0), 1000.0, 1e-9);
  EXPECT_NEAR(power.fall_fj.at(0.1, 20.0), 2000.0, 1e-9);
  const LibraryNotes& notes = library->notes();
  ASSERT_NE(notes.find(NoteKind::skipped_table, "input_net_transition × output_net_length"),
            nullptr);
  EXPECT_EQ(
      describe(*notes.find(NoteKind::skipped_table, "input_net_transition × output_net_length")),
      "table over input_net_transition × output_net_length not read, 1 time, first at line "
      "37");
  ASSERT_NE(notes.find(NoteKind::reduced_table,
                       "related_out_total_output_net_capacitance × input_net_transition × "
                       "total_output_net_capacitance"),
            nullptr);
}

TEST(CellLibrary, ASecondAxisThatIsAnotherOutputsLoad_IsFixed_InEitherPlace) {
  const auto energy = [](const std::string& first, const std::string& second, double slew) {
    const auto library = CellLibrary::parse(
        "library (x) { nom_voltage : 1; capacitive_load_unit (1, ff);\n"
        "power_lut_template (t) { variable_1 : " +
            first + "; variable_2 : " + second +
            "; index_1 (\"1, 2\"); index_2 (\"1, 2\"); }\n"
            "cell (C) { pin (Y) { direction : output; function : \"1\"; internal_power () {\n"
            "rise_power (t) { values (\"10, 20, 30, 40\"); } } } } }",
        "x.lib");
    return pin(*library->find("C"), "Y").internal_power.at(0).rise_fj.at(slew, 2.0);
  };
  const std::string slew = "input_transition_time";
  const std::string other = "equal_or_opposite_output_net_capacitance";
  EXPECT_DOUBLE_EQ(energy(slew, other, 1.0), 10.0);
  EXPECT_DOUBLE_EQ(energy(slew, other, 2.0), 30.0);
  EXPECT_DOUBLE_EQ(energy(other, slew, 1.0), 10.0);
  EXPECT_DOUBLE_EQ(energy(other, slew, 2.0), 20.0);
}

TEST(CellLibrary, UnknownStatements_AreCountedAndNamedOnce) {
  const auto library = CellLibrary::read(data_file("cell_kinds.lib"));
  const LibraryNote* attribute = library->notes().find(NoteKind::unknown_attribute, "house_rule");
  ASSERT_NE(attribute, nullptr);
  EXPECT_EQ(attribute->count, 2);
  EXPECT_EQ(attribute->first_line, 25);
  EXPECT_EQ(describe(*attribute), "unknown attribute 'house_rule', 2 times, first at line 25");
  EXPECT_NE(library->notes().find(NoteKind::unknown_group, "house_group"), nullptr);
  EXPECT_NE(library->notes().find(NoteKind::skipped_group, "ecsm_waveform_set"), nullptr);
  EXPECT_EQ(library->notes().find(NoteKind::bus_pins, "bundle")->count, 2);
  EXPECT_EQ(library->notes().find(NoteKind::bus_pins, "bus")->count, 1);
  // What a library defines itself is not unknown.
  const auto sky = CellLibrary::read(data_file("sky_style.lib"));
  for (const LibraryNote& note : sky->notes().all()) {
    EXPECT_EQ(note.kind, NoteKind::skipped_group) << describe(note);
  }
  const auto polynomial = CellLibrary::parse(
      "library (x) { nom_voltage : 1; delay_model : polynomial; slew_derate_from_library : 0.5; "
      "cell (F) { } }",
      "x.lib");
  EXPECT_NE(polynomial->notes().find(NoteKind::ignored_attribute, "delay_model : polynomial"),
            nullptr);
  EXPECT_NE(polynomial->notes().find(NoteKind::ignored_attribute, "slew_derate_from_library : 0.5"),
            nullptr);
}

TEST(CellLibrary, UnitsAndTemplatesBehindTheCells_CountAllTheSame) {
  const std::string text = read_file(data_file("tiny.lib"));
  const std::size_t first_cell = text.find("  cell (INV)");
  const std::size_t head = text.find("  time_unit");
  const std::string late = text.substr(0, head) +
                           text.substr(first_cell, text.rfind('}') - first_cell) +
                           text.substr(head, first_cell - head) + "}\n";
  const auto library = CellLibrary::parse(late, "late.lib");
  EXPECT_DOUBLE_EQ(library->voltage(), 2.0);
  const LibraryCell& inverter = *library->find("INV");
  EXPECT_DOUBLE_EQ(pin(inverter, "A").capacitance_ff, 3.0);
  EXPECT_NEAR(pin(inverter, "Y").internal_power[0].rise_fj.at(0.3, 4.0), 10.0, 1e-9);
  EXPECT_EQ(library->cells().size(), 2U);
}

TEST(CellLibrary, TheVoltage_IsNominal_OrOfTheDefaultOperatingConditions) {
  const auto voltage = [](const std::string& head) {
    return CellLibrary::parse("library (x) { " + head + " cell (F) { } }", "x.lib")->voltage();
  };
  const std::string conditions =
      "operating_conditions (slow) { voltage : 1.6; } operating_conditions (fast) { voltage : 2; "
      "temperature : -40; } ";
  EXPECT_DOUBLE_EQ(voltage("nom_voltage : 1.8; " + conditions), 1.8);
  EXPECT_DOUBLE_EQ(voltage(conditions), 1.6);
  EXPECT_DOUBLE_EQ(voltage(conditions + "default_operating_conditions : fast;"), 2.0);
  EXPECT_DOUBLE_EQ(voltage("voltage_unit : \"1mV\"; nom_voltage : 700;"), 0.7);
}

}  // namespace
}  // namespace togglewise::tech
