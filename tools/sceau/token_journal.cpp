// `sceau token journal`: what a token with clear-sign keys has signed, read from it and handed in.
#include <algorithm>

#include "act.h"
#include "tokens.h"

namespace sceau::tool {
namespace {

constexpr std::uint32_t kKept = 128;  // entries that a token keeps

struct TokenJournal {
  token::JournalHead head;
  std::vector<token::JournalEntry> entries;
  Bytes blob;  // the head before the first of them, then their bytes: what the gate reads
};

// All that the token keeps. `challenge` is what the head's signature is to cover.
Result<TokenJournal> read_journal(token::ClearCard& card, const Digest& challenge) {
  auto head = card.journal_head(challenge);
  if (!head) return head.error();
  TokenJournal journal{std::move(*head), {}, Bytes(sizeof(Digest), 0)};
  std::uint32_t number = 1;
  if (journal.head.count > kKept) {
    // Of the oldest only the head after it counts: what it continues is not kept.
    auto oldest = card.journal_entry(journal.head.count - kKept + 1);
    if (!oldest) return oldest.error();
    journal.blob = to_bytes(oldest->head);
    number = oldest->number + 1;
  }
  journal.entries.reserve(journal.head.count + 1 - number);
  for (; number <= journal.head.count; ++number) {
    auto entry = card.journal_entry(number);
    if (!entry) return entry.error();
    append(journal.blob, entry->bytes);
    journal.entries.push_back(std::move(*entry));
  }
  return journal;
}

const char* act_word(int act) { return act == 1 ? "statement" : act == 2 ? "decision" : "derivation"; }

std::string text_of(const TokenJournal& journal) {
  std::vector<std::vector<std::string>> rows{{"ENTRY", "SLOT", "COUNTER", "SIGNED", "WHAT", "STATEMENT"}};
  rows.reserve(journal.entries.size() + 1);
  for (const auto& entry : journal.entries) {
    rows.push_back({std::to_string(entry.number), token::clear_slot_text(entry.slot),
                    std::to_string(entry.counter), to_rfc3339(entry.time), act_word(entry.act),
                    to_hex(entry.statement).substr(0, 12)});
  }
  return journal.entries.empty() ? "" : table(rows) + "\n";
}

statement::Array values_of(const TokenJournal& journal) {
  statement::Array values;
  for (const auto& entry : journal.entries) {
    values.emplace_back(statement::Object{{"act", act_word(entry.act)},
                                          {"at", to_rfc3339(entry.time)},
                                          {"counter", static_cast<std::int64_t>(entry.counter)},
                                          {"entry", static_cast<std::int64_t>(entry.number)},
                                          {"slot", token::clear_slot_text(entry.slot)},
                                          {"statement", entry.statement}});
  }
  return values;
}

// The token's holder, unless another is named, speaks for the journal; it proves itself.
Result<std::unique_ptr<Holder>> other_signer(Workplace& place, const JournalOptions& options) {
  if (options.signer.empty()) return std::unique_ptr<Holder>();
  return Holder::open(place, options.signer);
}

}  // namespace

Status hand_in_journal(Workplace& place, const JournalOptions& options) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto holder = Holder::open_card(place, options.token);
  if (!holder) return holder.error();
  auto other = other_signer(place, options);
  if (!other) return other.error();
  auto card = (*holder)->clear_card();
  if (!card) return card.error();
  const auto position = (*connection)->position;
  place.output.step("reading the journal of " + (*holder)->label());
  auto journal = read_journal(**card, position.after.root);
  place.output.done();
  if (!journal) return journal.error();
  statement::Object body{{"count", static_cast<std::int64_t>(journal->head.count)},
                         {"head", journal->head.head},
                         {"journal", sha256(journal->blob)},
                         {"serial", (*holder)->serial()},
                         {"signature", to_base64(journal->head.signature)}};
  auto* signer = *other ? other->get() : holder->get();
  auto act = sign_act(place, position, "token.journal", std::move(body), {signer});
  if (!act) return act.error();
  auto submitted = submit(place, *act, {journal->blob});
  if (!submitted) return submitted.error();
  const auto alarms = receipt_alarms(*submitted);
  place.output.result(statement::Object{{"alarms", statement::texts(alarms)},
                                        {"entries", values_of(*journal)},
                                        {"index", receipt_index(*submitted)},
                                        {"serial", (*holder)->serial()}},
                      text_of(*journal) + "the journal of token " + (*holder)->serial() + " is handed in (" +
                          receipt_line(*submitted) + "): " +
                          (alarms.empty() ? "all that it signed is here" : counted(alarms.size(), "alarm")));
  return {};
}

}  // namespace sceau::tool
