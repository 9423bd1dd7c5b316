#include "sim/tech/cell_library.h"

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

TEST(CellLibrary, BadNumbersAndMissingVoltage_AreReported) {
  const Error number = error_of([] { CellLibrary::read(data_file("bad_number.lib")); });
  EXPECT_EQ(number.id(), "TW-LIB-003");
  EXPECT_EQ(number.line(), 4);
  EXPECT_THAT(number.message(), HasSubstr("sixteen"));
  const Error voltage = error_of([] { CellLibrary::read(data_file("no_voltage.lib")); });
  EXPECT_EQ(voltage.id(), "TW-LIB-003");
  EXPECT_THAT(voltage.expected(), HasSubstr("nom_voltage"));
}

TEST(CellLibrary, BadUnits_AreReported) {
  for (const char* text : {"library (x) { nom_voltage : 1; time_unit : \"1parsec\"; }",
                           "library (x) { nom_voltage : 1; capacitive_load_unit (1, mile); }",
                           "library (x) { nom_voltage : 1; }"}) {
    EXPECT_EQ(error_of([&] { CellLibrary::parse(text, "x.lib"); }).id(), "TW-LIB-003") << text;
  }
}

TEST(CellLibrary, AFunctionOfAnUnknownPin_IsReported) {
  const Error error = error_of([] { CellLibrary::read(data_file("bad_function.lib")); });
  EXPECT_EQ(error.id(), "TW-LIB-004");
  EXPECT_THAT(error.message(), HasSubstr("unknown pin 'C'"));
  EXPECT_THAT(error.expected(), HasSubstr("A"));
}

TEST(CellLibrary, ATableOfTheWrongSize_IsReported) {
  const Error error = error_of([] { CellLibrary::read(data_file("bad_table.lib")); });
  EXPECT_EQ(error.id(), "TW-LIB-005");
  EXPECT_EQ(error.line(), 8);
  EXPECT_THAT(error.message(), HasSubstr("2 values for 3 points"));
}

TEST(CellLibrary, AMissingFile_IsReported) {
  EXPECT_EQ(error_of([] { CellLibrary::read("no/such.lib"); }).id(), "TW-FILE-001");
}

}  // namespace
}  // namespace togglewise::tech
