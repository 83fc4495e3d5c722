// The disk is full, or fails, at every write in turn: the ledger says so, loses nothing, and goes on later.
#include "fault_vfs.h"
#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

TEST_GROUP(DiskFull) {
  Folder folder;
  FaultVfs vfs{"full"};
  std::uint64_t operations = 0, fail_from = UINT64_MAX, fail_until = 0;

  // Operations number `from` to `until` (counted from now) of this kind fail with this outcome.
  void fail(FaultVfs::Operation kind, std::uint64_t from, std::uint64_t until, FaultVfs::Outcome outcome) {
    operations = 0;
    fail_from = from;
    fail_until = until;
    vfs.on_operation([this, kind, outcome](FaultVfs::Operation operation, const std::string&) {
      if (operation != kind) return FaultVfs::Outcome::pass;
      ++operations;
      return operations >= fail_from && operations <= fail_until ? outcome : FaultVfs::Outcome::pass;
    });
  }

  // Appends with a failure at operation 1, 2, 3 … until one succeeds; after each failure all is as before.
  void every_operation_fails_once(FaultVfs::Operation kind, FaultVfs::Outcome outcome,
                                  std::uint64_t lasting) {
    const auto ledger =
        take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer(), {vfs.name()}));
    take(ledger->append(entries(0, 250)));
    std::uint64_t size = 250, failures = 0;
    for (std::uint64_t at = 1;; ++at) {
      const Head before = take(ledger->head());
      const std::string note = take(ledger->checkpoint());
      fail(kind, at, at + lasting, outcome);
      const auto result = ledger->append(entries(size, 3));
      vfs.on_operation(nullptr);
      if (result) break;
      ++failures;
      check_fails(result, ErrorKind::unavailable);
      CHECK_TRUE(result.error().message.find("try again") != std::string::npos);
      CHECK_TRUE(before == take(ledger->head()));
      CHECK_EQUAL(note, take(ledger->checkpoint()));
      CHECK_EQUAL(size, take(check(*ledger)).head.size);
      CHECK_EQUAL(size, take(ledger->append(entries(size, 3))));
      size += 3;
    }
    CHECK_TRUE(failures > 0);
    take(check(*ledger));
    for (std::uint64_t i = 0; i < size; ++i) CHECK_TRUE(entry(i).leaf == take(ledger->leaf(i)));
  }
};

TEST(DiskFull, AppendingSaysSoAndWorksAgainLater) {
  every_operation_fails_once(FaultVfs::Operation::write, FaultVfs::Outcome::disk_full, 1000);
}

TEST(DiskFull, ASingleFailedWriteLeavesNothingHalfDone) {
  every_operation_fails_once(FaultVfs::Operation::write, FaultVfs::Outcome::io_error, 0);
}

TEST(DiskFull, AFailedSyncIsNeverAcknowledged) {
  every_operation_fails_once(FaultVfs::Operation::sync, FaultVfs::Outcome::io_error, 0);
}

TEST(DiskFull, CreatingSaysSoAndWorksAgainLater) {
  fail(FaultVfs::Operation::write, 1, UINT64_MAX, FaultVfs::Outcome::disk_full);
  const auto path = folder.file("ledger.db");
  const auto result = ledger::Ledger::create(path, kOrigin, signer(), {vfs.name()});
  check_fails(result, ErrorKind::unavailable);
  CHECK_TRUE(result.error().message.find("full") != std::string::npos);
  vfs.on_operation(nullptr);
  take(ledger::Ledger::create(path, kOrigin, signer(), {vfs.name()}));
}

TEST(DiskFull, BlobsAndErasuresSaySoToo) {
  const auto ledger = take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer(), {vfs.name()}));
  take(ledger->append(entries(0, 2)));
  fail(FaultVfs::Operation::write, 1, UINT64_MAX, FaultVfs::Outcome::disk_full);
  check_fails(ledger->put_blob(as_bytes("a blob")), ErrorKind::unavailable);
  check_fails(ledger->erase_opening(0), ErrorKind::unavailable);
  vfs.on_operation(nullptr);
  check_fails(ledger->blob(sha256(as_bytes("a blob"))), ErrorKind::not_found);
  take(ledger->opening(0));
  take(ledger->put_blob(as_bytes("a blob")));
  take(ledger->erase_opening(0));
  take(check(*ledger));
}
