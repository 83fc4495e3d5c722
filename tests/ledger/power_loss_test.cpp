// Power fails: what was not synced may be gone, in part or torn. What was acknowledged must not be.
#include "fault_vfs.h"
#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

// What the disk holds after one power cut, and what had been acknowledged by then.
struct Cut {
  FaultVfs::Files files;
  std::uint64_t entries;
  bool blob, erased;
};

}  // namespace

TEST_GROUP(PowerLoss) {
  Folder folder;
  FaultVfs calm{"calm"};  // fails nothing, and does not wait for the disk

  void nothing_acknowledged_is_lost(const Cut& cut) {
    const Folder after;
    std::filesystem::path path;
    for (const auto& [name, bytes] : cut.files) {
      const std::filesystem::path file = after.file(std::filesystem::path(name).filename());
      if (file.extension() == ".db") path = file;
      write_quickly(file, bytes);
    }
    const auto ledger = take(ledger::Ledger::open(path, signer(), {calm.name()}));
    CHECK_TRUE(take(check(*ledger)).head.size >= cut.entries);
    for (std::uint64_t i = 0; i < cut.entries; ++i) CHECK_TRUE(entry(i).leaf == take(ledger->leaf(i)));
    if (cut.blob) take(ledger->blob(sha256(as_bytes("a blob"))));
    if (cut.erased) check_fails(ledger->opening(0), ErrorKind::not_found);
    take(ledger->append(entries(900, 1)));
  }
};

TEST(PowerLoss, NothingAcknowledgedIsLostAtAnyWriteOrSync) {
  FaultVfs vfs("power");
  std::vector<Cut> cuts;
  SeededRandom random(7);
  const auto ledger = take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer(), {vfs.name()}));
  std::uint64_t acknowledged = 0;
  bool blob = false, erased = false;
  vfs.on_operation([&](FaultVfs::Operation, const std::string&) {
    cuts.push_back({vfs.after_power_cut(random), acknowledged, blob, erased});
    return FaultVfs::Outcome::pass;
  });
  const auto cut_now = [&] {  // the moment after an acknowledgement, the worst of all
    cuts.push_back({vfs.synced_only(), acknowledged, blob, erased});
    cuts.push_back({vfs.after_power_cut(random), acknowledged, blob, erased});
  };
  for (const std::uint64_t count : {1U, 1U, 5U, 1U, 300U, 1U, 1U, 3U}) {
    take(ledger->append(entries(acknowledged, count)));
    acknowledged += count;
    cut_now();
  }
  take(ledger->put_blob(as_bytes("a blob")));
  blob = true;
  cut_now();
  take(ledger->erase_opening(0));
  erased = true;
  cut_now();
  take(ledger->append(entries(acknowledged, 2)));
  acknowledged += 2;
  cut_now();
  vfs.on_operation(nullptr);
  CHECK_TRUE(cuts.size() > 60);
  for (const Cut& cut : cuts) nothing_acknowledged_is_lost(cut);
}

TEST(PowerLoss, NothingAcknowledgedIsLostWhileTheJournalIsFoldedIntoTheFile) {
  // More pages than SQLite keeps in its journal: the file itself is written, and must not be torn for good.
  FaultVfs vfs("power");
  SeededRandom random(8);
  std::vector<Cut> cuts;
  const auto ledger = take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer(), {vfs.name()}));
  std::uint64_t acknowledged = 0, into_file = 0;
  vfs.on_operation([&](FaultVfs::Operation, const std::string& file) {
    if (file.ends_with(".db") && ++into_file % 40 == 1) {
      cuts.push_back({vfs.after_power_cut(random), acknowledged, false, false});
    }
    return FaultVfs::Outcome::pass;
  });
  while (cuts.size() < 12) {
    take(ledger->append(entries(acknowledged, 20)));
    acknowledged += 20;
  }
  vfs.on_operation(nullptr);
  for (const Cut& cut : cuts) nothing_acknowledged_is_lost(cut);
}
