#include <CppUTest/TestHarness.h>

#include "output.h"

using namespace sceau::tool;

TEST_GROUP(OutputText){};

TEST(OutputText, TableColumnsLineUpAndLinesHaveNoBlanksAtTheirEnd) {
  STRCMP_EQUAL("A     B\nlong  x\n      y\n", table({{"A", "B"}, {"long", "x"}, {"", "y"}}).c_str());
}

TEST(OutputText, AccentsTakeOnePlace) {
  STRCMP_EQUAL("NOM  X\nZo\xC3\xA9  1\n", table({{"NOM", "X"}, {"Zo\xC3\xA9", "1"}}).c_str());
}

TEST(OutputText, CountsSayOneOrMany) {
  STRCMP_EQUAL("1 row", counted(1, "row").c_str());
  STRCMP_EQUAL("0 rows", counted(0, "row").c_str());
  STRCMP_EQUAL("2 entries", counted(2, "entry").c_str());
  STRCMP_EQUAL("30 days", counted(30, "day").c_str());
}

TEST(OutputText, ControlCharactersFromElsewhereAreNotShown) {
  STRCMP_EQUAL("a?[31mb?", shown("a\x1b[31mb\n").c_str());
}
