#include <CppUTest/TestHarness.h>

#include "people.h"
#include "sceau/base/uuid.h"
#include "sceau/client/author.h"

using namespace sceau;
using namespace sceau::client;

TEST_GROUP(Author) {
  FixedClock clock{test::kNow};
  SeededRandom random{1};
  const Position position{test::kRealm, {3, sha256(as_bytes("root"))}};
};

TEST(Author, WritesAnEnvelopeThatReadsBack) {
  const Author author(clock, random);
  auto bytes =
      author.write(position, "login", "carol", statement::Object{{"audience", "gate"}}, kRequestWindow);
  CHECK(bytes.ok());
  auto act = statement::read_statement(*bytes);
  CHECK(act.ok());
  STRCMP_EQUAL("login", act->type.c_str());
  STRCMP_EQUAL(test::kRealm, act->realm.c_str());
  STRCMP_EQUAL("carol", act->by.c_str());
  CHECK(is_uuid_v7(act->id));
  CHECK_EQUAL(test::kNow, act->at);
  CHECK_EQUAL(test::kNow + 900, act->until);
  CHECK(act->after == position.after);
}

TEST(Author, NeverUsesAnIdTwice) {
  const Author author(clock, random);
  const statement::Object body{{"audience", "gate"}};
  auto one = author.write(position, "login", "carol", body);
  auto other = author.write(position, "login", "carol", body);
  CHECK(statement::read_statement(*one)->id != statement::read_statement(*other)->id);
}

TEST(Author, RefusesABodyThatItsTypeDoesNotAllow) {
  const Author author(clock, random);
  const auto bytes =
      author.write(position, "login", "carol", statement::Object{{"audience", "gate"}, {"x", 1}});
  CHECK(!bytes.ok());
  CHECK(bytes.error().kind == ErrorKind::invalid);
}
