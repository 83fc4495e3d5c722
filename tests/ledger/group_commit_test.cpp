#include <atomic>
#include <set>
#include <thread>

#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

TEST_GROUP(GroupCommit) { Folder folder; };

TEST(GroupCommit, ManyThreadsShareTransactionsAndEveryAcknowledgedEntryIsThere) {
  constexpr std::uint64_t kThreads = 8, kAppends = 40;
  const auto ledger = take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer()));
  std::vector<std::vector<std::uint64_t>> indices(kThreads);
  std::atomic<bool> failed = false;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kAppends; ++i) {
        auto index = ledger->append(entries((t * kAppends + i) * 2, 2));
        if (!index || !ledger->inclusion(*index, ledger->head()->size)) failed = true;
        if (index) indices[t].push_back(*index);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(failed);
  CHECK_EQUAL(kThreads * kAppends * 2, take(ledger->head()).size);
  std::set<std::uint64_t> seen;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    for (std::uint64_t i = 0; i < kAppends; ++i) {
      const std::uint64_t index = indices[t].at(i), number = (t * kAppends + i) * 2;
      CHECK_TRUE(seen.insert(index).second);
      CHECK_TRUE(entry(number).leaf == take(ledger->leaf(index)));
      CHECK_TRUE(entry(number + 1).leaf == take(ledger->leaf(index + 1)));
    }
  }
  CHECK_TRUE(ledger->commits() < kThreads * kAppends);
  const CheckReport report = take(check(*ledger));
  CHECK_EQUAL(ledger->commits() + 1, report.checkpoints);
}

TEST(GroupCommit, OneThreadAloneCommitsEachAppend) {
  const auto ledger = take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer()));
  for (std::uint64_t i = 0; i < 10; ++i) take(ledger->append(entries(i, 1)));
  CHECK_EQUAL(10U, ledger->commits());
}

TEST(GroupCommit, ReadersErasersAndCheckersWorkBesideAppenders) {
  const auto ledger = take(ledger::Ledger::create(folder.file("ledger.db"), kOrigin, signer()));
  take(ledger->append(entries(0, 10)));
  std::atomic<bool> stop = false, failed = false;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    for (std::uint64_t i = 0; i < 60; ++i) {
      if (!ledger->append(entries(10 + i, 1))) failed = true;
    }
    stop = true;
  });
  threads.emplace_back([&] {
    while (!stop) {
      if (!check(*ledger)) failed = true;
    }
  });
  threads.emplace_back([&] {
    while (!stop) {
      const auto receipt = ledger->receipt(3);
      if (!receipt || !verify(receipt->proof, receipt->leaf, signer().verifier())) failed = true;
      const auto blob = ledger->put_blob(as_bytes("shared"));
      if (!blob || !ledger->blob(*blob)) failed = true;
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(failed);
  take(ledger->erase_opening(4));
  CHECK_EQUAL(70U, take(check(*ledger)).head.size);
}
