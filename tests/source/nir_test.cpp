#include "sceau/source/nir.h"

#include <CppUTest/TestHarness.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using sceau::source::is_nir;
using sceau::source::nir_key;

namespace {

struct Vector {
  std::string number;
  std::string key;
  std::string why;
};

std::vector<Vector> vectors() {
  std::ifstream in(std::string(SCEAU_TEST_VECTORS) + "/nir/nir.txt");
  std::vector<Vector> read;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Vector vector;
    words >> vector.number >> vector.key;
    std::getline(words, vector.why);
    read.push_back(vector);
  }
  return read;
}

}  // namespace

TEST_GROUP(Nir){};

TEST(Nir, EveryVectorHasItsKeyOrNone) {
  CHECK(vectors().size() >= 25);
  for (const Vector& vector : vectors()) {
    const auto key = nir_key(vector.number);
    const std::string text = key ? (*key < 10 ? "0" : "") + std::to_string(*key) : "-";
    STRCMP_EQUAL_TEXT(vector.key.c_str(), text.c_str(), (vector.number + vector.why).c_str());
    CHECK_EQUAL(key.has_value(), is_nir(vector.number + vector.key));
  }
}

TEST(Nir, EveryOtherKeyIsRefused) {
  for (int key = 0; key < 100; ++key) {
    const std::string text = (key < 10 ? "0" : "") + std::to_string(key);
    CHECK_EQUAL(key == 38, is_nir("2550814168025" + text));
  }
  CHECK_FALSE(is_nir("25508141680253"));
  CHECK_FALSE(is_nir("2550814168025 38"));
}
