#include "sessions.h"

#include <algorithm>
#include <vector>

namespace sceau::gate {
namespace {

constexpr std::size_t kSessionsOfOne = 16;

Error ended(const std::string& why) {
  return {ErrorKind::authentication, "reading the session: " + why + ": log in with 'sceau login'"};
}

}  // namespace

Session Sessions::open(SessionOwner owner, Random& random) {
  const std::string bearer = to_hex(random.array<32>());
  const std::lock_guard held(mutex_);
  std::vector<std::map<Digest, SessionOwner>::iterator> hers;
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (at->second.person == owner.person) hers.push_back(at);
  }
  if (hers.size() >= kSessionsOfOne) {
    sessions_.erase(*std::min_element(hers.begin(), hers.end(), [](const auto& a, const auto& b) {
      return a->second.until < b->second.until;
    }));
  }
  Session session{bearer, owner.until, owner.person};
  sessions_.emplace(sha256(as_bytes(bearer)), std::move(owner));
  return session;
}

Result<SessionOwner> Sessions::find(std::string_view bearer, Time now) {
  const std::lock_guard held(mutex_);
  const auto found = sessions_.find(sha256(as_bytes(bearer)));
  if (found == sessions_.end()) return ended("this gate knows no such session");
  if (found->second.until <= now) {
    sessions_.erase(found);
    return ended("it has ended");
  }
  return found->second;
}

std::optional<std::string> Sessions::person_of(std::string_view bearer) {
  const std::lock_guard held(mutex_);
  const auto found = sessions_.find(sha256(as_bytes(bearer)));
  if (found == sessions_.end() || found->second.reads_only) return std::nullopt;
  return found->second.person;
}

void Sessions::close(std::string_view bearer) {
  const std::lock_guard held(mutex_);
  sessions_.erase(sha256(as_bytes(bearer)));
}

Status still_stands(const registry::Registry& registry, const SessionOwner& owner, Time now) {
  const registry::Person* person = registry.person(owner.person);
  if (person == nullptr || person->left || person->until <= now) {
    return ended("the account of " + owner.person + " has ended");
  }
  const registry::Token* token = registry.token(owner.serial);
  if (token == nullptr || token->person != owner.person || token->state != registry::TokenState::active) {
    return ended("token " + owner.serial + " may not be used any more");
  }
  const bool holds = std::any_of(token->keys.begin(), token->keys.end(), [&](const registry::TokenKey& key) {
    if (!key.credential.empty()) return sha256(key.credential) == owner.certificate;
    return key.certificate == owner.certificate;
  });
  if (!holds) return ended("the key that logged in was replaced");
  return {};
}

}  // namespace sceau::gate
