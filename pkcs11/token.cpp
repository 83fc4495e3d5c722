#include "token.h"

#include <utility>

#include "sceau/base/digest.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::uint32_t kChuid = 0x5FC102;

constexpr std::size_t kShortestPin = 6;
constexpr std::size_t kLongestPin = 8;

bool is_always_authenticate(const Object& key) { return flag_of(key.attributes, CKA_ALWAYS_AUTHENTICATE); }

// A management key is typed as hexadecimal digits, in either case.
std::optional<Secret> management_key(const Secret& typed) {
  std::string digits;
  for (const std::uint8_t byte : typed.view())
    digits += static_cast<char>(byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
  auto bytes = from_hex(digits);
  wipe(std::span(reinterpret_cast<std::uint8_t*>(digits.data()), digits.size()));
  if (!bytes || (bytes->size() != 16 && bytes->size() != 24 && bytes->size() != 32)) return std::nullopt;
  return Secret(std::move(*bytes));
}

}  // namespace

Token::Token(std::unique_ptr<token::Channel> channel, TokenOptions options)
    : options_(std::move(options)), card_(std::move(channel)) {}

Status Token::recognise() {
  const std::lock_guard lock(card_mutex_);
  auto selected = card_.select();
  if (selected) return {};
  if (selected.error().kind == ErrorKind::not_found)
    return Failure{CKR_TOKEN_NOT_RECOGNIZED, selected.error().message};
  return Failure{CKR_TOKEN_NOT_PRESENT, selected.error().message};
}

bool Token::present() {
  if (removed_) return false;
  const std::unique_lock lock(card_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return true;
  if (!card_.hold()) removed_ = true;
  return !removed_;
}

// The error is over: what it says about the card is not.
Failure Token::failure_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unavailable:
      if (!card_.hold()) removed_ = true;
      return {removed_ ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR, error.message};
    case ErrorKind::authentication:
      return {CKR_USER_NOT_LOGGED_IN, error.message};
    case ErrorKind::refused:
      return {CKR_FUNCTION_REJECTED, error.message};
    default:
      return {CKR_DEVICE_ERROR, error.message};
  }
}

sceau::Status Token::identify(token::PivCard& card) {
  if (identified_) return {};
  auto serial = card.serial();
  if (!serial && serial.error().kind == ErrorKind::unavailable) return serial.error();
  auto chuid = card.object(kChuid);
  if (!chuid && chuid.error().kind == ErrorKind::unavailable) return chuid.error();
  if (chuid) chuid_ = std::move(*chuid);
  serial_ = serial ? std::move(*serial) : to_hex(ByteView(sha256(chuid_)).first(8));
  // Without either, two cards could not be told apart.
  const bool known = serial || !chuid_.empty();
  if (options_.cache && known)
    if (auto cached = options_.cache->load(serial_, chuid_)) {
      contents_ = std::move(*cached);
      cached_revision_ = contents_.revision();
    }
  identified_ = true;
  return {};
}

sceau::Status Token::learn(token::PivCard& card, const Interest& interest) {
  if (auto identified = identify(card); !identified) return identified;
  if (auto learnt = contents_.learn(card, interest); !learnt) return learnt;
  if (options_.cache && !serial_.empty() && contents_.revision() != cached_revision_)
    options_.cache->store(serial_, chuid_, contents_);
  cached_revision_ = contents_.revision();
  return {};
}

Result<TokenFacts> Token::facts() {
  return with_card([&](token::PivCard& card) -> sceau::Result<TokenFacts> {
    if (auto identified = identify(card); !identified) return identified.error();
    if (!pin_state_) {
      auto state = card.pin_state();
      if (state) pin_state_ = *state;
      if (!state && state.error().kind == ErrorKind::unavailable) return state.error();
    }
    TokenFacts facts;
    facts.serial = serial_.substr(0, 16);
    facts.label = ("PIV " + serial_).substr(0, 32);
    if (pin_state_) {
      facts.tries_left = pin_state_->tries_left;
      facts.tries = pin_state_->tries;
      facts.default_pin = pin_state_->is_default;
    }
    return facts;
  });
}

