#include "sceau/host/login.h"

#include <unistd.h>

#include <algorithm>

#include "sceau/client/author.h"
#include "sceau/client/sign.h"
#include "sceau/evidence/fido_attestation.h"
#include "sceau/evidence/verifier.h"

namespace sceau::host {
namespace {

using registry::HostCopy;

Error refused(const std::string& why) { return {ErrorKind::refused, why}; }

// The clock as it is judged here: never behind the mark.
class MarkedClock final : public Clock {
 public:
  MarkedClock(const Clock& clock, Time mark) : clock_(clock), mark_(mark) {}
  [[nodiscard]] Time now() const override { return std::max(clock_.now(), mark_); }
  [[nodiscard]] std::int64_t now_milliseconds() const override {
    return std::max(clock_.now_milliseconds(), mark_ * 1000);
  }

 private:
  const Clock& clock_;
  Time mark_;
};

Result<pki::TrustStore> trust_of(const HostCopy& copy) {
  pki::TrustStore trust;
  for (const HostCopy::Authority& one : copy.authorities) {
    auto certificate = pki::Certificate::from_der(one.certificate);
    if (!certificate) return certificate.error().within("an authority of the copy");
    if (auto added = trust.add_authority(*certificate); !added) return added.error();
    auto crl = pki::Crl::from_der(one.crl);
    if (!crl) return crl.error().within("a revocation list of the copy");
    if (auto added = trust.add_crl(*crl); !added) return added.error();
  }
  return trust;
}

Status check_clock(const Copy& copy, const Mark& mark, Time clock) {
  const Time seen = std::max(mark.time, copy.content.at);
  if (clock + kClockSlack < seen) {
    return refused("this machine's clock says " + to_rfc3339(clock) + ", and it was " + to_rfc3339(seen) +
                   " before: set the clock, and nobody logs in by card until then");
  }
  if (copy.after.size < mark.size) {
    return refused("the copy of the registry is older than one that was here: run 'sceau host refresh'");
  }
  if (std::max(clock, seen) >= copy.content.until) {
    return refused("the copy of the registry ended on " + to_rfc3339(copy.content.until) +
                   ": connect this machine and run 'sceau host refresh'");
  }
  return {};
}

}  // namespace

Result<Standing> Standing::read(const Folder& folder, const Clock& clock) {
  auto anchor = folder.anchor();
  if (!anchor) return anchor.error();
  auto copy = folder.copy(*anchor);
  if (!copy) return copy.error();
  auto mark = folder.mark();
  if (!mark) return mark.error();
  const Time now = clock.now();
  if (auto good = check_clock(*copy, *mark, now); !good) {
    // Nobody is refused for what they did: the machine is not fit to say yes.
    return Error{ErrorKind::unavailable, good.error().message};
  }
  auto trust = trust_of(copy->content);
  if (!trust) return trust.error();
  const Time judged = std::max({now, mark->time, copy->content.at});
  return Standing(std::move(*anchor), std::move(*copy), std::move(*trust), judged);
}

Status Standing::knows(std::string_view account) const {
  const auto& accounts = copy_.content.accounts;
  if (std::ranges::any_of(accounts, [&](const auto& one) { return one.account == account; })) return {};
  return Error{ErrorKind::not_found, "nobody may use the account " + std::string(account) + " of " +
                                         anchor_.host +
                                         " by card: an administrator binds it with 'sceau account add'"};
}

Status Standing::may_use(std::string_view account, std::string_view person) const {
  if (auto known = knows(account); !known) return known;
  std::optional<Error> why;
  for (const HostCopy::Account& one : copy_.content.accounts) {
    if (one.account != account || (!person.empty() && one.person != person)) continue;
    if (now_ >= one.until) {
      why = refused(one.person + "'s use of the account " + one.account + " of " + anchor_.host +
                    " ended on " + to_rfc3339(one.until));
      continue;
    }
    const auto found = std::ranges::find(copy_.content.people, one.person, &HostCopy::Person::id);
    if (found == copy_.content.people.end() || now_ >= found->until) {
      why = refused("the account of " + one.person + " in the registry has ended");
      continue;
    }
    return {};
  }
  if (why) return *why;
  return refused("the account " + std::string(account) + " of " + anchor_.host + " is not bound to " +
                 std::string(person));
}

Result<Holder> Standing::holder(const pki::Certificate& certificate, std::string_view account) const {
  auto path = pki::check_path(trust_, certificate, {}, pki::KeyUse::login, now_);
  if (!path) return path.error();
  const HostCopy::Key* key = nullptr;
  for (const HostCopy::Key& one : copy_.content.keys) {
    if (one.certificate == certificate.digest()) key = &one;
  }
  if (key == nullptr) {
    auto known = may_use(account, certificate.person());
    return known ? refused("the certificate in slot 9A is not enrolled: enrol the token") : known.error();
  }
  if (key->state != "active")
    return refused("token " + key->serial + " of " + key->person + " is " + key->state);
  if (key->person != certificate.person())
    return refused("the certificate names another person than its token");
  if (auto may = may_use(account, key->person); !may) return may.error();
  return Holder{key->person, key->serial};
}

Result<Holder> Standing::fido_holder(std::string_view serial, std::string_view account) const {
  const auto& keys = copy_.content.fido_keys;
  const auto key = std::ranges::find(keys, serial, &HostCopy::FidoKey::serial);
  if (key == keys.end()) {
    auto known = knows(account);
    return known ? refused("FIDO2 key " + std::string(serial) +
                           " is not one of this machine's people: enrol it")
                 : known.error();
  }
  if (key->state != "active")
    return refused("token " + key->serial + " of " + key->person + " is " + key->state);
  if (auto may = may_use(account, key->person); !may) return may.error();
  return Holder{key->person, key->serial};
}

Result<Bytes> LogIn::write(const Standing& standing, const Holder& holder, const LogInRequest& request) {
  const MarkedClock clock(clock_, standing.now());
  statement::Object body{{"audience", std::string(registry::kHostAudience) + standing.anchor().host},
                         {"account", request.account}};
  if (!request.service.empty()) body.emplace("service", request.service);
  return client::Author(clock, random_)
      .write({standing.anchor().realm, standing.copy().after}, "login", holder.person, std::move(body),
             kLogInWindow);
}

// Whatever the signer said of itself: these bytes, by the key that was looked at, good as of what is known
// now.
Result<Holder> LogIn::decide(const evidence::Signature& signature, ByteView statement,
                             const pki::Certificate& certificate, std::string_view account) {
  auto standing = Standing::read(folder_, clock_);
  if (!standing) return standing.error();
  evidence::Verifier verifier;
  auto verified = verifier.verify(signature, statement::digest(statement), standing->trust_,
                                  pki::KeyUse::login, standing->now());
  if (!verified) return verified.error();
  auto holder = standing->holder(verified->certificate, account);
  if (!holder) return holder;
  if (verified->certificate != certificate || signature.person != holder->person) {
    return refused("the card changed while it was used: take one card and try again");
  }
  return holder;
}

Result<Holder> LogIn::decide_fido(const evidence::Signature& signature, ByteView statement,
                                  std::string_view account) {
  auto standing = Standing::read(folder_, clock_);
  if (!standing) return standing.error();
  const HostCopy& copy = standing->copy_.content;
  auto assertion = evidence::read_assertion(signature.bytes);
  if (!assertion) return assertion.error();
  const auto key =
      std::ranges::find(copy.fido_keys, sha256(assertion->credential), &HostCopy::FidoKey::credential);
  if (key == copy.fido_keys.end()) return refused("this FIDO2 key is not enrolled: enrol it");
  const bool imported = !key->rp_id.empty();
  const evidence::RelyingParty party{imported ? key->rp_id : copy.rp_id,
                                     imported ? std::vector{key->rp_id} : copy.origins};
  auto data = evidence::verify_assertion(*assertion, statement::digest(statement), key->public_key, party);
  if (!data) return data.error();
  if (!data->user_present) return refused("the FIDO2 key was not touched: try again, and touch it");
  auto holder = standing->fido_holder(key->serial, account);
  if (!holder) return holder;
  if (signature.person != holder->person)
    return refused("the FIDO2 key was made for another person than it is enrolled for");
  return holder;
}

Result<LoggedIn> LogIn::with(const Standing& standing, token::Signer& signer, token::PinSource& pins,
                             const LogInRequest& request, const std::function<void()>& settle) {
  auto who = client::signatory(signer);
  if (!who) return who.error();
  const bool fido = !who->certificate;
  auto key = signer.key();
  if (!key) return key.error();
  auto claimed = fido ? standing.fido_holder(key->token_serial, request.account)
                      : standing.holder(*who->certificate, request.account);
  if (!claimed) return claimed.error();
  auto bytes = write(standing, *claimed, request);
  if (!bytes) return bytes.error();
  auto statement = statement::read_statement(*bytes);
  if (!statement) return statement.error();
  auto signature = client::sign_statement(signer, pins, *bytes, statement->at);
  if (!signature) return signature.error();
  if (settle) settle();
  auto holder = fido ? decide_fido(*signature, *bytes, request.account)
                     : decide(*signature, *bytes, *who->certificate, request.account);
  if (!holder) return holder.error();

  // As root the mark must rise; a screen locker cannot write it and only reads it.
  if (auto raised = folder_.raise({statement->at, standing.copy().after.size}); !raised && ::geteuid() == 0)
    return raised.error();
  const Bytes evidence = evidence::serialise({{std::move(*signature)}});
  if (auto queued = folder_.enqueue(statement->id, *bytes, evidence); !queued) return queued.error();
  return LoggedIn{std::move(*holder), statement->id};
}

}  // namespace sceau::host
