// kill -9 around every write and sync, in a child process; the parent opens what is left.
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <thread>

#include "fault_vfs.h"
#include "sceau/base/files.h"
#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

using Outcome = FaultVfs::Outcome;

// Kills this process at operation number `at`.
void kill_at(FaultVfs& vfs, std::uint64_t at, Outcome how) {
  vfs.on_operation(
      [at, how, count = std::make_shared<std::atomic<std::uint64_t>>(0)](
          FaultVfs::Operation, const std::string&) { return ++*count == at ? how : Outcome::pass; });
}

Outcome any_kill(SeededRandom& random) {
  constexpr std::array kKills{Outcome::kill_before, Outcome::kill_half_written, Outcome::kill_after};
  return kKills[random.next() % kKills.size()];
}

// What a child acknowledged: the entry's number and where it stands.
struct Acknowledged {
  std::uint64_t number, index;
};

// Runs `work` in a child, which may be killed, and gives what it wrote to the pipe until then.
std::vector<Acknowledged> in_child(const std::function<void(int pipe)>& work) {
  std::array<int, 2> ends{};
  CHECK_EQUAL(0, ::pipe(ends.data()));
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  const FileDescriptor end(ends[0]);
  std::vector<Acknowledged> out;
  for (Acknowledged one{}; ::read(end.get(), &one, sizeof one) == sizeof one;) out.push_back(one);
  int status = 0;
  CHECK_EQUAL(child, ::waitpid(child, &status, 0));
  if (WIFEXITED(status)) CHECK_EQUAL(0, WEXITSTATUS(status));
  return out;
}

void append_and_acknowledge(ledger::Ledger& ledger, std::uint64_t number, int pipe) {
  const auto index = ledger.append(entries(number, 1));
  if (!index) ::_exit(1);
  const Acknowledged one{number, *index};
  if (::write(pipe, &one, sizeof one) != sizeof one) ::_exit(2);
}

}  // namespace

TEST_GROUP(Crash) {
  Folder folder;
  FaultVfs calm{"calm"};  // fails nothing, and does not wait for the disk
  std::filesystem::path path = folder.file("ledger.db");
  std::map<std::uint64_t, std::uint64_t> acknowledged;  // index to number

  void everything_acknowledged_is_there() {
    const auto ledger = take(ledger::Ledger::open(path, signer(), {calm.name()}));
    take(check(*ledger, nullptr));
    for (const auto& [index, number] : acknowledged)
      CHECK_TRUE(entry(number).leaf == take(ledger->leaf(index)));
  }
};

TEST(Crash, KilledAt150SeededPointsNothingAcknowledgedIsLost) {
  constexpr std::uint64_t kKillsOfOneLedger = 15;  // it is checked whole after each
  std::uint64_t number = 0;
  int killed = 0;
  std::size_t all_acknowledged = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    if (seed % kKillsOfOneLedger == 0) {
      all_acknowledged += acknowledged.size();
      acknowledged.clear();
      path = folder.file("ledger-" + std::to_string(seed) + ".db");
      take(ledger::Ledger::create(path, kOrigin, signer(), {calm.name()})).reset();
    }
    SeededRandom random(seed);
    const std::uint64_t at = 1 + random.next() % 60;
    const Outcome how = any_kill(random);
    const bool threads = seed % 5 == 0;
    const auto seen = in_child([&](int pipe) {
      FaultVfs vfs("fault");
      kill_at(vfs, at, how);
      auto opened = ledger::Ledger::open(path, signer(), {vfs.name()});
      if (!opened) ::_exit(3);
      ledger::Ledger& ledger = **opened;
      std::vector<std::thread> running;
      for (std::uint64_t t = 0; t < (threads ? 3 : 1); ++t) {
        running.emplace_back([&, t] {
          for (std::uint64_t i = 0; i < 4; ++i) append_and_acknowledge(ledger, number + t * 4 + i, pipe);
        });
      }
      for (std::thread& thread : running) thread.join();
    });
    if (seen.size() < (threads ? 12U : 4U)) ++killed;
    number += 12;
    for (const Acknowledged& one : seen) CHECK_TRUE(acknowledged.emplace(one.index, one.number).second);
    everything_acknowledged_is_there();
  }
  CHECK_TRUE(killed >= 100);
  CHECK_TRUE(all_acknowledged > 100);
}

TEST(Crash, KilledWhileCreatingTheNextAttemptSucceeds) {
  for (std::uint64_t at = 1; at < 40; ++at) {
    const std::filesystem::path fresh = folder.file("new-" + std::to_string(at) + ".db");
    in_child([&](int) {
      FaultVfs vfs("fault");
      kill_at(vfs, at, at % 2 == 0 ? Outcome::kill_half_written : Outcome::kill_after);
      if (!ledger::Ledger::create(fresh, kOrigin, signer(), {vfs.name()})) ::_exit(1);
    });
    auto again = ledger::Ledger::create(fresh, kOrigin, signer(), {calm.name()});
    // It is made now, or it was made whole before the kill.
    if (!again) again = ledger::Ledger::open(fresh, signer(), {calm.name()});
    take(take(std::move(again))->append(entries(0, 1)));
  }
}

TEST(Crash, KilledWhileErasingTheOpeningIsThereOrGoneAndTheLedgerSound) {
  take(take(ledger::Ledger::create(path, kOrigin, signer(), {calm.name()}))->append(entries(0, 30)));
  for (std::uint64_t at = 1; at <= 25; ++at) {
    in_child([&](int) {
      FaultVfs vfs("fault");
      auto opened = ledger::Ledger::open(path, signer(), {vfs.name()});
      if (!opened) ::_exit(3);
      kill_at(vfs, at, Outcome::kill_after);
      (void)(*opened)->erase_opening(at);
    });
    const auto ledger = take(ledger::Ledger::open(path, signer(), {calm.name()}));
    take(check(*ledger));
    take(ledger->erase_opening(at));
    check_fails(ledger->opening(at), ErrorKind::not_found);
  }
}
