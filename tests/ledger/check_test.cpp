#include "sceau/ledger/check.h"

#include "sceau/base/files.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

TEST_GROUP(Check) {
  Folder folder;
  std::filesystem::path path = folder.file("ledger.db");

  void setup() override {
    const auto ledger = take(ledger::Ledger::create(path, kOrigin, signer()));
    for (const std::uint64_t first : {0U, 100U, 200U}) take(ledger->append(entries(first, 100)));
    Entry last = entry(300);
    last.blobs = {to_bytes("a certificate")};
    take(ledger->append({last}));
    take(ledger->erase_opening(17));
  }

  // After this SQL, check names `what`; and opening for writing fails too when `opens` is false.
  void damaged(const std::string& sql, const std::string& what, bool opens = true) {
    const std::filesystem::path copy = folder.file("copy.db");
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    tamper(copy, sql);
    std::filesystem::remove(copy.string() + "-wal");
    std::filesystem::remove(copy.string() + "-shm");
    {
      const auto ledger = take(ledger::Ledger::open_read_only(copy));
      const auto report = check(*ledger);
      check_fails(report, ErrorKind::corrupt);
      if (report.error().message.find(what) == std::string::npos) FAIL(report.error().message.c_str());
    }
    const auto writer = ledger::Ledger::open(copy, signer());
    if (opens != writer.ok()) FAIL(opens ? writer.error().message.c_str() : "opened, and must not have");
    if (!opens) CHECK_TRUE(writer.error().kind == ErrorKind::corrupt);
  }

  static std::string flip(const std::string& column, int at) {
    const std::string byte = "substr(" + column + "," + std::to_string(at) + ",1)";
    return column + " = CAST(substr(" + column + ",1," + std::to_string(at - 1) + ") || iif(" + byte +
           " = x'00', x'01', x'00') || substr(" + column + "," + std::to_string(at + 1) + ") AS BLOB)";
  }
};

TEST(Check, ASoundLedgerIsReported) {
  const auto ledger = take(ledger::Ledger::open_read_only(path));
  const NoteSigner key = signer();
  const CheckReport report = take(check(*ledger, &key.verifier()));
  CHECK_EQUAL(301U, report.head.size);
  CHECK_EQUAL(300U, report.openings);
  CHECK_EQUAL(1U, report.erased);
  CHECK_EQUAL(3U, report.tiles);
  CHECK_EQUAL(5U, report.checkpoints);
  CHECK_EQUAL(1U, report.blobs);
}

TEST(Check, AnotherKeysCheckpointsAreNotAccepted) {
  const auto ledger = take(ledger::Ledger::open_read_only(path));
  const NoteSigner key = signer(9);
  check_fails(check(*ledger, &key.verifier()), ErrorKind::authentication);
}

TEST(Check, AChangedEntryIsNamed) {
  damaged("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '2025', '2026') AS BLOB) WHERE idx = 42",
          "is not that of the entries");
  damaged("UPDATE entry SET " + flip("leaf", 8) + " WHERE idx = 42", "entry 42");
  damaged("UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), '2025', '2026') AS BLOB) WHERE idx = 299",
          "is not that of the entries", false);
}

TEST(Check, AMissingSwappedOrAddedEntryIsNamed) {
  damaged("DELETE FROM entry WHERE idx = 7; DELETE FROM opening WHERE idx = 7", "entry 7 is missing");
  damaged(
      "UPDATE entry SET idx = -1 WHERE idx = 7; UPDATE entry SET idx = 7 WHERE idx = 8; "
      "UPDATE entry SET idx = 8 WHERE idx = -1",
      "entry 7");
  damaged("INSERT INTO entry SELECT 301, leaf FROM entry WHERE idx = 0", "beyond the head", false);
  damaged("INSERT INTO entry SELECT -1, leaf FROM entry WHERE idx = 0", "entries beyond");
  damaged("DELETE FROM entry WHERE idx = 300", "entry 300 is missing", false);
}

TEST(Check, AChangedOrStrayOpeningIsNamed) {
  for (const char* column : {"salt", "statement", "evidence", "verdict"}) {
    damaged("UPDATE opening SET " + flip(column, 3) + " WHERE idx = 99", "entry 99: its opening");
  }
  damaged("UPDATE opening SET salt = x'00' WHERE idx = 99", "salt of entry 99");
  damaged("INSERT INTO opening SELECT 301, salt, statement, evidence, verdict FROM opening WHERE idx = 0",
          "openings of no entry");
}

