#include "sceau/base/uuid.h"

#include <set>

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(Uuid){};

TEST(Uuid, BeginsWithTheMillisecondsOfTheClock) {
  // RFC 9562 appendix A.6: 0x017F22E279B0 milliseconds.
  const FixedClock clock(0x017F22E279B0 / 1000);
  SeededRandom random(1);
  const std::string uuid = uuid_v7(clock, random);
  CHECK_EQUAL(std::string("017f22e279b0"), uuid.substr(0, 8) + uuid.substr(9, 4));
  CHECK_TRUE(is_uuid_v7(uuid));
}

TEST(Uuid, TwoOfTheSameInstantDiffer) {
  const FixedClock clock(1763800000);
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = uuid_v7(clock, random);
    CHECK_TRUE(is_uuid_v7(uuid));
    CHECK_TRUE(seen.insert(uuid).second);
  }
}

TEST(Uuid, OtherTextsAreNotVersion7) {
  CHECK_TRUE(is_uuid_v7("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
  for (const char* text : {"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
                           "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
                           "017f22e2-79b0-7cc3-78c4-dc0c0c07398f", "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
                           "017f22e279b0-7cc3-98c4-dc0c0c07398f-", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
                           "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g"}) {
    if (is_uuid_v7(text)) FAIL(text);
  }
}

TEST_GROUP(Randomness){};

TEST(Randomness, ASeedRepeatsItselfAndAnotherDoesNot) {
  SeededRandom first(1), again(1), other(2);
  const auto bytes = first.array<100>();
  CHECK_TRUE(bytes == again.array<100>());
  CHECK_TRUE(bytes != other.array<100>());
  CHECK_TRUE(bytes != first.array<100>());
}

TEST(Randomness, TheSystemsDoesNotRepeatItself) {
  SystemRandom random;
  CHECK_TRUE(random.array<32>() != random.array<32>());
}
