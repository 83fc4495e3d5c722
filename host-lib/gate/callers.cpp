// Whom a session stands for, and sessions that nobody's statement opened.
#include <algorithm>

#include "state.h"

namespace sceau::gate {
namespace {

// A card's session ends sooner than one that was signed for.
constexpr Time kReadingSeconds = 3600;

// The token whose key for logging in has this certificate, and its holder.
Result<SessionOwner> owner_of(const registry::Registry& registry, const pki::Certificate& certificate,
                              Time now) {
  const Digest digest = certificate.digest();
  for (const registry::Token& token : registry.tokens()) {
    const bool has = std::ranges::any_of(token.keys, [&](const registry::TokenKey& key) {
      return key.purpose == registry::KeyPurpose::login && key.certificate == digest;
    });
    if (!has || token.state != registry::TokenState::active) continue;
    SessionOwner owner{token.person, token.serial, digest,
                       now + std::min(kReadingSeconds, registry.policy().session_seconds), true};
    if (auto stands = still_stands(registry, owner, now); !stands) return stands.error();
    auto path = pki::check_path(registry.trust(), certificate, {}, pki::KeyUse::login, now);
    if (!path) return path.error();
    return owner;
  }
  return Error{ErrorKind::refused,
               "it is not the log-in certificate (slot 9A) of a token that may be used: choose that one"};
}

}  // namespace

Error reads_only(const std::string& doing) {
  return {ErrorKind::refused,
          doing + ": a session by a card's TLS certificate reads only: log in with 'sceau login'"};
}

Result<Caller> Gate::caller(std::string_view bearer) {
  const Time now = state_->recorder.now();
  auto owner = state_->sessions.find(bearer, now);
  if (!owner) return owner.error();
  if (auto ended = state_->endings.wait(owner->person); !ended) return ended.error();
  Caller caller;
  caller.person = owner->person;
  caller.reads_only = owner->reads_only;
  auto stands = state_->recorder.read([&](const registry::Registry& registry) {
    caller.auditor = registry.has_role(owner->person, registry::Role::auditor, now);
    caller.approver = registry.has_role(owner->person, registry::Role::approver, now);
    caller.administrator = registry.has_role(owner->person, registry::Role::administrator, now);
    return still_stands(registry, *owner, now);
  });
  if (!stands) {
    state_->sessions.close(bearer);
    return stands.error();
  }
  return caller;
}

std::optional<std::string> Gate::person_of(std::string_view bearer) {
  return state_->sessions.person_of(bearer);
}

void Gate::end_session(std::string_view bearer) { state_->sessions.close(bearer); }

Result<Session> Gate::open_reading_session(ByteView certificate) {
  const std::string doing = "logging in with a card's certificate";
  auto read = pki::Certificate::from_der(certificate);
  if (!read) return Error{ErrorKind::refused, doing + ": " + read.error().message};
  const Time now = state_->recorder.now();
  auto owner = state_->recorder.read(
      [&](const registry::Registry& registry) { return owner_of(registry, *read, now); });
  if (!owner) return Error{ErrorKind::refused, doing + ": " + owner.error().message};
  state_->rubbish.count("reading session by card, signed by nobody", now);
  state_->say(LogLevel::info,
              owner->person + " reads with token " + owner->serial + " (TLS, nothing signed)");
  return state_->sessions.open(std::move(*owner), state_->random());
}

bool decides_on(const Caller& caller, const std::string& person) {
  return caller.person != person && (caller.approver || caller.administrator || caller.auditor);
}

}  // namespace sceau::gate
