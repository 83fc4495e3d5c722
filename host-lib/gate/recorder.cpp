#include "recorder.h"

#include <algorithm>
#include <set>

#include "sceau/ledger/leaf.h"

namespace sceau::gate {
namespace {

// As many entries as one transaction takes: more would only make the first ones wait.
constexpr std::size_t kLargestBatch = 256;

}  // namespace

Result<std::vector<ledger::Entry>> alone(Result<ledger::Entry> entry) {
  if (!entry) return entry.error();
  std::vector<ledger::Entry> draft;
  draft.push_back(std::move(*entry));
  return draft;
}

Recorder::Recorder(std::unique_ptr<ledger::Ledger> log, registry::Registry registry, const Clock& clock)
    : log_(std::move(log)), clock_(clock), registry_(std::move(registry)) {}

Status Recorder::load() {
  return log_->for_each(
      [this](std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening) -> Status {
        auto parsed = ledger::parse_leaf(leaf);
        if (!parsed) return parsed.error();
        newest_ = std::max(newest_, parsed->at);
        if (opening && !opening->statement.empty()) statements_.emplace(sha256(opening->statement), index);
        return {};
      });
}

std::shared_lock<std::shared_mutex> Recorder::hold() const {
  const std::lock_guard turn(turnstile_);
  return std::shared_lock(registry_mutex_);
}

std::uint64_t Recorder::epoch() const {
  const auto held = hold();
  return epoch_;
}

std::optional<std::uint64_t> Recorder::find(const Digest& statement) const {
  const auto held = hold();
  const auto found = statements_.find(statement);
  if (found == statements_.end()) return std::nullopt;
  return found->second;
}

Time Recorder::now() const {
  const auto held = hold();
  return std::max(clock_.now(), newest_);
}

Result<std::uint64_t> Recorder::record(Proposal proposal) {
  Waiting mine;
  mine.proposal = std::move(proposal);
  std::unique_lock queue(queue_mutex_);
  queue_.push_back(&mine);
  while (!mine.answer) {
    if (leading_) {
      changed_.wait(queue);
      continue;
    }
    leading_ = true;
    const std::vector<Waiting*> batch = take_batch();
    queue.unlock();
    commit(batch);
    queue.lock();
    for (Waiting* waiting : batch) {
      const Result<std::vector<ledger::Entry>>& drafted = *waiting->drafted;
      waiting->answer = drafted ? Result<std::uint64_t>(waiting->index) : drafted.error();
    }
    leading_ = false;
    changed_.notify_all();
  }
  return *mine.answer;
}

std::vector<Recorder::Waiting*> Recorder::take_batch() {
  std::vector<Waiting*> batch;
  std::set<std::string> keys;
  for (auto next = queue_.begin(); next != queue_.end() && batch.size() < kLargestBatch;) {
    const Proposal& proposal = (*next)->proposal;
    if (proposal.exclusive && !batch.empty()) break;  // nobody overtakes it
    if (!keys.insert(proposal.key).second) {
      ++next;  // its turn comes when the one before it has been applied
      continue;
    }
    batch.push_back(*next);
    next = queue_.erase(next);
    if (batch.back()->proposal.exclusive) break;
  }
  return batch;
}

void Recorder::commit(const std::vector<Waiting*>& batch) {
  // This thread alone changes the registry while it leads, so it reads without a lock.
  std::vector<Waiting*> drafted;
  const Standing standing{registry_, std::max(clock_.now(), newest_), registry_.size(), epoch_};
  for (Waiting* waiting : batch) {
    if (broken_) {
      waiting->drafted = *broken_;
      continue;
    }
    waiting->drafted = waiting->proposal.judge(standing);
    if (*waiting->drafted) drafted.push_back(waiting);
  }
  if (drafted.empty()) return;
  if (auto status = append_and_apply(drafted); !status) {
    for (Waiting* waiting : drafted) waiting->drafted = status.error();
  }
}

Status Recorder::append_and_apply(const std::vector<Waiting*>& drafted) {
  std::vector<ledger::Entry> entries;
  entries.reserve(drafted.size());
  for (Waiting* waiting : drafted) {
    for (const ledger::Entry& entry : **waiting->drafted) entries.push_back(entry);
  }
  auto first = log_->append(std::move(entries));
  if (!first) return first.error().within("writing to the ledger");

  const std::lock_guard turn(turnstile_);
  const std::unique_lock held(registry_mutex_);
  std::uint64_t index = *first;
  for (Waiting* waiting : drafted) {
    waiting->index = index;
    for (const ledger::Entry& entry : **waiting->drafted) {
      if (auto status = apply(index++, entry); !status) return stop_writing(index - 1, status.error());
    }
    if (waiting->proposal.exclusive) ++epoch_;
  }
  return {};
}

Error Recorder::stop_writing(std::uint64_t index, const Error& why) {
  broken_ =
      Error{ErrorKind::corrupt, "entry " + std::to_string(index) + " was written but does not follow (" +
                                    why.message + "): stop this gate and run 'sceau audit'"};
  return *broken_;
}

Status Recorder::apply(std::uint64_t index, const ledger::Entry& entry) {
  if (index != registry_.size()) {
    return Error{ErrorKind::corrupt, "the registry stands at entry " + std::to_string(registry_.size())};
  }
  auto record = registry::record_of(index, entry);
  if (!record) return record.error();
  newest_ = std::max(newest_, record->at);
  if (!entry.opening.statement.empty()) statements_.emplace(sha256(entry.opening.statement), index);
  return registry_.apply(*record, [this](const Digest& digest) { return log_->blob(digest); });
}

}  // namespace sceau::gate
