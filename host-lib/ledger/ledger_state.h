// The parts of a Ledger and who may touch them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "growing_tree.h"

namespace sceau::ledger {

struct Ledger::State {
  // One append call that waits for its transaction.
  struct Waiting {
    std::vector<Entry> entries;
    std::uint64_t first = 0;
    Status status;
    bool done = false;
  };

  // Set before the ledger is handed out, and never after.
  std::filesystem::path path;
  LedgerOptions options;
  std::string origin;
  std::optional<NoteSigner> signer;  // none when open for reading only

  // The queue of group commit: whoever finds no leader leads, commits all that wait, and wakes them.
  std::mutex queue_mutex;
  std::condition_variable queue_changed;
  std::vector<Waiting*> queue;
  bool leading = false;

  // The writer: the leader, or who erases or puts.
  std::mutex write_mutex;
  std::unique_ptr<Store> store;
  GrowingTree tree;
  bool stale = false;  // a commit failed: the tree is read again before the next one

  // What is committed.
  mutable std::mutex published_mutex;
  Head head;
  std::string note;
  std::atomic<std::uint64_t> commits = 0;

  mutable std::mutex read_mutex;
  std::unique_ptr<StoreReader> reader;

  // Fills tree, head, note and origin from the store, checking them against each other. Needs write_mutex.
  Status load();
  Status commit(const std::vector<Waiting*>& batch);
  void publish(const Head& new_head, std::string new_note);
  [[nodiscard]] Status writable() const;
  [[nodiscard]] Result<Head> current() const;
  // An error unless size is at most the head's.
  [[nodiscard]] Status reached(std::uint64_t size) const;
  // Fills in the statement of a sealed opening, where there is a key for it.
  Status unseal(Opening& opening) const;
};

}  // namespace sceau::ledger
