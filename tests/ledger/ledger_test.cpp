#include "sceau/ledger/ledger.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "fault_vfs.h"
#include "sceau/base/files.h"
#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

TEST_GROUP(Ledger) {
  Folder folder;
  std::filesystem::path path = folder.file("ledger.db");

  std::unique_ptr<ledger::Ledger> created(std::uint64_t count = 0) {
    auto ledger = take(ledger::Ledger::create(path, kOrigin, signer()));
    if (count > 0) take(ledger->append(entries(0, count)));
    return ledger;
  }
};

TEST(Ledger, ANewOneHasTheSignedCheckpointOfTheEmptyTree) {
  const auto ledger = created();
  CHECK_TRUE((Head{0, empty_root()}) == take(ledger->head()));
  const Checkpoint checkpoint = take(open_checkpoint(take(ledger->checkpoint()), signer().verifier()));
  CHECK_TRUE((Checkpoint{kOrigin, 0, empty_root()}) == checkpoint);
  CHECK_EQUAL(std::string(kOrigin), ledger->origin());
}

TEST(Ledger, ItsFilesAreTheirOwnersAlone) {
  const auto ledger = created(1);
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(path.parent_path())) {
    ++files;
    CHECK_TRUE((file.status().permissions() & std::filesystem::perms(0077)) == std::filesystem::perms::none);
  }
  CHECK(files >= 3);  // the database, its journal, the lock
}

TEST(Ledger, WhatIsAppendedIsThereAndStaysThere) {
  std::string note;
  {
    const auto ledger = created();
    CHECK_EQUAL(0U, take(ledger->append(entries(0, 3))));
    CHECK_EQUAL(3U, take(ledger->append(entries(3, 1))));
    note = take(ledger->checkpoint());
  }
  const auto ledger = take(ledger::Ledger::open(path, signer()));
  CHECK_EQUAL(note, take(ledger->checkpoint()));
  CHECK_EQUAL(4U, take(ledger->head()).size);
  for (std::uint64_t i = 0; i < 4; ++i) {
    CHECK_TRUE(entry(i).leaf == take(ledger->leaf(i)));
    CHECK_TRUE(entry(i).opening == take(ledger->opening(i)));
  }
  CHECK_EQUAL(4U, take(ledger->append(entries(4, 1))));
  take(check(*ledger));
}

TEST(Ledger, EveryProofUnderEverySizeVerifies) {
  const auto ledger = created();
  for (std::uint64_t i = 0; i < 24; ++i) take(ledger->append(entries(i, 1)));
  for (std::uint64_t size = 1; size <= 24; ++size) {
    const Checkpoint checkpoint =
        take(open_checkpoint(take(ledger->checkpoint_at(size)), signer().verifier()));
    CHECK_TRUE(checkpoint.root == take(ledger->root_at(size)));
    for (std::uint64_t index = 0; index < size; ++index) {
      take(verify_inclusion(index, size, leaf_hash(entry(index).leaf), take(ledger->inclusion(index, size)),
                            checkpoint.root));
      take(verify_consistency(index, size, take(ledger->root_at(index)), checkpoint.root,
                              take(ledger->consistency(index, size))));
    }
  }
}

TEST(Ledger, ProofsReachAcrossTilesAndTileLevels) {
  const auto ledger = created(70);
  std::uint64_t size = 70;
  for (const std::uint64_t more : {185U, 1U, 1U, 255U, 700U}) {
    take(ledger->append(entries(size, more)));
    size += more;
    const Digest root = take(ledger->head()).root;
    for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{69}, size / 2, size - 1}) {
      take(verify_inclusion(index, size, leaf_hash(entry(index).leaf), take(ledger->inclusion(index, size)),
                            root));
      take(verify_consistency(index, size, take(ledger->root_at(index)), root,
                              take(ledger->consistency(index, size))));
    }
  }
  take(check(*ledger));
}

TEST(Ledger, WhatWasNeverReachedIsNotFound) {
  const auto ledger = created(2);
  check_fails(ledger->leaf(2), ErrorKind::not_found);
  check_fails(ledger->leaf(UINT64_MAX), ErrorKind::not_found);
  check_fails(ledger->checkpoint_at(UINT64_MAX), ErrorKind::not_found);
  check_fails(ledger->entries(UINT64_MAX, 1), ErrorKind::not_found);
  check_fails(ledger->opening(2), ErrorKind::not_found);
  check_fails(ledger->checkpoint_at(1), ErrorKind::not_found);
  check_fails(ledger->root_at(3), ErrorKind::not_found);
  check_fails(ledger->inclusion(0, 3), ErrorKind::not_found);
  check_fails(ledger->inclusion(2, 2), ErrorKind::invalid);
  check_fails(ledger->consistency(2, 1), ErrorKind::invalid);
  check_fails(ledger->consistency(0, 3), ErrorKind::not_found);
  check_fails(ledger->blob(empty_root()), ErrorKind::not_found);
  check_fails(ledger->receipt(2), ErrorKind::not_found);
}

