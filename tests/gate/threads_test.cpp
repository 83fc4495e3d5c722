// Many at once: admission, reading and time passing side by side.
#include <CppUTest/TestHarness.h>

#include <atomic>
#include <thread>

#include "gate_home.h"
#include "sceau/ledger/check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Threads) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  static void side_by_side(int threads, const std::function<void(int)>& work) {
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) all.emplace_back(work, i);
    for (std::thread& thread : all) thread.join();
  }
};

TEST(Threads, StatementsThatComeTogetherShareTransactions) {
  constexpr int threads = 8, each = 5;
  std::vector<Signed> logins;
  for (int i = 0; i < threads * each; ++i) logins.push_back(home.login(*gate, "dora"));
  const std::uint64_t before = gate->ledger().commits();
  std::atomic<int> admitted{0};
  side_by_side(threads, [&](int thread) {
    for (int i = 0; i < each; ++i) {
      auto admission = gate->submit(
          submission_of(logins.at(static_cast<std::size_t>(thread) * each + static_cast<std::size_t>(i))));
      if (admission && admission->state == "admitted") ++admitted;
    }
  });
  LONGS_EQUAL(threads * each, admitted.load());
  CHECK(gate->ledger().commits() - before < threads * each);
  const auto verifier = ledger::NoteVerifier::parse(home.world.log).value();
  CHECK(ledger::check(gate->ledger(), &verifier).ok());
}

TEST(Threads, OneOfManyCopiesOfAStatementIsAdmitted) {
  const Signed request = home.request(*gate);
  std::atomic<int> admitted{0};
  side_by_side(6, [&](int) {
    auto admission = gate->submit(submission_of(request));
    if (admission && admission->state == "admitted") ++admitted;
  });
  LONGS_EQUAL(1, admitted.load());
}

TEST(Threads, OneOfManyFetchesGetsTheRows) {
  const Signed request = home.request(*gate);
  must_be(*gate, request, "admitted");
  const gate::Caller caller = log_in(home, *gate, "dora");
  std::atomic<int> fetched{0};
  side_by_side(4, [&](int) {
    auto delivery = gate->fetch(caller, request.digest());
    if (!delivery) return;
    ++fetched;
    receive(**delivery);
    if (!(*delivery)->complete()) fetched = 100;
  });
  LONGS_EQUAL(1, fetched.load());
  LONGS_EQUAL(1, count(*gate, "extraction.result"));
}

TEST(Threads, ReadingGoesOnWhileStatementsComeAndTimePasses) {
  std::vector<Signed> requests;
  for (int i = 0; i < 12; ++i) requests.push_back(home.request(*gate));
  const gate::Caller caller = log_in(home, *gate, "ada");
  std::atomic<bool> done{false};
  std::atomic<int> good{0};
  std::thread reader([&] {
    while (!done) {
      if (gate->state_document() && gate->registry_document("people")) ++good;
      (void)gate->requests(caller, "");
      gate->tick();
    }
  });
  side_by_side(3, [&](int thread) {
    for (std::size_t i = 0; i < 4; ++i) {
      (void)gate->submit(submission_of(requests[static_cast<std::size_t>(thread) * 4 + i]));
    }
  });
  done = true;
  reader.join();
  CHECK(good > 0);
  LONGS_EQUAL(12, gate->requests(caller, "").size());
}

TEST(Threads, ARevocationBetweenSignatureAndEntryIsSeen) {
  std::vector<Signed> logins;
  for (int i = 0; i < 20; ++i) logins.push_back(home.login(*gate, "dora"));
  const Signed revoke =
      home.write(*gate, "token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "lost"}});
  side_by_side(3, [&](int thread) {
    if (thread == 2) {
      (void)gate->submit(submission_of(revoke));
      return;
    }
    for (std::size_t i = 0; i < 10; ++i) {
      (void)gate->submit(submission_of(logins[static_cast<std::size_t>(thread) * 10 + i]));
    }
  });
  // No log-in after the revocation's entry was admitted.
  bool revoked = false, late = false;
  CHECK(gate->ledger()
            .for_each([&](std::uint64_t index, ByteView leaf,
                          const std::optional<ledger::Opening>& opening) -> Status {
              const auto record = registry::read_record(index, leaf, opening).value();
              if (record.type == "token.revoke") revoked = true;
              if (record.type == "login" && revoked && record.verdict->state == "admitted") late = true;
              return {};
            })
            .ok());
  CHECK(revoked);
  CHECK(!late);
}
