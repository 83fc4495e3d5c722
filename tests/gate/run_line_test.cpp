// Who may run: places in the line, and the runs themselves.
#include <atomic>
#include <thread>
#include <vector>

#include "gate_home.h"
#include "sceau/gate/run_line.h"
#include "turns.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(RunLine) { gate::RunLine line{1}; };

TEST(RunLine, OnePersonHasHalfOfItAtMost) {
  for (int i = 0; i < 5; ++i) CHECK(line.enter("dora"));
  CHECK_FALSE(line.enter("dora"));
  for (int i = 0; i < 5; ++i) CHECK(line.enter("erik"));
  CHECK_FALSE(line.enter("carl"));
  line.leave("dora");
  CHECK(line.enter("carl"));
  CHECK_FALSE(line.enter("dora"));  // it is full
  line.leave("erik");
  CHECK(line.enter("dora"));
}

TEST(RunLine, IsForThoseWhoHaveASession) {
  GateHome home;
  const auto gate = home.open();
  CHECK_FALSE(gate->person_of("").has_value());
  CHECK_FALSE(gate->person_of(std::string(64, '0')).has_value());
  const auto admission = must_be(*gate, home.login(*gate, "dora"), "admitted");
  STRCMP_EQUAL("dora", gate->person_of(admission.session->bearer).value_or("nobody").c_str());
  const auto reading = gate->open_reading_session(home.world.card("dora").login.certificate->der());
  CHECK(reading.ok());
  CHECK_FALSE(gate->person_of(reading->bearer).has_value());
  gate->end_session(admission.session->bearer);
  CHECK_FALSE(gate->person_of(admission.session->bearer).has_value());
}

TEST_GROUP(Turns) { gate::Turns turns{1}; };

TEST(Turns, AreGivenBack) {
  for (int i = 0; i < 3; ++i) CHECK(turns.take({}) != nullptr);
}

TEST(Turns, WhoStopsWaitingHasNoneAndKeepsNobodyWaiting) {
  auto first = turns.take({});
  std::jthread stopped([&](const std::stop_token& stop) { CHECK(turns.take(stop) == nullptr); });
  std::atomic<bool> got{false};
  std::thread later([&] { got = turns.take({}) != nullptr; });
  stopped.request_stop();
  stopped.join();
  first.reset();
  later.join();
  CHECK(got);
}

TEST(Turns, ManyHaveTheirsOneAfterAnother) {
  std::atomic<int> running{0}, most{0}, had{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto turn = turns.take({});
      most = std::max(most.load(), ++running);
      std::this_thread::yield();
      --running;
      ++had;
    });
  }
  for (std::thread& thread : threads) thread.join();
  LONGS_EQUAL(8, had.load());
  LONGS_EQUAL(1, most.load());
}