TEST(Ledger, LeavesThatDoNotCommitToTheirOpeningAreRefused) {
  const auto ledger = created();
  check_fails(ledger->append({}), ErrorKind::invalid);
  Entry bad = entry(0);
  bad.opening.verdict.push_back(1);
  check_fails(ledger->append({bad}), ErrorKind::invalid);
  bad = entry(0);
  bad.leaf.assign(kMaximumLeaf + 1, 'x');
  check_fails(ledger->append({bad}), ErrorKind::invalid);
  bad.leaf = to_bytes("not a leaf");
  check_fails(ledger->append({entry(0), bad}), ErrorKind::invalid);
  CHECK_EQUAL(0U, take(ledger->head()).size);
  check_fails(make_entry(0, "not a type", {}), ErrorKind::invalid);
}

TEST(Ledger, TilesAndBundlesOfAnyWidthReachedAreServed) {
  const auto ledger = created(300);
  std::vector<Digest> hashes;
  Bytes bundle;
  for (std::uint64_t i = 0; i < 256; ++i) {
    hashes.push_back(leaf_hash(entry(i).leaf));
    take(append_to_bundle(bundle, entry(i).leaf));
  }
  CHECK_TRUE(write_tile(hashes) == take(ledger->tile(0, 0)));
  CHECK_TRUE(bundle == take(ledger->entries(0)));
  CHECK_TRUE(write_tile(std::span(hashes).first(7)) == take(ledger->tile(0, 0, 7)));
  CHECK_TRUE(write_tile(std::vector<Digest>{subtree_hash(hashes)}) == take(ledger->tile(1, 0, 1)));
  CHECK_EQUAL(44U, take(parse_bundle(take(ledger->entries(1, 44)))).size());
  CHECK_TRUE(entry(299).leaf == take(parse_bundle(take(ledger->entries(1, 44)))).at(43));
  check_fails(ledger->tile(0, 1, 45), ErrorKind::not_found);
  check_fails(ledger->tile(0, 1), ErrorKind::not_found);
  check_fails(ledger->tile(0, 2, 1), ErrorKind::not_found);
  check_fails(ledger->tile(0, 0, 0), ErrorKind::not_found);
  check_fails(ledger->tile(1, 0, 2), ErrorKind::not_found);
  check_fails(ledger->tile(8, 0, 1), ErrorKind::not_found);
  check_fails(ledger->entries(1, 45), ErrorKind::not_found);
  check_fails(ledger->entries(2, 1), ErrorKind::not_found);
}

TEST(Ledger, AReceiptProvesItsEntryOffline) {
  const auto ledger = created(10);
  const Receipt receipt = take(ledger->receipt(6));
  const Proof proof = take(parse_proof(write_proof(receipt.proof)));
  CHECK_EQUAL(10U, take(verify(proof, receipt.leaf, signer().verifier())).size);
  CHECK_TRUE(take(parse_leaf(receipt.leaf)).commitment == commitment(receipt.opening.value()));
}

TEST(Ledger, AnErasedOpeningIsGoneFromTheDiskAndEveryProofStays) {
  const std::string secret = "NIR-1850578006084-as-plain-text";
  Opening opening;
  opening.statement = to_bytes(secret);
  const auto ledger = created(3);
  take(ledger->append({take(make_entry(0, "login", opening))}));
  take(ledger->append(entries(4, 3)));
  const auto on_disk = [&] {
    int found = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
      const std::string bytes = to_text(take(read_file(file.path())));
      if (bytes.find(secret) != std::string::npos) ++found;
    }
    return found;
  };
  CHECK_TRUE(on_disk() > 0);
  take(ledger->erase_opening(3));
  CHECK_EQUAL(0, on_disk());
  check_fails(ledger->opening(3), ErrorKind::not_found);
  CHECK_TRUE(ledger->opening(3).error().message.find("erased") != std::string::npos);
  take(ledger->erase_opening(3));
  check_fails(ledger->erase_opening(7), ErrorKind::not_found);
  const Receipt receipt = take(ledger->receipt(3));
  CHECK_FALSE(receipt.opening.has_value());
  take(verify(receipt.proof, receipt.leaf, signer().verifier()));
  const CheckReport report = take(check(*ledger));
  CHECK_EQUAL(1U, report.erased);
  CHECK_EQUAL(6U, report.openings);
}

TEST(Ledger, BlobsAreStoredOnceUnderTheirDigest) {
  const auto ledger = created();
  const Bytes crl = to_bytes("a list of revoked certificates");
  CHECK_TRUE(sha256(crl) == take(ledger->put_blob(crl)));
  Entry with_blobs = entry(0);
  with_blobs.blobs = {crl, to_bytes("a certificate"), {}};
  take(ledger->append({with_blobs}));
  CHECK_TRUE(crl == take(ledger->blob(sha256(crl))));
  CHECK_TRUE(Bytes{} == take(ledger->blob(empty_root())));
  CHECK_EQUAL(3U, take(check(*ledger)).blobs);
}

