// Signing with the clear-sign application: what it takes, what it refuses, what it counts.
#include <algorithm>

#include "../openssl_check.h"
#include "clear_card.h"
#include "samples.h"
#include "sceau/base/digest.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)
using sceau::test::decision_on;
using sceau::test::evidence_by;
using sceau::test::sample;

namespace {

Bytes request() { return sample(*sceau::statement::find_type("extraction.request"), true); }
Bytes login() { return sample(*sceau::statement::find_type("login"), true); }

Bytes part(const Answer& answer, std::uint32_t tag) {
  const Result<ByteView> found = find_tlv(answer.data, tag);
  return found.ok() ? Bytes(found.value().begin(), found.value().end()) : Bytes();
}

// The value of the token statement among the attributes.
Bytes token_statement(const Answer& made) {
  const Bytes attributes = part(made, 0x80);
  TlvReader all(find_tlv(attributes, 0x31).value());
  while (!all.done()) {
    TlvReader attribute(all.next().value().value);
    const ByteView oid = attribute.next().value().value;
    const ByteView values = attribute.next().value().value;
    if (!equal(oid, clearsign::kTokenStatement)) continue;
    const ByteView value = find_tlv(values, 0x30).value();
    return {value.begin(), value.end()};
  }
  return {};
}

unsigned counter_in(const Answer& made) {
  const Bytes statement = token_statement(made);
  TlvReader fields(statement);
  for (int i = 0; i < 3; ++i) static_cast<void>(fields.next());
  return fields.next().value().value.back();
}

bool contains(const Bytes& whole, const Bytes& piece) {
  return std::search(whole.begin(), whole.end(), piece.begin(), piece.end()) != whole.end();
}

Bytes digest(const Bytes& bytes) {
  const auto hash = sceau::sha256(bytes);
  return {hash.begin(), hash.end()};
}

}  // namespace

TEST_GROUP(ClearSign) {
  ClearCard clear;
  Bytes point;

  void setup() override {
    LONGS_EQUAL(0x9000, clear.verify());
    point = clear.generate();
    CHECK_EQUAL(65U, point.size());
  }
};

TEST(ClearSign, SignsAStatementThatWasShown) {
  const Answer made = clear.sign_statement(login());
  LONGS_EQUAL(0x9000, made.word);
  const Bytes attributes = part(made, 0x80);
  CHECK(verifies(public_key(point).get(), digest(attributes), part(made, 0x81)));
  CHECK(contains(attributes, digest(login())));
  CHECK(contains(attributes, Bytes(32, 0xCE)));
  LONGS_EQUAL(1, counter_in(made));
  LONGS_EQUAL(1, clear.counter());
}

TEST(ClearSign, TheHostGetsTheLinesThatTheDisplayShows) {
  clear.load("00", login());
  const Answer prepared = clear.prepare();
  const Answer first = clear.show(0);
  LONGS_EQUAL(0x9000, first.word);
  const auto& shown = clear.card.board().shown;
  STRCMP_EQUAL("page 1 of 2", shown.at(0).c_str());
  std::string lines;
  for (std::size_t i = 1; i < shown.size(); ++i) lines += shown[i] + "\n";
  STRCMP_EQUAL(lines.c_str(), text_of(first.data).c_str());
  const std::string all = lines + text_of(clear.show(1).data);
  CHECK(part(prepared, 0x82) == digest(Bytes(all.begin(), all.end())));
}

TEST(ClearSign, PivShowsTheKeysToWhoDoesNotLeaveItsLogIn) {
  Card& card = clear.card;
  LONGS_EQUAL(0x9000, card.word("00 A4 04 00 05 A0 00 00 03 08 00"));
  LONGS_EQUAL(0x9000, clear.verify());
  const auto inside = [&](const char* object, std::uint32_t tag) {
    const Answer answer = card.send(std::string("00 CB 3F FF 00 00 05 5C 03 5F FF ") + object + " 00 00");
    const Result<ByteView> found = find_tlv(find_tlv(answer.data, 0x53).value(), tag);
    return found.ok() ? Bytes(found.value().begin(), found.value().end()) : hex("EE");
  };
  const Bytes mark = inside("20", 0x80);
  CHECK(inside("20", 0x83) == hex("C1"));
  CHECK(inside("C1", 0x80) == point);
  CHECK(inside("C1", 0x81) == policy_der({}));
  CHECK(inside("C1", 0x82).empty());
  LONGS_EQUAL(0x6A82, card.word("00 CB 3F FF 05 5C 03 5F FF C2 00"));
  LONGS_EQUAL(0x6A82, card.word("00 CB 3F FF 05 5C 03 5F FF C9 00"));
  LONGS_EQUAL(0x9000, card.word("00 20 00 80"));
  clear.select();
  clear.verify();
  LONGS_EQUAL(0x9000, card.command("00 DA 00 C1", Bytes(300, 0x30)).word);
  LONGS_EQUAL(0x9000, card.word("00 A4 04 00 05 A0 00 00 03 08 00"));
  CHECK(inside("C1", 0x82) == Bytes(300, 0x30));
  CHECK(inside("20", 0x80) != mark);
}

