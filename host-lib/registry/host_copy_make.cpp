// The copy, taken out of the registry.
#include <algorithm>
#include <set>

#include "sceau/registry/host_copy.h"
#include "sceau/registry/registry.h"

namespace sceau::registry {
namespace {

void add_people(const Registry& registry, const std::set<std::string>& wanted, HostCopy& copy) {
  for (const std::string& id : wanted) {
    const Person* person = registry.person(id);
    if (person == nullptr) continue;
    copy.people.push_back({id, person->left ? std::min(*person->left, person->until) : person->until});
  }
}

// Ended and revoked ones too, so that a machine can say why it refuses.
void add_keys(const Registry& registry, const std::set<std::string>& wanted, HostCopy& copy) {
  for (const Token& token : registry.tokens()) {
    if (!wanted.contains(token.person)) continue;
    for (const TokenKey& key : token.keys) {
      const bool imported = !key.rp_id.empty();
      if (!key.credential.empty() && (!imported || key.rp_id == "pam://" + copy.host)) {
        copy.fido_keys.push_back({token.serial, token.person, std::string(token_state_text(token.state)),
                                  sha256(key.credential), key.public_key, key.rp_id,
                                  imported ? key.credential : Bytes()});
      }
      if (key.purpose != KeyPurpose::login || !key.certificate) continue;
      copy.keys.push_back(
          {token.serial, token.person, std::string(token_state_text(token.state)), *key.certificate});
    }
  }
}

}  // namespace

Result<HostCopy> make_host_copy(const Registry& registry, std::string_view host, Time now,
                                const std::function<Result<Bytes>(const Digest&)>& blob) {
  HostCopy copy;
  copy.realm = registry.realm();
  copy.host = host;
  copy.at = now;
  copy.until = now + std::max(registry.policy().offline_seconds, kShortestHostCopy);
  std::set<std::string> wanted;
  for (const AccountBinding& one : registry.accounts()) {
    if (one.host != host) continue;
    copy.accounts.push_back({one.account, one.person, one.until});
    wanted.insert(one.person);
  }
  add_people(registry, wanted, copy);
  add_keys(registry, wanted, copy);
  if (!copy.fido_keys.empty()) {
    copy.rp_id = registry.policy().rp_id;
    copy.origins = registry.policy().origins;
  }
  for (const Authority& authority : registry.authorities()) {
    auto certificate = blob(authority.certificate);
    if (!certificate) return certificate.error();
    auto crl = blob(authority.crl);
    if (!crl) return crl.error();
    copy.authorities.push_back({std::move(*certificate), std::move(*crl)});
  }
  return copy;
}

}  // namespace sceau::registry
