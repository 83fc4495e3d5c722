// What a machine keeps, damaged in every way: it is noticed, and nobody gets in.
#include <CppUTest/TestHarness.h>
#include <sys/stat.h>
#include <unistd.h>
#include <thread>

#include "machine.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(HostFolder) {
  Machine machine;

  void nobody_gets_in(const std::string& what) {
    const auto result = machine.log_in();
    CHECK_TEXT(!result.ok(), what.c_str());
    const ErrorKind kind = result.error().kind;
    CHECK_TEXT(kind == ErrorKind::corrupt || kind == ErrorKind::unavailable || kind == ErrorKind::not_found,
               (what + ": " + result.error().message).c_str());
    LONGS_EQUAL_TEXT(0, machine.waiting(), what.c_str());
    LONGS_EQUAL_TEXT(0, machine.pins.asked, what.c_str());
  }
};

TEST(HostFolder, EveryTruncationOfTheCopyIsNoticed) {
  const Bytes whole = machine.file("copy.json");
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    machine.write("copy.json", ByteView(whole).first(size));
    nobody_gets_in("cut at " + std::to_string(size));
  }
}

TEST(HostFolder, EveryFlippedBitOfTheCopyIsNoticed) {
  const Bytes whole = machine.file("copy.json");
  for (std::size_t at = 0; at < whole.size(); at += 61) {
    Bytes flipped = whole;
    flipped[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    machine.write("copy.json", flipped);
    nobody_gets_in("flipped at " + std::to_string(at));
  }
}

TEST(HostFolder, ACopyThatIsMissingOrEmptyLetsNobodyIn) {
  machine.write("copy.json", {});
  nobody_gets_in("empty");
  std::filesystem::remove(machine.path / "host" / "copy.json");
  nobody_gets_in("missing");
}

TEST(HostFolder, ACopySignedByAnotherKeyIsRefused) {
  const auto key = pki::SoftwareKey::generate().value();
  const auto certificate =
      pki::self_signed_gate(key, "gate", {kBegin - 1, kBegin + 864000}, machine.world.random).value();
  machine.write("copy.json", machine.signed_copy(machine.content(), key, certificate));
  nobody_gets_in("another gate's key, its own certificate");
  machine.write("copy.json", machine.signed_copy(machine.content(), key, *machine.world.gate_certificate));
  nobody_gets_in("another gate's key, this gate's certificate");
}

TEST(HostFolder, ACopyForAnotherMachineRealmOrGateIsRefused) {
  auto copy = machine.content();
  const auto sign = [&](const registry::HostCopy& changed) {
    return machine.signed_copy(changed, machine.world.gate_key, *machine.world.gate_certificate);
  };
  copy.host = "laptop-13";
  machine.write("copy.json", sign(copy));
  nobody_gets_in("another machine's");
  copy = machine.content();
  copy.realm = "other.example/ledger";
  machine.write("copy.json", sign(copy));
  nobody_gets_in("another realm's");
  copy = machine.content();
  copy.gate = "other";
  machine.write("copy.json", sign(copy));
  nobody_gets_in("another gate's");
  copy = machine.content();
  copy.checkpoint = ledger::sign_checkpoint({"other.example/ledger", 3, {}}, log_signer()).value();
  machine.write("copy.json", sign(copy));
  nobody_gets_in("with another log's checkpoint");
}

TEST(HostFolder, AStatementThatTheGateSignedIsNoCopy) {
  const Bytes statement = machine.world.write("login", "gate", Object{{"audience", "host:laptop-12"}});
  machine.write("copy.json",
                registry::write_signed_host_copy(statement, machine.world.sign_as_gate(statement)));
  nobody_gets_in("a statement");
}

TEST(HostFolder, AMarkThatCannotBeReadLetsNobodyIn) {
  machine.write("mark.json", as_bytes("{\"size\":0}"));
  nobody_gets_in("half a mark");
  machine.write("mark.json", {});
  nobody_gets_in("an empty mark");
}

TEST(HostFolder, WhatOthersMayWriteIsNotBelieved) {
  for (const char* name : {"host.json", "copy.json", "mark.json", "."}) {
    const auto path = machine.path / "host" / name;
    struct stat about {};
    LONGS_EQUAL(0, ::stat(path.c_str(), &about));
    LONGS_EQUAL(0, ::chmod(path.c_str(), 0777));
    nobody_gets_in(std::string(name) + " is open to all");
    LONGS_EQUAL(0, ::chmod(path.c_str(), about.st_mode & 07777U));
  }
  CHECK(machine.log_in().ok());
}

TEST(HostFolder, WhatIsALinkIsNotFollowed) {
  const auto copy = machine.path / "host" / "copy.json";
  std::filesystem::rename(copy, machine.path / "elsewhere.json");
  std::filesystem::create_symlink(machine.path / "elsewhere.json", copy);
  nobody_gets_in("a link");
}

TEST(HostFolder, AMachineThatHasNotJoinedSaysSo) {
  std::filesystem::remove_all(machine.path / "host");
  const auto result = machine.log_in();
  CHECK(result.error().kind == ErrorKind::not_found);
  STRCMP_CONTAINS("sceau host join", result.error().message.c_str());
}

TEST(HostFolder, ACopyOfASmallerLedgerThanWasSeenIsNotTaken) {
  const Bytes old = machine.fresh_copy();
  machine.world.must("organisation.add", {"ada"}, Object{{"organisation", "other"}, {"name", "Other"}});
  machine.refresh();
  const auto put = machine.folder->put_copy(old, *machine.anchor);
  CHECK(put.error().kind == ErrorKind::refused);
  STRCMP_CONTAINS("it went back", put.error().message.c_str());
}

TEST(HostFolder, CopiesThatComeAtOnceNeverLeaveAnOlderOneBehindTheMark) {
  for (int round = 0; round < 20; ++round) {
    const Bytes older = machine.fresh_copy();
    const std::string name = "other" + std::to_string(round);
    machine.world.must("organisation.add", {"ada"}, Object{{"organisation", name}, {"name", "Other"}});
    const Bytes newer = machine.fresh_copy();
    std::thread other([&] { static_cast<void>(machine.folder->put_copy(older, *machine.anchor)); });
    CHECK(machine.folder->put_copy(newer, *machine.anchor).ok());
    other.join();
    CHECK(machine.folder->copy(*machine.anchor)->after.size >= machine.folder->mark()->size);
  }
}

TEST(HostFolder, TheMarkNeverGoesDown) {
  CHECK(machine.folder->raise({kBegin + 100, 50}).ok());
  CHECK(machine.folder->raise({kBegin + 50, 60}).ok());
  const auto mark = machine.folder->mark().value();
  CHECK(mark.time == kBegin + 100);
  CHECK(mark.size == 60);
}

TEST(HostFolder, WhatAnybodyPutsInTheQueueIsReadWithCare) {
  const auto queue = machine.path / "host" / "queue";
  const std::string name = "01900000-0000-7000-8000-000000000000.login";
  std::filesystem::create_symlink("/etc/passwd", queue / name);
  LONGS_EQUAL(1, machine.folder->queue().value().size());
  CHECK(machine.folder->read_queued(queue / name).error().kind == ErrorKind::invalid);
  std::filesystem::remove(queue / name);
  LONGS_EQUAL(0, ::mkfifo((queue / name).c_str(), 0666));
  CHECK(machine.folder->read_queued(queue / name).error().kind == ErrorKind::invalid);
  std::filesystem::remove(queue / name);
  machine.write("queue/" + name, as_bytes("not JSON"));
  CHECK(machine.folder->read_queued(queue / name).error().kind == ErrorKind::invalid);
  machine.write("queue/.hidden", as_bytes("x"));
  machine.write("queue/readme.login", as_bytes("x"));
  LONGS_EQUAL(1, machine.folder->queue().value().size());
}
