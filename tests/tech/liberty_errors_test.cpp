// Every way in which a Liberty file can be wrong: one diagnostic with its place and what was
// expected. The parser's own are in liberty_parser_test.cpp.
#include <fmt/format.h>

#include "sim/tech/cell_library.h"
#include "tests/tech/tech_fixture.h"

namespace togglewise::tech {
namespace {

using ::testing::HasSubstr;

Error read_error(const std::string& text) {
  return error_of([&] { CellLibrary::parse(text, "x.lib"); });
}
// A library with one statement of its own, on line 2, before a cell that is good.
std::string library_with(const std::string& statement) {
  return "library (x) { nom_voltage : 1;\n" + statement + "\ncell (GOOD) { }\n}";
}
// A cell with an input A, whose statement is on line 3.
std::string cell_with(const std::string& statement) {
  return "library (x) { nom_voltage : 1; power_lut_template (two) { variable_1 : "
         "input_transition_time; variable_2 : total_output_net_capacitance; index_1 (\"1, 2\"); }\n"
         "cell (C) { pin (A) { direction : input; }\n" +
         statement + "\n}\n}";
}
std::string table_with(const std::string& table) {
  return cell_with("pin (Y) { direction : output; function : \"A\"; internal_power () {\n" + table +
                   "\n} }");
}

struct Mistake {
  std::string text;
  const char* id;
  int line;
  int column;
  const char* message;
  const char* expected;
};

void expect_reported(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    const Error error = read_error(mistake.text);
    EXPECT_EQ(error.id(), mistake.id) << mistake.text;
    EXPECT_EQ(error.exit_status(), 2) << mistake.text;
    EXPECT_EQ(error.file(), "x.lib") << mistake.text;
    EXPECT_EQ(error.line(), mistake.line) << mistake.text;
    EXPECT_EQ(error.column(), mistake.column) << mistake.text;
    EXPECT_THAT(error.message(), HasSubstr(mistake.message)) << mistake.text;
    EXPECT_THAT(error.expected(), HasSubstr(mistake.expected)) << mistake.text;
  }
}

TEST(LibertyErrors, NumbersThatAreNone_AreReported_WhereTheyStand) {
  expect_reported({
      {cell_with("area : sixteen;"), "TW-LIB-003", 3, 8, "area is 'sixteen'", "number"},
      {cell_with("area : ;"), "TW-LIB-003", 3, 8, "area is ''", "number"},
      {cell_with("area : nan;"), "TW-LIB-003", 3, 8, "area is 'nan'", "finite"},
      {cell_with("area : 1e999;"), "TW-LIB-003", 3, 8, "area is '1e999'", "finite"},
      {cell_with("area : 1e70;"), "TW-LIB-003", 3, 8, "area is '1e70'", "below 1e60"},
      {cell_with("area : -inf;"), "TW-LIB-003", 3, 8, "area is '-inf'", "finite"},
      {cell_with("area : -2;"), "TW-LIB-003", 3, 8, "area is -2", "positive"},
      {cell_with("area : 1 2;"), "TW-LIB-003", 3, 8, "area is '1 2'", "number"},
      {cell_with("pin (B) { direction : input; capacitance : -0.1; }"), "TW-LIB-003", 3, 44,
       "capacitance is -0.1", "positive"},
      {table_with("rise_power (scalar) { values (\"0.1x\"); }"), "TW-LIB-003", 4, 32,
       "values is '0.1x'", "finite"},
      {table_with("rise_power (two) { values (\"1, 2\", \\\n  \"3, \\\n  4e\"); }"), "TW-LIB-003",
       6, 3, "values is '4e'", "finite"},
      {library_with("default_input_pin_cap : -1;"), "TW-LIB-003", 2, 25,
       "default_input_pin_cap is -1", "positive"},
  });
}

TEST(LibertyErrors, Units_AreReported) {
  expect_reported({
      {library_with("time_unit : \"1parsec\";"), "TW-LIB-003", 2, 14, "time_unit is '1parsec'",
       "1ns"},
      {library_with("time_unit : \"ns\";"), "TW-LIB-003", 2, 14, "time_unit is 'ns'", "1ns"},
      {library_with("voltage_unit : \"0V\";"), "TW-LIB-003", 2, 17, "voltage_unit", "1nv"},
      {library_with("leakage_power_unit : 1;"), "TW-LIB-003", 2, 22, "leakage_power_unit is '1'",
       "1nw"},
      {library_with("capacitive_load_unit (1, mile);"), "TW-LIB-003", 2, 23,
       "capacitive_load_unit is '1mile'", "(1,pf)"},
      {library_with("capacitive_load_unit ();"), "TW-LIB-003", 2, 1, "capacitive_load_unit is ''",
       "(1,pf)"},
  });
}

TEST(LibertyErrors, WhatIsMissing_IsReported) {
  expect_reported({
      {" library (x) { cell (GOOD) { } }", "TW-LIB-003", 1, 2, "no nominal voltage", "nom_voltage"},
      {"library (x) { nom_voltage : 0; cell (GOOD) { } }", "TW-LIB-003", 1, 1, "no nominal voltage",
       "nom_voltage"},
      {"library (x) { nom_voltage : 1; }", "TW-LIB-003", 1, 1, "'x' has no cells", "cell (<name>)"},
      {library_with("cell () { }"), "TW-LIB-003", 2, 1, "a cell without a name", "cell (<name>)"},
      {cell_with("pin () { }"), "TW-LIB-003", 3, 1, "a pin without a name", "pin (<name>)"},
      {cell_with("leakage_power () { when : \"A\"; }"), "TW-LIB-003", 3, 1,
       "leakage_power has no value", "value : <number>"},
      {cell_with("ff (Q, QN) { clocked_on : \"A\"; }"), "TW-LIB-003", 3, 1,
       "ff group has no next_state", "next_state"},
      {cell_with("ff (Q, QN) { next_state : \"A\"; }"), "TW-LIB-003", 3, 1,
       "ff group has no clocked_on", "clocked_on"},
      {cell_with("pin (B) { direction : sideways; }"), "TW-LIB-003", 3, 23,
       "direction of pin B is 'sideways'", "input, output"},
  });
}

TEST(LibertyErrors, Functions_AreReported) {
  const auto output = [](const std::string& function) {
    return cell_with("pin (Y) { direction : output; function : \"" + function + "\"; }");
  };
  expect_reported({
      {output("A C"), "TW-LIB-004", 3, 43, "cell C: bad Boolean function: unknown pin 'C'", "A"},
      {output("(A"), "TW-LIB-004", 3, 43, "missing ')'", "A"},
      {output(std::string(1000, '(')), "TW-LIB-004", 3, 43, "nested deeper", "A"},
      {output(std::string(1000, '!') + "A"), "TW-LIB-004", 3, 43, "nested deeper", "A"},
      {cell_with("ff (Q, QN) { clocked_on : \"A +\"; next_state : \"A\"; }"), "TW-LIB-004", 3, 28,
       "an operand is missing", "A"},
      {cell_with("ff (Q, QN) { clocked_on : \"A\"; next_state : \"D\"; }"), "TW-LIB-004", 3, 46,
       "unknown pin 'D'", "A, Q or QN"},
  });
}

TEST(LibertyErrors, Tables_AreReported) {
  expect_reported({
      {table_with("rise_power (two) { }"), "TW-LIB-005", 4, 1, "it has no values", "values"},
      {table_with("rise_power (two) { values (); }"), "TW-LIB-005", 4, 1, "its values are empty",
       "number"},
      {table_with("rise_power (two) { values (\"\"); }"), "TW-LIB-005", 4, 1,
       "its values are empty", "number"},
      {table_with("rise_power (scalar) { values (\"1, 2\"); }"), "TW-LIB-005", 4, 1,
       "a scalar with several values", "one value"},
      {table_with("rise_power () { values (\"1, 2\"); }"), "TW-LIB-005", 4, 1, "no template",
       "name of a template"},
      {table_with("rise_power (three) { values (\"1, 2\"); }"), "TW-LIB-005", 4, 1,
       "template 'three' is not in the library", "power_lut_template"},
      {table_with("rise_power (two) { values (\"1, 2\"); }"), "TW-LIB-005", 4, 1,
       "index_2 is missing", "ascending"},
      {table_with("rise_power (two) { index_2 (\"2, 1\"); values (\"1, 2\", \"3, 4\"); }"),
       "TW-LIB-005", 4, 1, "index_2 does not ascend", "ascending"},
      {table_with("rise_power (two) { index_2 (\"1, 2\"); values (\"1, 2, 3\"); }"), "TW-LIB-005",
       4, 1, "3 values for 4 points", "4 values"},
      {table_with("rise_power (two) { index_2 (\"1, 2\"); values (\"1, 2, 3\", \"4\"); }"),
       "TW-LIB-005", 4, 1, "rows differ in length", "rows of 2"},
      {library_with("lu_table_template (none) { }\ncell (B) { pin (Y) { direction : output;\n"
                    "timing () { cell_rise (none) { values (\"1, 2\"); } } } }"),
       "TW-LIB-005", 4, 13, "template 'none' has no axes", "variable_1"},
  });
}

TEST(LibertyErrors, CellsAndPinsThatStandTwice_AreReported_WithTheFirst) {
  expect_reported({
      {library_with("cell (GOOD) { }"), "TW-LIB-009", 3, 1,
       "cell GOOD stands twice in the library, first at line 2", "once"},
      {cell_with("pin (B, A) { }"), "TW-LIB-009", 3, 9, "cell C has two pins A", "once"},
  });
}

TEST(LibertyErrors, TheFirstMistakeOfAFile_IsTheOneThatIsReported) {
  const Error error =
      read_error("library (x) {\ncell (A) { area : bad; }\ncell (B) { area : worse");
  EXPECT_EQ(error.id(), "TW-LIB-003");
  EXPECT_EQ(error.line(), 2);
  // A template behind its user is none; another mistake of the same cell still is.
  const Error late = read_error(
      "library (x) { nom_voltage : 1;\ncell (A) { area : bad; }\n"
      "lu_table_template (t) { variable_1 : input_net_transition; }\n}");
  EXPECT_EQ(late.id(), "TW-LIB-003");
  EXPECT_EQ(late.line(), 2);
}

TEST(LibertyErrors, HostileText_IsShortenedInMessages) {
  const Error error = read_error(cell_with("area : " + std::string(1000000, 'x') + ";"));
  EXPECT_EQ(error.id(), "TW-LIB-003");
  EXPECT_LT(std::string(error.what()).size(), 300U);
  const Error function = read_error(cell_with("pin (Y) { direction : output; function : \"" +
                                              std::string(1000000, '?') + "\"; }"));
  EXPECT_EQ(function.id(), "TW-LIB-004");
  EXPECT_LT(std::string(function.what()).size(), 400U);
}

TEST(LibertyErrors, TheFilesInTheData_AreReported) {
  const auto id_of = [](const char* name) {
    return error_of([&] { CellLibrary::read(data_file(name)); }).id();
  };
  EXPECT_EQ(id_of("bad_number.lib"), "TW-LIB-003");
  EXPECT_EQ(id_of("no_voltage.lib"), "TW-LIB-003");
  EXPECT_EQ(id_of("bad_function.lib"), "TW-LIB-004");
  EXPECT_EQ(id_of("bad_table.lib"), "TW-LIB-005");
  EXPECT_EQ(id_of("no_such.lib"), "TW-FILE-001");
}

}  // namespace
}  // namespace togglewise::tech
