// Journals of clear-sign tokens, handed in: each entry has its statement here, and none disappears.
#include "check.h"
#include "clear_token.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Journals) {
  World world;
  ClearToken dora{world, "dora", "2001"};

  Bytes request() { return world.write("extraction.request", "dora", world.request_body()); }
  void ask() {
    const Bytes asked = request();
    CHECK_ACCEPTED(world.submit(asked, dora.use(asked)).judgement);
  }
  // Signed, and never sent.
  void sign_in_secret() { dora.use(request()); }
  std::vector<std::string> hand_in(std::size_t first = 1) {
    const auto judgement = world.submit("token.journal", {"dora"}, dora.journal(first)).judgement;
    CHECK_ACCEPTED(judgement);
    return judgement.verdict.alarms;
  }
  std::string first_alarm() {
    const auto alarms = hand_in();
    return alarms.empty() ? std::string() : alarms.front();
  }
  std::string refused(const Object& body) {
    const auto judgement = world.ask("token.journal", {"dora"}, body);
    CHECK_FALSE(judgement.accepted());
    return why(judgement);
  }
};

TEST(Journals, WhatIsHereRaisesNothing) {
  LONGS_EQUAL(0, hand_in().size());
  ask();
  ask();
  LONGS_EQUAL(0, hand_in().size());
  ask();
  LONGS_EQUAL(0, hand_in().size());
}

TEST(Journals, AnEntryWithoutAStatementIsAnAlarmOnce) {
  ask();
  sign_in_secret();
  ask();
  const auto alarms = hand_in();
  LONGS_EQUAL(1, alarms.size());
  STRCMP_CONTAINS("entry 2 of the journal of token 2001 (slot C1, counter 2, ", alarms.front().c_str());
  STRCMP_CONTAINS("has no statement here", alarms.front().c_str());
  LONGS_EQUAL(0, hand_in().size());
  ask();
  sign_in_secret();
  LONGS_EQUAL(1, hand_in().size());
}

TEST(Journals, ManyAreCountedInOneLine) {
  for (int i = 0; i < 20; ++i) sign_in_secret();
  const auto alarms = hand_in();
  LONGS_EQUAL(9, alarms.size());
  STRCMP_EQUAL("and 12 more entries of that journal", alarms.back().c_str());
}

TEST(Journals, AnotherStatementUnderTheSameCounterIsAnAlarm) {
  const Bytes asked = request();
  const Bytes other = request();
  dora.use(other);  // its journal says this one
  CHECK_ACCEPTED(world.submit(asked, dora.sign(asked, dora.stated(asked, 1))).judgement);
  STRCMP_CONTAINS("has no statement here", first_alarm().c_str());
}

TEST(Journals, AnEntryThatTheTokenDidNotStateIsAnAlarm) {
  const Bytes asked = request();
  dora.use(asked);
  CHECK_ACCEPTED(world.submit(asked, dora.sign(asked, dora.stated(asked, 1))).judgement);
  STRCMP_CONTAINS("is not the one that the token stated", first_alarm().c_str());
}

TEST(Journals, ATokenPutBackIsAnAlarm) {
  ask();
  ask();
  hand_in();
  dora.entries.pop_back();
  const auto shorter = hand_in();
  LONGS_EQUAL(1, shorter.size());
  STRCMP_CONTAINS("had 2 entries", shorter.front().c_str());
  STRCMP_CONTAINS("the token was put back", shorter.front().c_str());
}

TEST(Journals, AJournalThatDoesNotGoOnIsAnAlarm) {
  ask();
  hand_in();
  dora.entries.clear();
  dora.counter = 1;
  ask();
  ask();
  const auto alarms = hand_in();
  CHECK(!alarms.empty());
  STRCMP_CONTAINS("those are not in it now", alarms.front().c_str());
}

TEST(Journals, EntriesThatNobodyReadInTimeAreAnAlarm) {
  ask();
  hand_in();
  ask();
  sign_in_secret();
  ask();
  const auto alarms = hand_in(4);
  LONGS_EQUAL(1, alarms.size());
  STRCMP_CONTAINS("those up to 3 are no longer kept", alarms.front().c_str());
}

TEST(Journals, OfAnotherTokenOrAPlainOneAreRefused) {
  ask();
  Object body = dora.journal();
  body["serial"] = "1004";
  STRCMP_CONTAINS("keeps no journal", refused(body).c_str());
  body["serial"] = "9999";
  STRCMP_CONTAINS("no token 9999 is enrolled", refused(body).c_str());
}

TEST(Journals, AChangedOneIsRefused) {
  ask();
  ask();
  const Object body = dora.journal();
  Object changed = body;
  changed["count"] = 3;
  STRCMP_CONTAINS("did not sign this", refused(changed).c_str());
  changed = body;
  changed["head"] = Digest{};
  STRCMP_CONTAINS("did not sign this", refused(changed).c_str());
  Bytes blob = world.blobs.at(digest_from_hex(body.at("journal").as_text()).value());
  blob[50] ^= 1;
  changed = body;
  changed["journal"] = world.put_blob(blob);
  STRCMP_CONTAINS("do not lead to its head", refused(changed).c_str());
  blob.resize(blob.size() - 82);
  changed["journal"] = world.put_blob(blob);
  STRCMP_CONTAINS("do not lead to its head", refused(changed).c_str());
  changed["journal"] = sha256(as_bytes("not sent"));
  STRCMP_CONTAINS("was not sent along", refused(changed).c_str());
}

TEST(Journals, AHeadReadBeforeAnotherCheckpointIsRefused) {
  ask();
  const Object old = dora.journal();
  ask();
  STRCMP_CONTAINS("did not sign this", refused(old).c_str());
}

// Somebody hands in, late, what was read before: no token was put back.
TEST(Journals, AnOlderReadingIsRefusedAndRaisesNothing) {
  ask();
  Envelope envelope;
  envelope.after = statement::After{world.entries.size(), world.roots.back()};
  const Object old = dora.journal();
  ask();
  hand_in();
  const auto judgement = world.ask("token.journal", {"dora"}, old, envelope);
  CHECK_REFUSED("was read before entry", judgement);
  LONGS_EQUAL(0, judgement.verdict.alarms.size());
}
