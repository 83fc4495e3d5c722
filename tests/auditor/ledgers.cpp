#include "ledgers.h"

#include <cstdlib>

#include "story.h"

namespace sceau::test {
namespace {

void make(World& world, std::size_t beginning, const Story& story, const std::filesystem::path& path) {
  world.rewind(beginning);
  world.clock.set(kBegin);
  story.live(world);
  world.store(path, {2, beginning - 2});
  if (!story.harm) return;
  StoredLedger ledger(path);
  story.harm(ledger, world);
}

// The whole tree and its checkpoints by a key that the genesis does not name.
void make_with_another_key(const World& world, const std::filesystem::path& path) {
  auto signer = ledger::NoteSigner::from_seed(kRealm, Secret(Bytes(32, 8)));
  auto ledger = ledger::Ledger::create(path, kRealm, std::move(*signer));
  for (const auto& [digest, bytes] : world.blobs) {
    if (!(*ledger)->put_blob(bytes)) std::abort();
  }
  if (!(*ledger)->append(world.entries)) std::abort();
}

}  // namespace

std::vector<MadeLedger> make_ledgers(const std::filesystem::path& folder) {
  World world;
  complete_results(world);
  const std::size_t beginning = world.entries.size();
  std::vector<MadeLedger> made;
  for (const auto& stories : {stories_in_order(), stories_of_changed_files(), stories_of_dishonest_gates(),
                              stories_of_unattested_tokens(), stories_of_clear_sign_keys(),
                              stories_of_fido_keys(), stories_of_workspaces()}) {
    for (const Story& story : stories) {
      make(world, beginning, story, folder / (std::string(story.name) + ".db"));
      made.push_back({story.name, story.damaged});
    }
  }
  world.rewind(beginning);
  make_with_another_key(world, folder / "another-log-key.db");
  made.push_back({"another-log-key", true});
  return made;
}

}  // namespace sceau::test
