// Commands that bring a statement, show it and sign it.
#include "clearsign/clearsign.h"
#include "core/tlv.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::size_t kHeading = 32;

void write_number(std::size_t value, Writer& out) {
  std::array<std::uint8_t, 5> digits{};
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<std::uint8_t>('0' + value % 10);
    value /= 10;
  } while (value != 0 && first > 0);
  out.bytes(ByteView(digits).subspan(first));
}

// "page 2 of 5"
std::string_view write_heading(std::size_t page, std::size_t pages, ByteSpan into) {
  Writer out(into);
  out.bytes(as_bytes("page "));
  write_number(page, out);
  out.bytes(as_bytes(" of "));
  write_number(pages, out);
  return as_text(out.written());
}

}  // namespace

// P1: what it is (Load); P2: 0 the first part, 1 a further one.
StatusWord ClearSign::load(const Command& command) {
  if (command.p1 > static_cast<std::uint8_t>(Load::kEvidence) || command.p2 > 1) return sw::kWrongP1P2;
  if (command.data.empty()) return sw::kWrongLength;
  order_ = {};
  const Status status = desk_.load(static_cast<Load>(command.p1), command.p2 == 0, command.data);
  return status == Status::kInvalid ? sw::kConditions : status_word(status);
}

// P1: 0 a statement, 1 a decision; P2: the key's slot. Data: signing time (20 bytes), SHA-256 of the signer's
// certificate. Answer: 80 number of pages, 81 digest of the statement, 82 digest of its lines.
StatusWord ClearSign::prepare(const Command& command, Writer& response) {
  if (command.p1 > 1 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  if (command.data.size() != kTimeSize + kHashSize) return sw::kWrongLength;
  desk_.forget_prepared();
  const Result<Key> key = keys_.read(command.p2);
  if (!key.ok()) return status_word(key.status());
  const Result<KeyPolicy> policy = read_policy(key.value().policy.view());
  if (!policy.ok()) return sw::kMemoryFailure;
  const Result<std::int64_t> time = statement::read_time(command.data.first(kTimeSize));
  if (!time.ok()) return sw::kWrongData;
  const Status status = desk_.prepare(command.p1 == 1);
  if (status != Status::kOk) return status_word(status);
  const StatusWord allowed = check_policy(policy.value(), time.value());
  if (allowed != sw::kOk) {
    desk_.forget_prepared();
    return allowed;
  }
  order_.slot = command.p2;
  order_.touch = policy.value().touch == kTouchAlways;
  order_.seconds = time.value();
  copy(command.data.first(kTimeSize), order_.time);
  copy(command.data.subspan(kTimeSize), order_.certificate);
  TlvWriter tlv(response);
  const auto pages = static_cast<std::uint16_t>(desk_.pages());
  const std::uint8_t count[] = {static_cast<std::uint8_t>(pages >> 8U), static_cast<std::uint8_t>(pages)};
  tlv.element(0x80, count);
  tlv.element(0x81, desk_.digest());
  tlv.element(0x82, desk_.shown_digest());
  return sw::kOk;
}

// What the key may sign, and when: not after the window, nor before it by more than clocks differ.
StatusWord ClearSign::check_policy(const KeyPolicy& policy, std::int64_t signing_time) const {
  const statement::Statement& statement = desk_.signed_statement();
  const statement::Statement* request = desk_.request();
  const bool allowed = policy.allows_type(statement.type->name()) && policy.allows_content(statement) &&
                       policy.allows_window(statement) &&
                       (request == nullptr || policy.allows_content(*request));
  if (!allowed) return sw::kFunctionNotSupported;
  const bool in_time =
      signing_time >= statement.from_seconds - kClockSkew && signing_time <= statement.until_seconds;
  return in_time ? sw::kOk : sw::kFunctionNotSupported;
}

// P1 P2: the page, from 0. Answer: its lines, each with a line feed. Before the next page of a key with touch
// "always", the button says that this one was read.
StatusWord ClearSign::show(const Command& command, Writer& response) {
  if (!command.data.empty()) return sw::kWrongLength;
  const auto page = static_cast<std::size_t>((command.p1 << 8) | command.p2);
  if (!desk_.prepared()) return sw::kConditions;
  if (!pin_verified_) return sw::kSecurityStatus;
  if (page != 0 && order_.touch && !touched()) {
    board_.display({});
    desk_.forget_prepared();
    return sw::kSecurityStatus;
  }
  if (desk_.show(page, response) != Status::kOk) return sw::kConditions;
  std::array<std::uint8_t, kHeading> heading{};
  std::array<std::string_view, kPageLines + 1> lines{write_heading(page + 1, desk_.pages(), heading)};
  std::size_t count = 1;
  for (std::string_view rest = as_text(response.written()); !rest.empty() && count < lines.size(); ++count) {
    const std::size_t end = rest.find('\n');
    lines[count] = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  board_.display(std::span<const std::string_view>(lines).first(count));
  return sw::kOk;
}

// Answer: 80 the signed attributes, a DER SET OF; 81 the signature over them. Whatever happens, the desk is
// cleared: a second signature needs a second showing.
StatusWord ClearSign::sign(const Command& command, Act act, Writer& response) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  if (!desk_.all_shown()) return sw::kConditions;
  const Result<Key> key = keys_.read(order_.slot);
  if (!key.ok()) return status_word(key.status());
  const Result<KeyPolicy> policy = read_policy(key.value().policy.view());
  if (!policy.ok()) return sw::kMemoryFailure;
  const bool always = policy.value().pin == kPinAlways;
  if (!pin_verified_ || (always && !pin_fresh_)) return sw::kSecurityStatus;
  if (order_.touch && !touched()) {
    board_.display({});
    clear_desk();
    return sw::kSecurityStatus;
  }
  if (always) pin_fresh_ = false;
  TokenStatement token;
  const Result<JournalHead> head = count(act, token);
  StatusWord word = status_word(head.status());
  if (head.ok()) word = make_signature(key.value(), token, response);
  board_.display({});
  clear_desk();
  return word;
}

// Counts up and writes the journal, in one transaction; fills in what the token states.
Result<JournalHead> ClearSign::count(Act act, TokenStatement& token) {
  const Result<std::uint32_t> counter = keys_.counter(order_.slot);
  if (!counter.ok()) return counter.status();
  Entry entry;
  entry.slot = order_.slot;
  entry.act = desk_.request() != nullptr ? Act::kDecision : act;
  entry.counter = counter.value() + 1;
  entry.time = order_.seconds;
  entry.statement = desk_.digest();
  entry.shown = desk_.shown_digest();
  const Result<JournalHead> head = journal_.append(entry);
  if (!head.ok()) return head;
  token.serial = board_.serial();
  token.firmware = board_.firmware_digest();
  token.counter = entry.counter;
  token.presence = order_.touch;
  token.verified = true;
  token.shown = entry.shown;
  token.journal = head.value().hash;
  token.decides = desk_.request() != nullptr;
  token.covers = desk_.covers();
  return head;
}

StatusWord ClearSign::make_signature(const Key& key, const TokenStatement& token, Writer& response) {
  std::array<std::uint8_t, kMaxAttributes> buffer{};
  Writer attributes(buffer);
  const Status status = write_attributes(desk_.digest(), order_.certificate, order_.time, token, attributes);
  if (status != Status::kOk) return status_word(status);
  const Result<Hash> hash = sha256({attributes.written()});
  if (!hash.ok()) return status_word(hash.status());
  const Result<KeyOutput> signature = engine_.use(key.pair, hash.value());
  if (!signature.ok()) return status_word(signature.status());
  TlvWriter tlv(response);
  tlv.element(0x80, attributes.written());
  tlv.element(0x81, signature.value().view());
  return sw::kOk;
}

}  // namespace sceau::firmware::clearsign
