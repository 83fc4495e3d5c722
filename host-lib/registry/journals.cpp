// Journals of clear-sign tokens: read from the token, signed by its own key, held against what is here.
//
// The head's signature covers the root that `after` names, so that it is younger than that checkpoint. The
// blob `journal` is the head before the first entry in it, then entries of 82 bytes; what they hold is in
// firmware/clearsign/FORMATS.md.
#include <algorithm>

#include "rules.h"
#include "sceau/pki/attestation.h"

namespace sceau::registry {
namespace {

constexpr std::size_t kEntrySize = 82;
constexpr std::size_t kMostEntries = 128;  // that a token keeps
constexpr std::size_t kMostAlarms = 8;     // a line each; the rest in one more

std::uint64_t number_of(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  return value;
}

Digest digest_at(ByteView bytes, std::size_t at) {
  Digest digest{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), digest.size(), digest.begin());
  return digest;
}

struct JournalEntry {
  std::uint32_t number = 0, counter = 0;
  std::string slot;  // "C1"
  Time time = 0;
  Digest statement{}, head{};  // head: after it
};

struct ReadJournal {
  std::uint32_t before = 0;  // number of the last entry that is not in it
  Digest head{};             // after that one
  std::vector<JournalEntry> entries;
};

JournalEntry read_entry(ByteView bytes, const Digest& before) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  JournalEntry entry;
  entry.number = static_cast<std::uint32_t>(number_of(bytes.first(4)));
  entry.slot = {kDigits[bytes[4] >> 4U], kDigits[bytes[4] & 0x0FU]};
  entry.counter = static_cast<std::uint32_t>(number_of(bytes.subspan(6, 4)));
  entry.time = static_cast<Time>(number_of(bytes.subspan(10, 8)));
  entry.statement = digest_at(bytes, 18);
  Bytes chained = to_bytes(before);
  append(chained, bytes);
  entry.head = sha256(chained);
  return entry;
}

// The entries, whose chain ends in `head` with number `count`.
Result<ReadJournal> read_journal(ByteView bytes, std::uint32_t count, const Digest& head) {
  const Error bad = refusal("the journal's entries do not lead to its head: read it again");
  if (bytes.size() < sizeof(Digest) || (bytes.size() - sizeof(Digest)) % kEntrySize != 0) return bad;
  const std::size_t entries = (bytes.size() - sizeof(Digest)) / kEntrySize;
  if (entries > kMostEntries || entries > count) return bad;
  ReadJournal journal{count - static_cast<std::uint32_t>(entries), digest_at(bytes, 0), {}};
  if (journal.before == 0 && journal.head != Digest{}) return bad;
  Digest last = journal.head;
  for (std::size_t i = 0; i < entries; ++i) {
    journal.entries.push_back(read_entry(bytes.subspan(sizeof(Digest) + i * kEntrySize, kEntrySize), last));
    last = journal.entries.back().head;
    if (journal.entries.back().number != journal.before + 1 + i) return bad;
  }
  if (last != head) return bad;
  return journal;
}

struct Claimed {
  std::string serial;
  std::uint32_t count = 0;
  Digest head{};
};

Claimed claimed_in(const statement::Value& body) {
  return {text_of(body, "serial"), static_cast<std::uint32_t>(int_of(body, "count")),
          digest_of(body, "head")};
}

// What the token's own key signed.
Bytes signed_message(const Claimed& claimed, const Digest& root) {
  Bytes message = to_bytes(std::string_view("sceau journal head v1"));
  const auto put = [&](std::uint64_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) message.push_back(static_cast<std::uint8_t>(value >> shift));
  };
  std::uint64_t serial = 0;
  for (const char c : claimed.serial) serial = serial * 10 + static_cast<std::uint64_t>(c - '0');
  put(serial);
  put(claimed.count);
  append(message, claimed.head);
  append(message, root);
  return message;
}

Status check_head(const Act& act, const Claimed& claimed, const Token& token) {
  auto device = certificate_blob(act.context, *token.device);
  if (!device) return device.error();
  const auto signature = from_base64(text_of(act.body(), "signature"));
  if (!signature) return signature.error();
  auto good =
      pki::check_device_signature(*device, signed_message(claimed, act.statement().after.root), *signature);
  if (!good) return good.error().within("the journal of token " + claimed.serial);
  return {};
}

Result<ReadJournal> journal_of(const Act& act, const Claimed& claimed) {
  auto bytes = act.context.blob(digest_of(act.body(), "journal"));
  if (!bytes) return refusal("the journal was not sent along: " + bytes.error().message);
  return read_journal(*bytes, claimed.count, claimed.head);
}