TEST(Ledger, WalkingVisitsEveryEntryInOrderAndMayUseTheLedger) {
  const auto ledger = created(600);
  take(ledger->erase_opening(5));
  std::uint64_t next = 0;
  take(ledger->for_each(
      [&](std::uint64_t index, ByteView leaf, const std::optional<Opening>& opening) -> Status {
        CHECK_EQUAL(next, index);
        CHECK_TRUE(to_bytes(leaf) == entry(index).leaf);
        CHECK_EQUAL(index != 5, opening.has_value());
        if (index == 300) take(ledger->append(entries(600, 1)));
        ++next;
        return {};
      }));
  CHECK_EQUAL(600U, next);
  int seen = 0;
  const Status stopped = ledger->for_each(
      [&](std::uint64_t, ByteView, const std::optional<Opening>&) -> Status {
        if (++seen == 2) return Error{ErrorKind::refused, "enough"};
        return {};
      },
      598);
  check_fails(stopped, ErrorKind::refused);
  CHECK_EQUAL(2, seen);
}

TEST(Ledger, CreatingOverAnExistingOneIsRefused) {
  created(1).reset();
  check_fails(ledger::Ledger::create(path, kOrigin, signer()), ErrorKind::refused);
  CHECK_EQUAL(1U, take(take(ledger::Ledger::open(path, signer()))->head()).size);
}

TEST(Ledger, OpeningNeedsTheFileTheKeyAndALedger) {
  check_fails(ledger::Ledger::open(path, signer()), ErrorKind::not_found);
  check_fails(ledger::Ledger::open_read_only(path), ErrorKind::not_found);
  created(1).reset();
  check_fails(ledger::Ledger::open(path, signer(9)), ErrorKind::authentication);
  check_fails(ledger::Ledger::create(folder.file("no/folder/ledger.db"), kOrigin, signer()),
              ErrorKind::unavailable);
  check_fails(ledger::Ledger::create(folder.file("x.db"), "", signer()), ErrorKind::invalid);
  take(write_file(folder.file("text"), as_bytes(std::string(20000, 'x'))));
  check_fails(ledger::Ledger::open(folder.file("text"), signer()), ErrorKind::corrupt);
  check_fails(ledger::Ledger::open_read_only(folder.file("text")), ErrorKind::corrupt);
  tamper(folder.file("other.db"), "CREATE TABLE t(x)");
  check_fails(ledger::Ledger::open(folder.file("other.db"), signer()), ErrorKind::corrupt);
}

TEST(Ledger, AnotherFormatIsNamedAndLeftAlone) {
  created(1).reset();
  tamper(path, "PRAGMA user_version = 2");
  const auto writer = ledger::Ledger::open(path, signer());
  check_fails(writer, ErrorKind::corrupt);
  CHECK_TRUE(writer.error().message.find("its format is 2, not 1") != std::string::npos);
  check_fails(ledger::Ledger::open_read_only(path), ErrorKind::corrupt);
}

TEST(Ledger, CopiesOnMediaThatCannotBeWrittenAreRead) {
  created(5).reset();
  CHECK_FALSE(std::filesystem::exists(path.string() + "-wal"));
  FaultVfs vfs("read-only-media");
  vfs.refuse_shared_memory();
  const auto ledger = take(ledger::Ledger::open_read_only(path, {vfs.name()}));
  CHECK_EQUAL(5U, take(check(*ledger)).head.size);
}

TEST(Ledger, ASecondWriterIsTurnedAwayAndAReaderIsNot) {
  const auto writer = created(2);
  const auto second = ledger::Ledger::open(path, signer());
  check_fails(second, ErrorKind::unavailable);
  CHECK_TRUE(second.error().message.find("another process is writing") != std::string::npos);
  const auto reader = take(ledger::Ledger::open_read_only(path));
  CHECK_EQUAL(2U, take(reader->head()).size);
  take(writer->append(entries(2, 1)));
  CHECK_EQUAL(3U, take(reader->head()).size);
  CHECK_EQUAL(take(writer->checkpoint()), take(reader->checkpoint()));
  take(check(*reader));
}

TEST(Ledger, AnotherProcessIsTurnedAwayUntilTheWriterDies) {
  auto writer = created(1);
  const auto outcome_of_child = [&] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(ledger::Ledger::open(path, signer()).ok() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  CHECK_EQUAL(1, outcome_of_child());
  writer.reset();
  CHECK_EQUAL(0, outcome_of_child());
}

TEST(Ledger, AReaderCannotWrite) {
  created(1).reset();
  const auto reader = take(ledger::Ledger::open_read_only(path));
  check_fails(reader->append(entries(1, 1)), ErrorKind::refused);
  check_fails(reader->erase_opening(0), ErrorKind::refused);
  check_fails(reader->put_blob({}), ErrorKind::refused);
}

TEST(Ledger, ItsFileHasPagesOf8KiBAndAJournalAhead) {
  created(1).reset();
  const Bytes head = take(read_file(path));
  CHECK_EQUAL(8192, read_u16(ByteView(head).subspan<16, 2>()));
  CHECK_EQUAL(2, head[18]);  // WAL
  CHECK_EQUAL(2, head[19]);
}
