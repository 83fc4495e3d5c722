// The way of a statement through a clear-sign token, and the token's journal.
#include <algorithm>
#include <array>

#include "clear_hold.h"
#include "commands.h"
#include "sceau/token/trail.h"
#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::size_t kPart = 3000;  // of what LOAD brings, in one command

constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kPin = 0x80;
constexpr std::uint8_t kLoad = 0x30;
constexpr std::uint8_t kPrepare = 0x31;
constexpr std::uint8_t kShow = 0x32;
constexpr std::uint8_t kSign = 0x33;
constexpr std::uint8_t kJournalHead = 0x34;
constexpr std::uint8_t kJournalEntry = 0x35;

constexpr std::uint8_t kStatement = 0;  // WHAT of LOAD
constexpr std::uint8_t kDecision = 1;
constexpr std::uint8_t kEvidence = 2;

constexpr std::size_t kEntrySize = 82;

Digest digest_at(ByteView bytes, std::size_t at) {
  Digest digest{};
  std::copy_n(bytes.begin() + static_cast<long>(at), digest.size(), digest.begin());
  return digest;
}

std::uint64_t number_of(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  return value;
}

}  // namespace

Status ClearCard::load(std::uint8_t what, ByteView bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += kPart) {
    const std::uint8_t further = at == 0 ? 0 : 1;
    const auto part = bytes.subspan(at, std::min(kPart, bytes.size() - at));
    auto answer = ask(kLoad, what, further, part, "bringing a statement to the token");
    if (!answer) return answer.error();
  }
  return {};
}

Result<std::string> ClearCard::show_pages(std::size_t pages, const PageWatcher& watcher) {
  std::string lines;
  for (std::size_t page = 0; page < pages; ++page) {
    auto answer = ask(kShow, static_cast<std::uint8_t>(page >> 8U), static_cast<std::uint8_t>(page), {},
                      "showing a statement on the token");
    if (!answer) return answer.error();
    lines.append(as_text(*answer));
    if (watcher) watcher({page + 1, pages, to_text(*answer)});
  }
  return lines;
}

Result<ClearSignature> ClearCard::sign(const ClearOrder& order, const Secret& pin, const PageWatcher& pages) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified.error();
  return sign_held(order, pages);
}

Result<ClearSignature> ClearCard::sign_verified(const ClearOrder& order, const PageWatcher& pages) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  // Without data, VERIFY tells whether the PIN is there: a missing PIN is told from a button not pressed.
  auto verified = send(kVerify, 0x00, kPin, {});
  if (!verified) return verified.error();
  if (!verified->success())
    return Error{ErrorKind::authentication,
                 "the token in reader \"" + reader() + "\" does not hold its PIN any more: type it again"};
  return sign_held(order, pages);
}

Result<std::string> ClearCard::show_order(const ClearOrder& order, const PageWatcher& pages) {
  const std::string doing = "signing with slot " + clear_slot_text(order.slot);
  const bool decision = !order.request.empty();
  Bytes what = to_bytes(to_rfc3339(order.signing_time));
  append(what, order.certificate);
  if (auto loaded = load(kStatement, decision ? order.request : order.statement); !loaded)
    return loaded.error();
  if (decision) {
    if (auto loaded = load(kEvidence, order.evidence); !loaded) return loaded.error();
    if (auto loaded = load(kDecision, order.statement); !loaded) return loaded.error();
  }
  auto prepared = ask(kPrepare, decision ? 1 : 0, order.slot, what, doing);
  if (!prepared) return prepared.error();
  const auto count = find_element(*prepared, 0x80);
  const auto shown = find_element(*prepared, 0x82);
  if (!count || count->size() != 2 || !shown) return malformed(doing);
  auto lines = show_pages(number_of(*count), pages);
  if (!lines) return lines.error();
  const Digest digest = sha256(as_bytes(*lines));
  if (!std::equal(shown->begin(), shown->end(), digest.begin(), digest.end())) return malformed(doing);
  return lines;
}

Result<ClearSignature> ClearCard::read_signature(ByteView answer, const ClearOrder& order,
                                                 std::string lines) {
  const auto attributes = find_element(answer, 0x80);
  const auto signature = find_element(answer, 0x81);
  if (!attributes || !signature) return malformed("signing with slot " + clear_slot_text(order.slot));
  note_key_use("slot " + clear_slot_text(order.slot) + " of " + reader(), "clear-sign", order.statement);
  return ClearSignature{to_bytes(*attributes), to_bytes(*signature), std::move(lines)};
}

Result<ClearSignature> ClearCard::sign_held(const ClearOrder& order, const PageWatcher& pages) {
  auto lines = show_order(order, pages);
  if (!lines) return lines.error();
  auto made = ask(kSign, 0, 0, {}, "signing with slot " + clear_slot_text(order.slot));
  if (!made) return made.error();
  return read_signature(*made, order, std::move(*lines));
}

Result<JournalHead> ClearCard::journal_head(const Digest& challenge) {
  const std::string doing = "reading the head of the token's journal";
  auto token = information();
  if (!token) return token.error();
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  auto answer = ask(kJournalHead, 0, 0, challenge, doing);
  if (!answer) return answer.error();
  const auto count = find_element(*answer, 0x80);
  const auto hash = find_element(*answer, 0x81);
  const auto signature = find_element(*answer, 0x82);
  if (!count || count->size() != 4 || !hash || hash->size() != sizeof(Digest) || !signature)
    return malformed(doing);
  JournalHead head{
      static_cast<std::uint32_t>(number_of(*count)), digest_at(*hash, 0), {}, to_bytes(*signature)};
  head.message = to_bytes("sceau journal head v1");
  append_u32(head.message, static_cast<std::uint32_t>(std::stoull(token->serial)));
  append_u32(head.message, head.count);
  append(head.message, head.head);
  append(head.message, challenge);
  return head;
}

Result<JournalEntry> ClearCard::journal_entry(std::uint32_t number) {
  const std::string doing = "reading entry " + std::to_string(number) + " of the token's journal";
  Bytes which;
  append_u32(which, number);
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  auto answer = ask(kJournalEntry, 0, 0, which, doing);
  if (!answer) return answer.error();
  const ByteView bytes = *answer;
  if (bytes.size() != kEntrySize + sizeof(Digest) || number_of(bytes.first(4)) != number)
    return malformed(doing);
  JournalEntry entry;
  entry.number = number;
  entry.slot = bytes[4];
  entry.act = bytes[5];
  entry.counter = static_cast<std::uint32_t>(number_of(bytes.subspan(6, 4)));
  entry.time = static_cast<Time>(number_of(bytes.subspan(10, 8)));
  entry.statement = digest_at(bytes, 18);
  entry.shown = digest_at(bytes, 50);
  entry.head = digest_at(bytes, kEntrySize);
  entry.bytes = to_bytes(bytes.first(kEntrySize));
  return entry;
}

}  // namespace sceau::token