void Token::session_opened(bool read_write) {
  ++sessions_;
  if (read_write) ++read_write_sessions_;
}

void Token::session_closed(bool read_write) {
  if (read_write) --read_write_sessions_;
  if (--sessions_ == 0) login_ = Login::nobody;
}

Status Token::check_new_login(Login who) const {
  if (login_ == who) return Failure{CKR_USER_ALREADY_LOGGED_IN};
  if (login_ != Login::nobody) return Failure{CKR_USER_ANOTHER_ALREADY_LOGGED_IN};
  if (who == Login::security_officer && sessions_ != read_write_sessions_)
    return Failure{CKR_SESSION_READ_ONLY_EXISTS};
  return {};
}

Status Token::log_in(Login who, const Secret& pin) {
  if (auto allowed = check_new_login(who); !allowed) return allowed;
  Status done;
  if (who == Login::user) {
    done = verify_again(pin);
  } else {
    auto key = management_key(pin);
    if (!key) return Failure{CKR_PIN_INCORRECT, "a management key is 32, 48 or 64 hexadecimal digits"};
    done = with_card([&](token::PivCard& card) -> sceau::Status {
      SystemRandom random;
      return card.authenticate(*key, random);
    });
    if (!done && done.failure().code == CKR_USER_NOT_LOGGED_IN)
      return Failure{CKR_PIN_INCORRECT, done.failure().message};
  }
  if (done) login_ = who;
  return done;
}

Status Token::verify_again(const Secret& pin) {
  // A PIN of a size that no card takes is not sent, and is as wrong as any other.
  if (pin.size() < kShortestPin || pin.size() > kLongestPin) return Failure{CKR_PIN_INCORRECT};
  bool blocked = false;
  auto verified = with_card([&](token::PivCard& card) -> sceau::Status {
    auto done = card.verify_pin(pin);
    blocked = card.tries_left() == 0;
    if (pin_state_ && card.tries_left()) pin_state_->tries_left = *card.tries_left();
    if (done && pin_state_ && pin_state_->tries) pin_state_->tries_left = *pin_state_->tries;
    if (done && pin_state_ && !pin_state_->tries)
      pin_state_.reset();  // only the card knows how many it has again
    return done;
  });
  if (verified) return verified;
  if (verified.failure().code == CKR_USER_NOT_LOGGED_IN)
    return Failure{blocked ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT, verified.failure().message};
  return verified;
}

Status Token::log_out() {
  if (login_.exchange(Login::nobody) == Login::nobody) return Failure{CKR_USER_NOT_LOGGED_IN};
  return {};
}

// A card says the same when its PIN is missing (another program, or a reset, took the log-in away) and when
// nobody touched it in time: asking whether it holds the PIN tells them apart.
template <typename Work>
auto Token::use_key(const Object& key, Work work) -> decltype(with_card(work)) {
  bool untouched = false;
  auto done = with_card([&](token::PivCard& card) {
    auto used = work(card);
    if (!used && used.error().kind == ErrorKind::authentication) {
      const auto verified = card.pin_verified();
      untouched = !key.is_private() || (verified && *verified && !is_always_authenticate(key));
    }
    return used;
  });
  if (done || done.failure().code != CKR_USER_NOT_LOGGED_IN) return done;
  if (untouched) return Failure{CKR_FUNCTION_CANCELED, done.failure().message};
  if (!is_always_authenticate(key)) login_ = Login::nobody;
  return done;
}

Result<Bytes> Token::sign_digest(const Object& key, ByteView digest) {
  const auto algorithm = key.key->algorithm;
  return use_key(key, [&](token::PivCard& card) { return card.sign_digest(*key.slot, algorithm, digest); });
}

}  // namespace sceau::pkcs11
