#include "outgoing.h"

#include <algorithm>
#include <cstring>

namespace sceau::gate {

void RecordCounter::update(ByteView bytes) {
  const std::uint8_t* at = bytes.data();
  const std::uint8_t* const end = at + bytes.size();
  while (at < end) {
    const auto left = static_cast<std::size_t>(end - at);
    if (quoted_) {
      const void* quote = std::memchr(at, '"', left);
      if (quote == nullptr) return;
      quoted_ = false;
      at = static_cast<const std::uint8_t*>(quote) + 1;
      continue;
    }
    // A record of unquoted fields ends at the next line feed before any quote.
    const auto* feed = static_cast<const std::uint8_t*>(std::memchr(at, '\n', left));
    const std::uint8_t* const stop = feed == nullptr ? end : feed;
    const auto* quote =
        static_cast<const std::uint8_t*>(std::memchr(at, '"', static_cast<std::size_t>(stop - at)));
    if (quote != nullptr) {
      quoted_ = true;
      at = quote + 1;
    } else {
      if (feed == nullptr) return;
      ++records_;
      at = feed + 1;
    }
  }
}

Outgoing::Outgoing(Gate::State& state, Spool spool, ResultFacts facts)
    : state_(state), spool_(std::move(spool)), facts_(std::move(facts)) {}

Outgoing::~Outgoing() { interrupt("the rows were not fetched to the end"); }

Result<Bytes> Outgoing::next() { return spool_.read(); }

void Outgoing::sent(ByteView bytes) {
  const std::lock_guard held(mutex_);
  if (ended_) return;
  sent_ += static_cast<std::int64_t>(bytes.size());
  digest_.update(bytes);
  counter_.update(bytes);
}

Status Outgoing::complete() {
  const std::lock_guard held(mutex_);
  if (ended_ || sent_ != facts_.bytes || digest_.current() != facts_.sha256) {
    return Error{ErrorKind::refused, "completing a delivery: not all of it was sent"};
  }
  ended_ = true;
  return end(facts_);
}

void Outgoing::interrupt(const std::string& reason) {
  const std::lock_guard held(mutex_);
  if (ended_) return;
  ended_ = true;
  ResultFacts facts = facts_;
  facts.outcome = "interrupted";
  facts.reason = reason;
  facts.bytes = sent_;
  facts.rows = std::max<std::int64_t>(0, counter_.records() - 1);  // the first record is the header
  facts.sha256 = digest_.current();
  (void)end(facts);  // when it cannot be written now it is owed, and tick() writes it
}

Status Outgoing::end(const ResultFacts& facts) {
  auto status = state_.record_result(facts);
  state_.release(facts.request);
  if (!status) {
    state_.say(LogLevel::alarm, "the result of request " + to_hex(facts.request) +
                                    " could not be written yet: " + status.error().message);
    return status;
  }
  state_.say(LogLevel::info, "request " + to_hex(facts.request) + " " + facts.outcome + ": " +
                                 std::to_string(facts.rows) + " rows, " + std::to_string(facts.bytes) +
                                 " bytes");
  state_.changed(facts.request);
  return {};
}

}  // namespace sceau::gate