TEST(ClearSign, SignsNothingBeforeTheLastPageWasShown) {
  clear.load("00", request());
  const Answer prepared = clear.prepare();
  LONGS_EQUAL(0x9000, prepared.word);
  const unsigned pages = load_be16(part(prepared, 0x80).data());
  CHECK(pages > 2);
  LONGS_EQUAL(0x6985, clear.sign().word);
  for (unsigned page = 0; page < pages; ++page) {
    LONGS_EQUAL(0x6985, clear.sign().word);
    LONGS_EQUAL(0x6985, clear.show(page + 1).word);
    LONGS_EQUAL(0x9000, clear.show(page).word);
  }
  LONGS_EQUAL(0x9000, clear.sign().word);
  LONGS_EQUAL(0x6985, clear.sign().word);
  LONGS_EQUAL(1, clear.counter());
}

TEST(ClearSign, AByteChangedAfterTheShowingSignsNothing) {
  Bytes statement = login();
  clear.load("00", statement);
  clear.show_all(clear.prepare());
  statement[40] ^= 1;
  LONGS_EQUAL(0x9000, clear.load("00", statement));
  LONGS_EQUAL(0x6985, clear.sign().word);
  clear.load("00", login());
  clear.show_all(clear.prepare());
  LONGS_EQUAL(0x9000, clear.card.command("00 30 00 01", Bytes{' '}).word);
  LONGS_EQUAL(0x6985, clear.sign().word);
  LONGS_EQUAL(0, clear.counter());
}

TEST(ClearSign, ThePinIsAskedBeforeEachSignature) {
  LONGS_EQUAL(0x9000, clear.sign_statement(login()).word);
  clear.load("00", login());
  clear.show_all(clear.prepare());
  LONGS_EQUAL(0x6982, clear.sign().word);
  LONGS_EQUAL(0x9000, clear.verify());
  LONGS_EQUAL(0x9000, clear.sign().word);
  LONGS_EQUAL(2, clear.counter());
}

TEST(ClearSign, WithoutThePinNothingIsShown) {
  ClearCard fresh;
  fresh.card.insert();
  clear.select();
  clear.card.send("00 A4 04 00 05 A0 00 00 03 08 00");
  clear.select();
  clear.load("00", login());
  LONGS_EQUAL(0x9000, clear.prepare().word);
  LONGS_EQUAL(0x6982, clear.show(0).word);
}

TEST(ClearSign, AWrongPinCostsATryOfTheOnePin) {
  LONGS_EQUAL(0x63C2, clear.verify("654321"));
  LONGS_EQUAL(0x9000, clear.card.word("00 A4 04 00 05 A0 00 00 03 08 00"));
  LONGS_EQUAL(2, clear.card.tries());
}

TEST(ClearSign, ADeniedButtonSignsNothingAndCountsNothing) {
  clear.load("00", login());
  clear.show_all(clear.prepare());
  clear.card.board().touch = Touch::kDenied;
  LONGS_EQUAL(0x6982, clear.sign().word);
  clear.card.board().touch = Touch::kTouched;
  LONGS_EQUAL(0x6985, clear.sign().word);
  LONGS_EQUAL(0, clear.counter());
  LONGS_EQUAL(0, clear.journal_count());
}

TEST(ClearSign, EveryPageWantsItsPressOfTheButton) {
  clear.load("00", request());
  const Answer prepared = clear.prepare();
  clear.card.board().touches_asked = 0;
  clear.show_all(prepared);
  LONGS_EQUAL(0x9000, clear.sign().word);
  LONGS_EQUAL(load_be16(part(prepared, 0x80).data()), clear.card.board().touches_asked);
}

TEST(ClearSign, AKeyWithoutTouchSaysSoInWhatItStates) {
  PolicyWords words;
  words.touch = 1;
  words.pin = 2;
  clear.verify();
  CHECK(!clear.generate(words, "C2").empty());
  clear.load("00", login());
  clear.card.board().touches_asked = 0;
  clear.show_all(clear.prepare("00", "C2"));
  const Answer made = clear.sign();
  LONGS_EQUAL(0x9000, made.word);
  LONGS_EQUAL(0, clear.card.board().touches_asked);
  CHECK(contains(token_statement(made), hex("01 01 00 01 01 FF")));
  LONGS_EQUAL(0x9000, clear.sign_statement(login()).word);
  CHECK(contains(token_statement(clear.sign_statement(login())), hex("01 01 FF 01 01 FF")));
}

