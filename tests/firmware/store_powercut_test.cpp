// Every command that writes, of every application, recorded once and then cut at every operation of the
// flash. SCEAU_POWERCUTS tells how many cuts to make (tests/bench/powercuts and the full tests ask for more).
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

#include "fido/platform.h"
#include "one_holder.h"
#include "rsa_key.h"
#include "store_cuts.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

constexpr std::size_t kPageSize = 2048;
constexpr std::size_t kPages = 14;
constexpr const char* kSelectPiv = "00 A4 04 00 05 A0 00 00 03 08";
constexpr const char* kSelectClearSign = "00 A4 04 00 07 F0 53 43 45 41 55 01 00";

class Recorder {
 public:
  Platform platform{kPageSize, kPages};
  Card& card = platform.card;
  std::vector<Recording> recordings;

  // What `command` does to the flash. It answers `word`.
  void record(const std::string& name, std::size_t transactions, std::size_t gives_tries_from, unsigned word,
              const std::function<unsigned()>& command) {
    Recording recording{name, transactions, gives_tries_from, card.flash().content(), {}};
    card.flash().record(&recording.operations);
    UNSIGNED_LONGS_EQUAL_TEXT(word, command(), name.c_str());
    card.flash().record(nullptr);
    recordings.push_back(std::move(recording));
  }
  void record(const std::string& name, const std::string& header, const Bytes& data) {
    record(name, 1, 0, 0x9000,
           [&] { return data.empty() ? card.word(header) : card.command(header, data).word; });
  }

  std::size_t operations() const {
    std::size_t count = 0;
    for (const Recording& recording : recordings) count += recording.operations.size();
    return count;
  }
};

Bytes object(const std::string& tag, std::size_t size) {
  Bytes buffer(size + 16);
  Writer out(buffer);
  TlvWriter tlv(out);
  tlv.element(0x5C, hex(tag));
  tlv.element(0x53, Bytes(size, 0x6B));
  buffer.resize(out.size());
  return buffer;
}

void record_references(Recorder& recorder) {
  Card& card = recorder.card;
  const auto change = [&card](const char* header, const char* from, const char* to) {
    return card.command(header, Card::padded(from) + Card::padded(to)).word;
  };
  recorder.record("VERIFY, wrong", 1, 0, 0x63C2, [&] { return card.verify("000000"); });
  recorder.record("VERIFY, wrong again", 1, 0, 0x63C1, [&] { return card.verify("000000"); });
  recorder.record("VERIFY, right", 2, 2, 0x9000, [&] { return card.verify("123456"); });
  recorder.record("CHANGE PIN", 3, 2, 0x9000, [&] { return change("00240080", "123456", "654321"); });
  recorder.record("CHANGE PIN, wrong", 1, 0, 0x63C2, [&] { return change("00240080", "000000", "654321"); });
  recorder.record("CHANGE PUK", 3, 2, 0x9000, [&] { return change("00240081", "12345678", "87654321"); });
  recorder.record("UNBLOCK, wrong", 1, 0, 0x63C2, [&] { return change("002C0080", "00000000", "123456"); });
  recorder.record("UNBLOCK", 3, 2, 0x9000, [&] { return change("002C0080", "87654321", "123456"); });
  card.verify("123456");
  card.authenticate();
  recorder.record("SET RETRIES", 1, 1, 0x9000, [&] { return card.word("00FA0504"); });
}

void record_keys(Recorder& recorder) {
  Card& card = recorder.card;
  card.authenticate();
  const auto generate = [&card](const char* slot, const char* algorithm) {
    return card.generate(slot, "", algorithm).empty() ? 0U : 0x9000U;
  };
  recorder.record("GENERATE", 1, 0, 0x9000, [&] { return generate("9A", "11"); });
  recorder.record("GENERATE, again", 1, 0, 0x9000, [&] { return generate("9A", "14"); });
  recorder.record("IMPORT", "00 FE 11 9D", scalar_data(Bytes(32, 0x21)));
  recorder.record("IMPORT, RSA", "00 FE 07 82", import_data(rsa_parts(rsa_2048())));
  recorder.record("MOVE KEY", "00 F6 83 9D", {});
  recorder.record("DELETE KEY", "00 F6 FF 82", {});
  recorder.record("SET MANAGEMENT KEY", "00 FF FF FF", hex("0A 9B 18") + Card::default_key());
}

