// What may be erased, and when.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Erasure) {
  World world;
  registry::Judgement erase(std::vector<std::uint64_t> entries) {
    Array list;
    for (const std::uint64_t entry : entries) list.emplace_back(static_cast<std::int64_t>(entry));
    return world.ask("erasure", {"ada", "bea"}, Object{{"entries", list}, {"reason", "term"}});
  }
};

TEST(Erasure, WaitsForTheTermCountedFromTheLeafsOwnTime) {
  const auto delivered = world.deliver();
  world.clock.advance(365 * 86400 - 1);
  CHECK_REFUSED("is kept until", erase({delivered.index}));
  world.clock.advance(1);
  CHECK_ACCEPTED(erase({delivered.index, delivered.index + 1}));
}

TEST(Erasure, LeavesWhatTheRegistryIsFoldedFrom) {
  world.clock.advance(690 * 86400);
  CHECK_REFUSED("outlives what it justifies", erase({0}));
}

TEST(Erasure, LeavesARequestThatHasNotEnded) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.clock.advance(366 * 86400);
  CHECK_REFUSED("has not ended", erase({asked.index}));
}

TEST(Erasure, HappensOnce) {
  const auto delivered = world.deliver();
  world.clock.advance(366 * 86400);
  world.must("erasure", {"ada", "bea"},
             Object{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "term"}});
  CHECK_REFUSED("erased already", erase({delivered.index}));
  LONGS_EQUAL(1, world.registry.erased().size());
}

TEST(Erasure, NamesEntriesThatExistOnceEach) {
  CHECK_REFUSED("does not exist", erase({world.entries.size()}));
  const auto delivered = world.deliver();
  world.clock.advance(366 * 86400);
  CHECK_REFUSED("is named twice", erase({delivered.index, delivered.index}));
}

TEST(Erasure, TakesARequestBeforeOrTogetherWithWhatIsAboutIt) {
  const auto delivered = world.deliver("individual");
  world.clock.advance(366 * 86400);
  CHECK_REFUSED("erase that one first", erase({delivered.index + 1}));
  CHECK_REFUSED("erase that one first", erase({delivered.index + 3, delivered.index + 4}));
  CHECK_ACCEPTED(erase({delivered.index + 5, delivered.index}));
  world.must("erasure", {"ada", "bea"},
             Object{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "term"}});
  CHECK_ACCEPTED(erase({delivered.index + 1}));
}

TEST(Erasure, AnErasedRequestIsForgotten) {
  const auto delivered = world.deliver();
  world.clock.advance(366 * 86400);
  world.must("erasure", {"ada", "bea"},
             Object{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "term"}});
  CHECK(world.registry.request(delivered.digest()) == nullptr);
  CHECK_FALSE(
      world.registry.check_step(delivered.digest(), registry::RequestState::running, world.clock.now()).ok());
}
