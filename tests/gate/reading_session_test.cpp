// Sessions that a card's TLS certificate opens: nothing was signed for them, so they look and do nothing.
#include <CppUTest/TestHarness.h>

#include "gate_home.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(ReadingSession) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  Bytes certificate_of(const std::string& person) { return home.world.card(person).login.certificate->der(); }
  gate::Caller reader(const std::string& person) {
    auto session = gate->open_reading_session(certificate_of(person));
    CHECK(session.ok());
    auto caller = gate->caller(session->bearer);
    CHECK(caller.ok());
    return *caller;
  }
  template <typename T>
  static void refused(const Result<T>& result, const char* why) {
    CHECK_FALSE(result.ok());
    CHECK(result.error().kind == ErrorKind::refused);
    STRCMP_CONTAINS(why, result.error().message.c_str());
  }
};

TEST(ReadingSession, IsTheCardHoldersAndSeesWhatSheMaySee) {
  const Signed given = home.request(*gate, "individual");
  must_be(*gate, given, "pending");
  const gate::Caller carl = reader("carl");
  STRCMP_EQUAL("carl", carl.person.c_str());
  CHECK(carl.reads_only);
  CHECK(gate->request(carl, given.digest()).ok());
  CHECK_FALSE(gate->request(reader("erik"), given.digest()).ok());
}

TEST(ReadingSession, TakesNothing) {
  const Signed given = home.request(*gate);
  must_be(*gate, given, "admitted");
  refused(gate->fetch(reader("dora"), given.digest()), "reads only");
  refused(gate->host_pass_document(reader("ada"), "laptop"), "reads only");
  gate::Caller auditor = reader("ada");
  auditor.auditor = true;
  refused(gate->opening_document(auditor, 1), "reads only");
  const auto session = gate->open_reading_session(certificate_of("ada"));
  CHECK_FALSE(gate->host_copy_document("laptop", session->bearer).ok());
  CHECK(gate->fetch(test::log_in(home, *gate, "dora"), given.digest()).ok());
}

TEST(ReadingSession, WritesNoLogInAndIsCounted) {
  (void)reader("carl");
  LONGS_EQUAL(0, count(*gate, "login"));
  home.world.clock.advance(120);
  gate->tick();
  const Value summary = newest(*gate, "gate.summary");
  STRCMP_CONTAINS("reading session by card", statement::to_canonical(summary).c_str());
}

TEST(ReadingSession, IsForNobodyElse) {
  refused(gate->open_reading_session(home.world.card("carl").sign.certificate->der()),
          "not the log-in certificate");
  refused(gate->open_reading_session(home.world.authority->der()), "not the log-in certificate");
  refused(gate->open_reading_session({}), "logging in with a card's certificate");
  refused(gate->open_reading_session(Bytes(100'000, 0x30)), "logging in with a card's certificate");
}

TEST(ReadingSession, EndsWithTheTokenAndAtItsTime) {
  const auto session = gate->open_reading_session(certificate_of("carl"));
  must_be(*gate,
          home.write(*gate, "token.suspend", {"ada"},
                     Object{{"serial", home.world.card("carl").serial}, {"reason", "mislaid"}}),
          "admitted");
  CHECK_FALSE(gate->caller(session->bearer).ok());
  refused(gate->open_reading_session(certificate_of("carl")), "may be used");
  const auto other = gate->open_reading_session(certificate_of("dora"));
  home.world.clock.advance(3601);
  CHECK_FALSE(gate->caller(other->bearer).ok());
}

TEST(ReadingSession, EndsWhenItsPersonLogsOut) {
  const auto session = gate->open_reading_session(certificate_of("carl"));
  gate->end_session(session->bearer);
  CHECK_FALSE(gate->caller(session->bearer).ok());
  gate->end_session(session->bearer);
}
