// The yearly review of rights.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Review) {
  World world;
  Object body(const char* kind, const char* name, bool keep = true) {
    return {{"rights", Array{Object{{"person", "dora"}, {"kind", kind}, {"name", name}, {"keep", keep}}}},
            {"next", to_rfc3339(world.clock.now() + 300 * 86400)}};
  }
  registry::Judgement ask(Object body) { return world.ask("review", {"ada", "bea"}, std::move(body)); }
};

TEST(Review, SaysWhichRightsStay) {
  CHECK_ACCEPTED(ask(body("role", "agent")));
  CHECK_ACCEPTED(ask(body("project", "asthma")));
  CHECK_ACCEPTED(ask(body("role", "approver", false)));
}

TEST(Review, KeepsNothingThatIsNotThere) {
  CHECK_REFUSED("dora, who does not have it", ask(body("role", "approver")));
  CHECK_REFUSED("dora, who does not have it", ask(body("project", "cohort")));
  CHECK_REFUSED("dora, who does not have it", ask(body("account", "dora")));
}

TEST(Review, TakesTwoAdministratorsAndComesAgainWithinAYear) {
  CHECK_REFUSED("needs 2 administrators", world.ask("review", {"ada"}, body("role", "agent")));
  Object late = body("role", "agent");
  late["next"] = to_rfc3339(world.clock.now() + 400 * 86400);
  CHECK_REFUSED("must be within a year", ask(late));
}
