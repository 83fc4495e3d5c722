// The ledger beside its model, a list of entries, under seeded random use.
#include <set>

#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

// All that a ledger is, without disk, tiles or proofs.
struct Model {
  std::vector<Entry> entries;
  std::set<std::uint64_t> erased;
  std::set<std::uint64_t> checkpoints{0};

  [[nodiscard]] Digest root(std::uint64_t size) const {
    Frontier tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.append(leaf_hash(entries[i].leaf));
    return tree.root();
  }
};

}  // namespace

TEST_GROUP(LedgerModel) {
  Folder folder;
  std::filesystem::path path = folder.file("ledger.db");
  std::unique_ptr<ledger::Ledger> ledger;
  Model model;

  void append(std::uint64_t count) {
    std::vector<Entry> more = entries(model.entries.size(), count);
    CHECK_EQUAL(model.entries.size(), take(ledger->append(more)));
    model.entries.insert(model.entries.end(), more.begin(), more.end());
    model.checkpoints.insert(model.entries.size());
  }

  void compare_entry(std::uint64_t index) {
    CHECK_TRUE(model.entries[index].leaf == take(ledger->leaf(index)));
    if (model.erased.contains(index)) {
      check_fails(ledger->opening(index), ErrorKind::not_found);
    } else {
      CHECK_TRUE(model.entries[index].opening == take(ledger->opening(index)));
    }
  }

  void compare_proofs(SeededRandom & random) {
    const std::uint64_t size = 1 + random.next() % model.entries.size(), index = random.next() % size;
    const Digest root = model.root(size), old_root = model.root(index);
    CHECK_TRUE(root == take(ledger->root_at(size)));
    take(verify_inclusion(index, size, leaf_hash(model.entries[index].leaf),
                          take(ledger->inclusion(index, size)), root));
    take(verify_consistency(index, size, old_root, root, take(ledger->consistency(index, size))));
    const auto note = ledger->checkpoint_at(size);
    CHECK_EQUAL(model.checkpoints.contains(size), note.ok());
    if (note)
      CHECK_TRUE((Checkpoint{kOrigin, size, root}) == take(open_checkpoint(*note, signer().verifier())));
  }
};

TEST(LedgerModel, AgreesUnderAnyOrderOfUse) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    path = folder.file("ledger-" + std::to_string(seed) + ".db");
    model = {};
    ledger = take(ledger::Ledger::create(path, kOrigin, signer()));
    SeededRandom random(seed);
    append(1);
    for (int step = 0; step < 120; ++step) {
      const std::uint64_t index = random.next() % model.entries.size();
      switch (random.next() % 6) {
        case 0:
          append(1 + random.next() % 40);
          break;
        case 1:
          append(1);
          break;
        case 2:
          take(ledger->erase_opening(index));
          model.erased.insert(index);
          break;
        case 3:
          ledger.reset();
          ledger = take(ledger::Ledger::open(path, signer()));
          break;
        default:
          compare_entry(index);
          compare_proofs(random);
      }
      CHECK_EQUAL(model.entries.size(), take(ledger->head()).size);
    }
    const CheckReport report = take(check(*ledger));
    CHECK_EQUAL(model.erased.size(), report.erased);
    CHECK_EQUAL(model.checkpoints.size(), report.checkpoints);
    CHECK_TRUE(model.root(model.entries.size()) == report.head.root);
  }
}
