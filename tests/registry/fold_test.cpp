// From a ledger to the same registry again.
#include <unistd.h>

#include <filesystem>

#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Fold) {
  std::filesystem::path folder;
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-fold-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  void teardown() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<ledger::Ledger> store(const World& world) { return world.store(folder / "ledger.db"); }
};

TEST(Fold, GivesWhatWasThere) {
  World world;
  const auto delivered = world.deliver("individual");
  const auto waiting = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  const auto ledger = store(world);
  const auto folded = registry::Registry::fold(*ledger);
  CHECK(folded.ok());
  LONGS_EQUAL(world.entries.size(), folded->size());
  LONGS_EQUAL(world.registry.people().size(), folded->people().size());
  LONGS_EQUAL(world.registry.tokens().size(), folded->tokens().size());
  CHECK(folded->policy().digest == world.registry.policy().digest);
  CHECK(folded->request(delivered.digest())->state == registry::RequestState::delivered);
  CHECK(folded->request(waiting.digest())->state == registry::RequestState::pending);
  LONGS_EQUAL(1, folded->open_requests().size());
  CHECK(folded->trust().version() == world.registry.trust().version());
}

TEST(Fold, RemembersTheIdsThatWereUsed) {
  World world;
  const auto first = world.must("extraction.request", {"dora"}, world.request_body());
  const auto ledger = store(world);
  const auto folded = registry::Registry::fold(*ledger);
  const auto submission = registry::read_submission(first.statement, first.evidence).value();
  CHECK_REFUSED("was used before", folded->check(submission, world.context()));
}

TEST(Fold, PassesOverOpeningsThatWereErased) {
  World world;
  const auto delivered = world.deliver("individual");
  const auto ledger = store(world);
  for (std::uint64_t i = delivered.index; i < world.entries.size(); ++i) CHECK(ledger->erase_opening(i).ok());
  const auto folded = registry::Registry::fold(*ledger);
  CHECK(folded.ok());
  CHECK(folded->request(delivered.digest()) == nullptr);
  LONGS_EQUAL(world.entries.size(), folded->size());
}

TEST(Fold, CannotDoWithoutAnEntryOfItsOwn) {
  World world;
  const auto ledger = store(world);
  CHECK(ledger->erase_opening(2).ok());
  const auto folded = registry::Registry::fold(*ledger);
  CHECK_FALSE(folded.ok());
  CHECK(folded.error().kind == ErrorKind::corrupt);
  STRCMP_CONTAINS("entry 2", folded.error().message.c_str());
}