// The signature that entries here hold of it; null when there is none.
const ClearSigned* find_signed(const Registry::State& state, const std::string& serial,
                               const JournalEntry& entry) {
  for (const Token& token : state.tokens) {
    if (token.serial != serial) continue;
    for (const TokenKey& key : token.keys) {
      if (!key.clear_sign || key.slot != entry.slot) continue;
      const auto found = key.counters.find(entry.counter);
      if (found != key.counters.end() && found->second.statement == entry.statement) return &found->second;
    }
  }
  return nullptr;
}

// "entry 5 of the journal of token 2001 (slot C1, counter 3, 2026-11-22T09:30:00Z)"
std::string name_of(const Claimed& claimed, const JournalEntry& entry) {
  return "entry " + std::to_string(entry.number) + " of the journal of token " + claimed.serial + " (slot " +
         entry.slot + ", counter " + std::to_string(entry.counter) + ", " + to_rfc3339(entry.time) + ")";
}

// Nothing when the entry is as it must be.
std::string alarm_about(const Registry::State& state, const Claimed& claimed, const JournalEntry& entry) {
  const ClearSigned* found = find_signed(state, claimed.serial, entry);
  if (found == nullptr) {
    return name_of(claimed, entry) + " has no statement here, " + to_hex(entry.statement).substr(0, 12) +
           ": ask its holder what was signed";
  }
  if (found->journal != entry.head)
    return name_of(claimed, entry) +
           " is not the one that the token stated when it signed: suspend the token";
  return {};
}

// How this journal goes on from the one of before.
void compare_with_last(const Journaled& last, const Claimed& claimed, const ReadJournal& journal,
                       std::vector<std::string>& alarms) {
  const std::string name = "the journal of token " + claimed.serial;
  const std::string before = std::to_string(last.count) + " entries when it was last read";
  if (claimed.count < last.count) {
    alarms.push_back(name + " had " + before + " and has " + std::to_string(claimed.count) +
                     " now: the token was put back, suspend it");
    return;
  }
  if (journal.before > last.count) {
    alarms.push_back(name + " had " + before + ", and those up to " + std::to_string(journal.before) +
                     " are no longer kept: read it more often");
    return;
  }
  const std::size_t at = last.count - journal.before;
  const Digest& head = at == 0 ? journal.head : journal.entries[at - 1].head;
  if (head != last.head)
    alarms.push_back(name + " had " + before + ", and those are not in it now: suspend the token");
}

}  // namespace

Status check_token_journal(const Act& act) {
  if (auto one = need_one_signer(act); !one) return one;
  const Claimed claimed = claimed_in(act.body());
  const auto place = act.state.token_by_serial.find(claimed.serial);
  if (place == act.state.token_by_serial.end()) return refusal("no token " + claimed.serial + " is enrolled");
  const Token& token = act.state.tokens[place->second];
  const bool clear =
      std::ranges::any_of(token.keys, [](const TokenKey& key) { return key.clear_sign.has_value(); });
  if (!clear || !token.device)
    return refusal("token " + claimed.serial + " has no clear-sign key: it keeps no journal");
  if (auto head = check_head(act, claimed, token); !head) return head;
  const auto last = act.state.journals.find(claimed.serial);
  if (last != act.state.journals.end() && claimed.count < last->second.count &&
      act.statement().after.size <= last->second.entry) {
    return refusal("the journal of token " + claimed.serial + " was read before entry " +
                   std::to_string(last->second.entry) + ": read it again");
  }
  auto journal = journal_of(act, claimed);
  return journal ? Status{} : journal.error();
}

std::vector<std::string> journal_alarms(const Act& act) {
  std::vector<std::string> alarms;
  const Claimed claimed = claimed_in(act.body());
  const auto journal = journal_of(act, claimed);
  if (!journal) return alarms;  // refused before
  const auto last = act.state.journals.find(claimed.serial);
  const Journaled before = last == act.state.journals.end() ? Journaled{} : last->second;
  const std::uint32_t seen = before.count <= claimed.count ? before.count : 0;
  compare_with_last(before, claimed, *journal, alarms);
  std::size_t more = 0;
  for (const JournalEntry& entry : journal->entries) {
    if (entry.number <= seen) continue;
    std::string alarm = alarm_about(act.state, claimed, entry);
    if (alarm.empty()) continue;
    if (alarms.size() < kMostAlarms) {
      alarms.push_back(std::move(alarm));
    } else {
      ++more;
    }
  }
  if (more != 0) alarms.push_back("and " + std::to_string(more) + " more entries of that journal");
  return alarms;
}

Status apply_token_journal(const Change& change) {
  const Claimed claimed = claimed_in(change.body());
  change.state.journals.insert_or_assign(claimed.serial,
                                         Journaled{claimed.count, claimed.head, change.record.index});
  return {};
}

}  // namespace sceau::registry
