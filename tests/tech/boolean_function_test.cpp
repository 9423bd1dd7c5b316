#include "sim/tech/boolean_function.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace togglewise::tech {
namespace {

const std::vector<std::string> kAbc{"A", "B", "C"};

TEST(BooleanFunction, Majority_IsParsed_AsOsuWritesIt) {
  const TruthTable table = parse_boolean_function("(((A B)+(B C))+(C A))", kAbc);
  for (unsigned row = 0; row < 8; ++row) {
    EXPECT_EQ(table.value(row), __builtin_popcount(row) >= 2) << row;
  }
}

TEST(BooleanFunction, AllSpellings_OfTheSameFunction_Agree) {
  const TruthTable expected = parse_boolean_function("(!(A B)) + C", kAbc);
  for (const char* text :
       {"(A*B)'|C", "!(A&B)+C", "( A B )' + C", "!A+!B+C", "A'+B'+C", "A^1|B'|C|0"}) {
    EXPECT_EQ(parse_boolean_function(text, kAbc), expected) << text;
  }
}

TEST(BooleanFunction, NotBindsStrongest_ThenXor_ThenAnd_ThenOr) {
  EXPECT_EQ(parse_boolean_function("!A^B C+A", kAbc),
            parse_boolean_function("((!A)^B)*C + A", kAbc));
}

TEST(BooleanFunction, Cofactor_FixesOneVariable) {
  const TruthTable mux = parse_boolean_function("(C A)+(!C B)", kAbc);
  EXPECT_EQ(mux.cofactor(2, true), parse_boolean_function("A", {"A", "B"}));
  EXPECT_EQ(mux.cofactor(0, false), parse_boolean_function("!C B", {"B", "C"}));
  EXPECT_TRUE(mux.depends_on(1));
  EXPECT_FALSE(parse_boolean_function("A+(B !B)", kAbc).depends_on(1));
}

TEST(BooleanFunction, Names_AreListedInOrderOfAppearance) {
  EXPECT_EQ(boolean_function_names("!(B (A1+B)) ^ 1"), (std::vector<std::string>{"B", "A1"}));
}

TEST(BooleanFunction, AnExpression_IsEvaluatedFor64StatesAtOnce_AndKnowsItsNames) {
  const BooleanExpression expression("(A ^ B)' + 0", kAbc);
  EXPECT_EQ(expression.evaluate({0xff00ff00ff00ff00, 0x00000000ffffffff, 0}),
            ~(0xff00ff00ff00ff00 ^ 0x00000000ffffffff));
  EXPECT_TRUE(expression.uses(0));
  EXPECT_TRUE(expression.uses(1));
  EXPECT_FALSE(expression.uses(2));
  EXPECT_EQ(BooleanExpression("1", {}).evaluate({}), ~0ULL);
}

TEST(BooleanFunction, DeepNesting_IsRefused_WithoutEndingTheStack) {
  for (const std::string& text : {std::string(1000000, '('), std::string(1000000, '!') + "A"}) {
    EXPECT_THROW(parse_boolean_function(text, kAbc), std::invalid_argument);
  }
  EXPECT_EQ(parse_boolean_function("A" + std::string(100000, '\''), kAbc),
            parse_boolean_function("A", kAbc));
}

TEST(BooleanFunction, BadExpressions_AreRefused) {
  for (const char* text : {"", "A+", "(A B", "A B)", "D", "A ! ", "A # B"}) {
    EXPECT_THROW(parse_boolean_function(text, kAbc), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace togglewise::tech