TEST(Check, AChangedMissingOrStrayTileIsNamed) {
  damaged("UPDATE tile SET " + flip("bytes", 100) + " WHERE level = 0 AND n = 0",
          "tile/0/000 does not follow");
  damaged("UPDATE tile SET " + flip("bytes", 5) + " WHERE level = 0 AND n = 1", "tile/0/001.p/45", false);
  damaged("UPDATE tile SET " + flip("bytes", 5) + " WHERE level = 1 AND n = 0", "tile/1/000.p/1", false);
  damaged("DELETE FROM tile WHERE level = 1", "tile/1/000.p/1 is missing", false);
  damaged("UPDATE tile SET width = 44, bytes = substr(bytes, 1, 44 * 32) WHERE level = 0 AND n = 1",
          "tile/0/001.p/45", false);
  damaged("INSERT INTO tile VALUES(2, 0, 1, x'00')", "tiles of no entries");
}

TEST(Check, AChangedHeadIsNamed) {
  damaged("UPDATE head SET " + flip("root", 1), "the head's root", false);
  damaged("UPDATE head SET root = x'00'", "the head's root", false);
  damaged("UPDATE head SET next = 302", "beyond its tree", false);
  damaged("UPDATE head SET next = 300, size = 300", "head", false);
  damaged("INSERT INTO head SELECT * FROM head", "not one row", false);
  damaged("DELETE FROM head", "not one row", false);
}

TEST(Check, AChangedMissingOrStrayCheckpointIsNamed) {
  damaged(
      "UPDATE checkpoint SET note = replace(note, char(10) || '200' || char(10), char(10) || '201' || "
      "char(10)) "
      "WHERE size = 200",
      "checkpoint of size 200");
  damaged("UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 100) WHERE size = 200",
          "checkpoint of size 200");
  damaged("UPDATE checkpoint SET note = 'rubbish' WHERE size = 200", "checkpoint of size 200");
  damaged("UPDATE checkpoint SET note = replace(note, 'entrepot', 'entrepit') WHERE size = 100",
          "another origin");
  damaged("UPDATE checkpoint SET size = 302 WHERE size = 200", "beyond the head", false);
  damaged("UPDATE checkpoint SET size = -5 WHERE size = 200", "checkpoints of no tree");
  damaged("DELETE FROM checkpoint WHERE size = 301", "newest checkpoint", false);
}

TEST(Check, AChangedBlobIsNamed) { damaged("UPDATE blob SET " + flip("bytes", 1), "has other bytes"); }

TEST(Check, ACheckpointWithABrokenSignatureIsNamedWhenTheKeyIsGiven) {
  tamper(path,
         "UPDATE checkpoint SET note = (SELECT substr(c.note, 1, length(c.note) - 12) || 'AAAA' || "
         "substr(c.note, length(c.note) - 7) FROM checkpoint c WHERE c.size = 100) WHERE size = 100");
  const auto ledger = take(ledger::Ledger::open_read_only(path));
  const NoteSigner key = signer();
  take(check(*ledger));
  const auto report = check(*ledger, &key.verifier());
  check_fails(report, ErrorKind::authentication);
  CHECK_TRUE(report.error().message.find("size 100") != std::string::npos);
}

TEST(Check, NoByteOfTheFileCanChangeUnnoticedOrBringItDown) {
  // Bytes of free space and of SQLite's own counters matter to nobody: after those everything reads as
  // before.
  const Bytes good = take(read_file(path));
  SeededRandom random(2026);
  const std::filesystem::path copy = folder.file("copy.db");
  int noticed = 0;
  constexpr int kFlips = 300;
  for (int i = 0; i < kFlips; ++i) {
    Bytes bad = good;
    bad[random.next() % bad.size()] ^= static_cast<std::uint8_t>(1U << (random.next() % 8));
    write_quickly(copy, bad);
    const auto ledger = ledger::Ledger::open_read_only(copy);
    if (!ledger || !check(**ledger)) {
      ++noticed;
      continue;
    }
    for (std::uint64_t index = 0; index < 301; ++index)
      CHECK_TRUE(entry(index).leaf == take((*ledger)->leaf(index)));
  }
  CHECK_TRUE(noticed > kFlips / 2);
}