void record_objects(Recorder& recorder) {
  recorder.record("PUT DATA", "00 DB 3F FF", object("5FC105", 900));
  recorder.record("PUT DATA, replacing", "00 DB 3F FF", object("5FC105", 1500));
  recorder.record("PUT DATA, long", "00 DB 3F FF", object("5FC10B", 3000));
  recorder.record("PUT DATA, removing", "00 DB 3F FF", object("5FC10B", 0));
}

Bytes vector(const std::string& name) {
  std::ifstream file(SCEAU_TEST_VECTORS "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Up to the last page shown, with the key of a slot.
void show_statement(Card& card, const std::string& slot, const Bytes& statement) {
  card.verify("123456");
  CHECK_EQUAL(0x9000U, card.command("00300000", statement).word);
  const std::string time = "2026-11-22T09:31:00Z";
  CHECK_EQUAL(0x9000U, card.command("003100" + slot, Bytes(time.begin(), time.end()) + Bytes(32, 1)).word);
  for (char page = '0'; card.word(std::string("003200") + "0" + page + "000000") == 0x9000; ++page) {
  }
}

// Policy: PIN once, no touch, 900 seconds, extraction.request alone.
void record_clear_sign(Recorder& recorder) {
  Card& card = recorder.card;
  card.send(kSelectClearSign);
  const Bytes words = hex("65787472616374696F6E2E72657175657374");
  const Bytes policy = hex("30 23 020101 020102 020101 02020384 30 14 0C 12") + words;
  recorder.record("clear-sign VERIFY", 2, 2, 0x9000, [&] { return card.verify("123456"); });
  recorder.record("clear-sign GENERATE", 1, 0, 0x9000, [&] { return card.command("004700C1", policy).word; });
  for (int i = 0; i < 3; ++i) {
    show_statement(card, "C1", vector("statement/good/extraction-request.json"));
    recorder.record("clear-sign SIGN", 1, 0, 0x9000, [&] { return card.word("00330000000000"); });
  }
  card.send(kSelectPiv);
}

Bytes public_part(const Answer& begun) {
  const Result<ByteView> point = find_tlv(begun.data, 0x80);
  CHECK(point.ok());
  return {point.value().begin(), point.value().end()};
}

void record_custodian(Recorder& recorder) {
  Card& card = recorder.card;
  card.send(kSelectClearSign);
  card.verify("123456");
  const Bytes policy = one_holder_policy();
  Answer given;
  recorder.record("custodian GENERATE", 1, 0, 0x9000, [&] { return card.command("004700C2", policy).word; });
  recorder.record("custodian SHARES", 1, 0, 0x9000,
                  [&] { return (given = card.send("004800C2000000")).word; });
  show_statement(card, "C2", vector("lines/derive.json"));
  recorder.record("custodian DERIVE", 1, 0, 0x9000, [&] { return card.word("00360000000000"); });
  CHECK_EQUAL(0x9000U, card.command("004700C3", policy).word);
  const Bytes point = public_part(card.command("004900C3", hex("01020384 C2")));
  const std::uint32_t serial = card.board().serial();
  const Bytes share = passed_on(given.data, {serial, 0xC2}, point, {serial, 0xC3});
  recorder.record("custodian RESTORE", 1, 0, 0x9000, [&] { return card.command("004901C3", share).word; });
  for (const std::string slot : {"C2", "C3"})
    recorder.record("custodian DELETE", 1, 0, 0x9000, [&] { return card.word("00E400" + slot); });
  card.send(kSelectPiv);
}

Extra discoverable() {
  Extra extra;
  extra.options = Platform::resident();
  return extra;
}

void record_fido_credentials(Recorder& recorder) {
  Platform& fido = recorder.platform;
  Made kept;
  Made listed;
  recorder.record("makeCredential", 1, 0, 0, [&] { return (listed = fido.make("a", {1})).status; });
  recorder.record("makeCredential, kept", 1, 0, 0,
                  [&] { return (kept = fido.make("a", {1}, discoverable())).status; });
  recorder.record("makeCredential, replacing", 1, 0, 0,
                  [&] { return (kept = fido.make("a", {1}, discoverable())).status; });
  recorder.record("makeCredential, another", 1, 0, 0,
                  [&] { return fido.make("a", {2}, discoverable()).status; });
  recorder.record("getAssertion, listed", 1, 0, 0, [&] { return fido.get(listed, "a").status; });
  recorder.record("getAssertion, kept", 1, 0, 0, [&] { return fido.get(kept, "a").status; });
  recorder.record("getAssertion, any", 1, 0, 0, [&] { return fido.get(Made{}, "a").status; });
  recorder.record("getNextAssertion", 1, 0, 0, [&] { return fido.next().status; });
}

// What changes nothing must not touch the flash, and what counts a signature must count it before.
void record_u2f(Recorder& recorder) {
  Platform& fido = recorder.platform;
  Card& card = recorder.card;
  const Bytes hashes(64, 0xA2);
  CHECK_EQUAL(0x9000U, card.word("00 A4 04 00 08 A0 00 00 06 47 2F 00 01 00"));
  Bytes made;
  recorder.record("U2F register", 0, 0, 0x9000, [&] {
    const Answer answer = card.send(hex("00 01 00 00 00 00 40") + hashes + hex("00 00"));
    made = answer.data;
    return answer.word;
  });
  const Bytes handle(made.begin() + 66, made.begin() + 67 + made.at(66));
  recorder.record("U2F authenticate", 1, 0, 0x9000,
                  [&] { return card.command("00 02 03 00", hashes + handle).word; });
  recorder.record("getInfo", 0, 0, 0, [&] { return fido.send(0x04).status; });
  recorder.record("selection", 0, 0, 0, [&] { return fido.send(0x0B).status; });
  CHECK_EQUAL(0x9000U, card.word(kSelectPiv));
}

void record_fido_pin(Recorder& recorder) {
  Platform& fido = recorder.platform;
  recorder.record("setPIN", 1, 0, 0, [&] { return fido.set_pin("1234"); });
  recorder.record("getPinToken, wrong", 1, 0, 0x31, [&] { return fido.get_token("0000"); });
  recorder.record("getPinToken, right", 2, 2, 0, [&] { return fido.get_token("1234"); });
  recorder.record("changePIN", 3, 2, 0, [&] { return fido.change_pin("1234", "4321"); });
  recorder.record("changePIN, wrong", 1, 0, 0x31, [&] { return fido.change_pin("1234", "4321"); });
  recorder.record("getPINRetries", 0, 0, 7, [&] { return fido.tries(); });
  recorder.record("getPinUvAuthToken", 2, 2, 0, [&] { return fido.get_old_token("4321"); });
  fido.get_token("4321");
  recorder.record("getCredsMetadata", 0, 0, 0, [&] { return fido.manage(0x01).status; });
  recorder.record("enumerateRPs", 0, 0, 0, [&] { return fido.manage(0x02).status; });
  const auto first = fido.manage(0x04, map({{number(1), bytes(sha({'a'}))}}));
  const Bytes id = first.at(7);
  const Bytes user = text_map({{"id", Reply::named(first.at(6), "id")}, {"name", text("bob")}});
  recorder.record("updateUserInformation", 1, 0, 0, [&] {
    return fido.manage(0x07, map({{number(2), id}, {number(3), user}})).status;
  });
  recorder.record("deleteCredential", 1, 0, 0, [&] {
    return fido.manage(0x06, map({{number(2), id}})).status;
  });
  const Bytes least = map({{number(1), number(4)}, {number(2), array({text("a")})}});
  recorder.record("setMinPINLength", 1, 0, 0, [&] { return fido.configure(0x03, least).status; });
  recorder.record("toggleAlwaysUv", 1, 0, 0, [&] { return fido.configure(0x02).status; });
  recorder.record("enableEnterpriseAttestation", 1, 0, 0, [&] { return fido.configure(0x01).status; });
  Bytes blobs(84, 7);
  Bytes tail = sha(blobs);
  tail.resize(16);
  blobs = blobs + tail;
  for (int i = 0; i < 2; ++i) {
    recorder.record("largeBlobs", 2, 0, 0, [&] { return fido.write_blobs(blobs, 0, blobs.size()).status; });
  }
  recorder.record("authenticatorReset", 1, 1, 0, [&] { return fido.send(0x07).status; });
}

void record_reset(Recorder& recorder) {
  Card& card = recorder.card;
  const Bytes puk = Card::padded("00000000") + Card::padded("111111");
  while (card.verify("000000") != 0x6983) {
  }
  while (card.command("002C0080", puk).word != 0x6983) {
  }
  recorder.record("RESET", 1, 1, 0x9000, [&] { return card.word("00FB0000"); });
}

std::size_t wanted_cuts() {
  const char* asked = std::getenv("SCEAU_POWERCUTS");
  return asked == nullptr ? 102000 : std::strtoul(asked, nullptr, 10);
}

}  // namespace

TEST_GROUP(PowerCuts){};

TEST(PowerCuts, EveryCommandShowsItsOldOrItsNewStateWhereverItIsCut) {
  Recorder recorder;
  // Twice: a full flash makes the second round compact pages all the while.
  for (int round = 0; round < 2; ++round) {
    record_references(recorder);
    record_keys(recorder);
    record_objects(recorder);
    record_clear_sign(recorder);
    record_custodian(recorder);
    record_fido_credentials(recorder);
    record_u2f(recorder);
    record_fido_pin(recorder);
    record_reset(recorder);
  }
  Cutter cutter(kPageSize, kPages, 4711);
  const std::size_t times = wanted_cuts() / recorder.operations() + 1;
  for (const Recording& recording : recorder.recordings) cutter.cut(recording, times);
  std::printf("powercut_cuts %zu over %zu operations of %zu commands\n", cutter.cuts(), recorder.operations(),
              recorder.recordings.size());
  CHECK(cutter.cuts() >= wanted_cuts());
}

TEST(PowerCuts, AHundredThousandUpdatesWearPagesWithinTenPercentOfEven) {
  RamFlash flash(1024, 12);
  RamBoard board(flash);
  Store store(board);
  CHECK(store.mount() == Status::kOk);
  for (ObjectKey key = 1; key <= 4; ++key) {
    CHECK(store.set(key, Bytes(400, 1), Room::kReserved) == Status::kOk);  // never changes again
  }
  std::vector<RamFlash::Operation> operations;
  std::size_t erases = 0;
  for (std::uint32_t i = 0; i < 100000; ++i) {
    std::array<std::uint8_t, 4> counter{};
    store_be32(counter.data(), i);
    flash.record(&operations);
    CHECK(store.set(static_cast<ObjectKey>(50 + i % 3), counter, Room::kReserved) == Status::kOk);
    for (const RamFlash::Operation& operation : operations) erases += operation.target.size() == 1024 ? 1 : 0;
    operations.clear();
  }
  const Store::Wear wear = store.wear();
  const double even = static_cast<double>(erases) / 12;
  CHECK(even > 100);
  CHECK(wear.lowest > 0.9 * even && wear.highest < 1.1 * even);
}
