// Realm, window, identity, and the checkpoint that the author saw.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Envelope) {
  World world;
  registry::Judgement request(const Envelope& envelope) {
    return world.ask("extraction.request", {"dora"}, world.request_body(), envelope);
  }
};

TEST(Envelope, AGoodRequestIsAdmitted) { CHECK_ACCEPTED(request({})); }

TEST(Envelope, AStatementForAnotherRealmMeansNothingHere) {
  Envelope envelope;
  envelope.realm = "elsewhere.example/log";
  CHECK_REFUSED("it means nothing here", request(envelope));
}

TEST(Envelope, ExpiresAtTheSecondItNames) {
  Envelope envelope;
  envelope.at = world.clock.now() - 100;
  envelope.until = world.clock.now() + 1;
  CHECK_ACCEPTED(request(envelope));
  envelope.until = world.clock.now();
  CHECK_REFUSED("expired", request(envelope));
}

TEST(Envelope, IsNotValidBeforeItsTimeBeyondAMinuteOfSkew) {
  Envelope envelope;
  envelope.at = world.clock.now() + 60;
  CHECK_ACCEPTED(request(envelope));
  envelope.at = world.clock.now() + 61;
  CHECK_REFUSED("not valid before", request(envelope));
}

TEST(Envelope, ARequestIsValidForAQuarterOfAnHourAtMost) {
  Envelope envelope;
  envelope.until = world.clock.now() + 901;
  CHECK_REFUSED("at most 900 s", request(envelope));
}

TEST(Envelope, OtherActsAreValidForADayAtMost) {
  Envelope envelope;
  envelope.until = world.clock.now() + 86400;
  const Object body{{"organisation", "other"}, {"name", "Other"}};
  CHECK_ACCEPTED(world.ask("organisation.add", {"ada"}, body, envelope));
  envelope.until = world.clock.now() + 86401;
  CHECK_REFUSED("at most 86400 s", world.ask("organisation.add", {"ada"}, body, envelope));
}

TEST(Envelope, AnIdIsUsedOnce) {
  const auto first = world.submit("extraction.request", {"dora"}, world.request_body());
  CHECK_ACCEPTED(first.judgement);
  const auto again = world.ask(first.statement, first.evidence);
  CHECK(again.identified);
  CHECK_REFUSED("was used before", again);
}

TEST(Envelope, AnIdIsUsedOnceWhateverItSays) {
  const auto first = world.submit("extraction.request", {"dora"}, world.request_body());
  Envelope envelope;
  envelope.id = statement::read_statement(first.statement).value().id;
  Object other = world.request_body();
  other["purpose"] = "Something else";
  CHECK_REFUSED("was used before", world.ask("extraction.request", {"dora"}, other, envelope));
}

TEST(Envelope, ARefusedStatementUsesUpItsIdToo) {
  Object body = world.request_body();
  body["max_rows"] = 1001;
  const auto refused = world.submit("extraction.request", {"dora"}, body);
  CHECK_REFUSED("covers 1000", refused.judgement);
  CHECK(refused.judgement.verdict.consumed);
  Envelope envelope;
  envelope.id = statement::read_statement(refused.statement).value().id;
  CHECK_REFUSED("was used before", request(envelope));
}

TEST(Envelope, WhatNobodyEnrolledSignedUsesUpNothing) {
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const Card stranger = world.make_card("dora", "6666");
  const auto unknown = world.submit(statement, world.sign(statement, {&stranger}));
  CHECK_FALSE(unknown.judgement.identified);
  CHECK_FALSE(unknown.judgement.verdict.consumed);
  CHECK_ACCEPTED(world.ask(statement, world.sign(statement, {&world.card("dora")})));
}

TEST(Envelope, ALargerTreeThanOursRaisesTheRollbackAlarm) {
  Envelope envelope;
  envelope.after = statement::After{world.entries.size() + 1, world.roots.back()};
  CHECK_REFUSED("rollback alarm", request(envelope));
}

TEST(Envelope, AnotherRootThanOursRaisesTheForkAlarm) {
  Envelope envelope;
  envelope.after = statement::After{world.entries.size(), world.roots[3]};
  CHECK_REFUSED("fork alarm", request(envelope));
}

TEST(Envelope, AnOldCheckpointIsGoodWhileNothingCameAfterIt) {
  world.clock.advance(10 * 86400);
  CHECK_ACCEPTED(request({}));
}

TEST(Envelope, ACheckpointSupersededLongAgoIsTooOld) {
  Envelope envelope;
  envelope.after = statement::After{world.entries.size(), world.roots.back()};
  world.must("organisation.add", {"ada"}, Object{{"organisation", "other"}, {"name", "Other"}});
  world.clock.advance(86400);
  CHECK_ACCEPTED(request(envelope));
  world.clock.advance(1);
  CHECK_REFUSED("too long ago", request(envelope));
}

TEST(Envelope, OneByteChangedIsSignedByNobody) {
  Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const Bytes evidence = world.sign(statement, {&world.card("dora")});
  for (std::size_t i = 0; i + 1 < statement.size(); ++i) {
    if (statement[i] == '1' && statement[i + 1] == '0') statement[i] = '9';
  }
  const auto changed = world.ask(statement, evidence);
  CHECK_FALSE(changed.accepted());
  CHECK_FALSE(changed.identified);
}

TEST(Envelope, AnActThatThisGateDoesNotDo) {
  const auto asked =
      world.ask("derive", {"ada"}, Object{{"project", "asthma"}, {"epoch", 1}, {"label", "pseudonym"}});
  CHECK(asked.identified);
  CHECK_REFUSED("does not do yet", asked);
}