TEST(ClearSign, SelectAndResetClearTheDesk) {
  clear.load("00", login());
  clear.show_all(clear.prepare());
  clear.select();
  LONGS_EQUAL(0x6985, clear.sign().word);
  LONGS_EQUAL(0x6A80, clear.prepare().word);
}

TEST(ClearSign, CountersAndJournalGoOnTogether) {
  for (unsigned i = 1; i <= 3; ++i) LONGS_EQUAL(i, counter_in(clear.sign_statement(login())));
  LONGS_EQUAL(3, clear.journal_count());
  Bytes head(32, 0);
  for (std::uint8_t i = 1; i <= 3; ++i) {
    const Answer entry = clear.card.command("00 35 00 00", Bytes{0, 0, 0, i});
    CHECK_EQUAL(clearsign::kEntrySize + 32, entry.data.size());
    const Bytes bytes(entry.data.begin(), entry.data.begin() + clearsign::kEntrySize);
    LONGS_EQUAL(i, bytes[3]);
    LONGS_EQUAL(i, bytes[9]);
    head = digest(head + bytes);
    CHECK(Bytes(entry.data.begin() + clearsign::kEntrySize, entry.data.end()) == head);
  }
  CHECK(part(clear.card.command("00 34 00 00", Bytes(32, 7)), 0x81) == head);
  LONGS_EQUAL(0x6A88, clear.card.command("00 35 00 00", Bytes{0, 0, 0, 4}).word);
  LONGS_EQUAL(0x6A88, clear.card.command("00 35 00 00", Bytes{0, 0, 0, 0}).word);
}

TEST(ClearSign, WhatIsStatedHoldsTheHeadOfTheJournal) {
  const Answer made = clear.sign_statement(login());
  CHECK(contains(token_statement(made), part(clear.card.command("00 34 00 00", Bytes(32, 7)), 0x81)));
}

TEST_GROUP(ClearSignDecision) {
  ClearCard clear;
  Bytes evidence = evidence_by("alice");

  void setup() override {
    clear.verify();
    CHECK(!clear.generate().empty());
  }
};

TEST(ClearSignDecision, ApprovesTheRequestThatItShowed) {
  const Answer made = clear.decide(request(), evidence, decision_on(request(), evidence));
  LONGS_EQUAL(0x9000, made.word);
  CHECK(contains(token_statement(made), digest(evidence)));
}

TEST(ClearSignDecision, ShowsTheRequestAndItsFirstSigner) {
  clear.load("00", request());
  clear.load("02", evidence);
  clear.load("01", decision_on(request(), evidence));
  const std::string lines = clear.show_all(clear.prepare("01"));
  CHECK(lines.find("approve a request\nby: alice\n") == 0);
  CHECK(lines.find("-- the request: --\nask for an extraction\nby: alice\n") != std::string::npos);
  CHECK(lines.find("\nsignatures: 2 with yours\n") != std::string::npos);
}

TEST(ClearSignDecision, AnotherRequestThanTheOneNamedIsRefused) {
  Bytes other = request();
  const std::string kind = "individual";
  const auto at = std::search(other.begin(), other.end(), kind.begin(), kind.end());
  CHECK(at != other.end());
  const std::string aggregate = "aggregate";
  other.erase(at, at + static_cast<long>(kind.size()));
  other.insert(at, aggregate.begin(), aggregate.end());
  CHECK(sceau::statement::read_statement(other).ok());
  LONGS_EQUAL(0x6A80, clear.decide(other, evidence, decision_on(request(), evidence)).word);
  LONGS_EQUAL(0, clear.counter());
}

TEST(ClearSignDecision, OtherEvidenceThanTheOneNamedIsRefused) {
  LONGS_EQUAL(
      0x6A80,
      clear.decide(request(), evidence_by("alice") + Bytes{'}'}, decision_on(request(), evidence)).word);
  const Bytes by_bob = evidence_by("bob");
  LONGS_EQUAL(0x6A80, clear.decide(request(), by_bob, decision_on(request(), by_bob)).word);
}

TEST(ClearSignDecision, AnApprovalIsNotSignedWithoutItsRequest) {
  LONGS_EQUAL(0x6A80, clear.sign_statement(decision_on(request(), evidence)).word);
}

TEST(ClearSignDecision, AnApprovalOfAnApprovalIsRefused) {
  const Bytes first = decision_on(request(), evidence);
  LONGS_EQUAL(0x6A80, clear.decide(first, evidence, decision_on(first, evidence)).word);
}

TEST(ClearSignDecision, EvidenceCountsOnceOnly) {
  LONGS_EQUAL(0x9000, clear.decide(request(), evidence, decision_on(request(), evidence)).word);
  clear.verify();
  clear.load("00", request());
  clear.load("01", decision_on(request(), evidence));
  LONGS_EQUAL(0x6A80, clear.prepare("01").word);
}
