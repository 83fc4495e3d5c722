// Cards, their certificates, and the modules that reach those which are not PIV.
#include "doctor_checks.h"

namespace sceau::tool {
namespace {

constexpr Time kDay = 86400;
constexpr Time kSoon = 30 * kDay;

std::string name_of(const token::FoundToken& card) {
  return "card in " + shown(card.reader) + (card.serial.empty() ? "" : " (serial " + card.serial + ")");
}

Symptom tries_finding(const std::string& name, int tries) {
  if (tries == 0)
    return {"card", Health::bad, name + ": its PIN is blocked",
            "have it unblocked: 'sceau token unblock', with the recovery people"};
  if (tries == 1)
    return {"card", Health::note, name + ": one PIN try is left",
            "think before you type; a right PIN makes the tries whole again"};
  return {"card", Health::good, name + ": " + std::to_string(tries) + " PIN tries left", {}};
}

}  // namespace

Symptoms check_certificate(const std::string& where, const pki::Certificate& certificate, Time now) {
  const auto until = to_rfc3339(certificate.not_after()).substr(0, 10);
  const std::string whose = where + ", of " + shown(certificate.subject_text());
  if (now < certificate.not_before())
    return {{"certificate", Health::bad, whose + ": not valid before " + to_rfc3339(certificate.not_before()),
             "look at this machine's clock; if it is right, wait"}};
  if (now >= certificate.not_after())
    return {{"certificate", Health::bad, whose + ": expired on " + until,
             "get a new one: 'sceau token init' and 'sceau token renew', with an administrator"}};
  if (certificate.not_after() - now < kSoon)
    return {{"certificate", Health::note,
             whose + ": ends on " + until + ", in " +
                 counted(static_cast<std::uint64_t>((certificate.not_after() - now) / kDay), "day"),
             "renew it now, while it can still vouch for the next one: 'sceau token renew'"}};
  return {{"certificate", Health::good, whose + ": until " + until, {}}};
}

Symptoms check_card(const token::FoundToken& card, Time now) {
  const auto name = name_of(card);
  if (!card.problem.empty() && card.kind == token::TokenKind::piv)
    return {
        {"card", Health::bad, name + ": " + card.problem, "take it out, insert it again, and try once more"}};
  if (card.kind != token::TokenKind::piv)
    return {{"card", Health::note, name + " is not a PIV card",
             "OpenSC may know it; else name its maker's PKCS#11 module in client.toml: modules = "
             "[\"/path/to.so\"]"}};
  Symptoms found;
  if (card.tries_left) found.push_back(tries_finding(name, *card.tries_left));
  bool signs = false;
  for (const auto& key : card.keys) {
    const auto where = name + ", slot " + token::slot_text(key.slot);
    auto certificate = pki::Certificate::from_der(key.certificate);
    if (!certificate) {
      found.push_back(
          {"certificate", Health::bad, where + ": " + certificate.error().message, "enrol it again"});
      continue;
    }
    signs = signs || key.slot == token::Slot::signature;
    const auto more = check_certificate(where, *certificate, now);
    found.insert(found.end(), more.begin(), more.end());
  }
  if (!signs)
    found.push_back({"card", Health::bad, name + " has no certificate to sign with in slot 9C",
                     "have an administrator run 'sceau token init' and 'sceau token enrol'"});
  return found;
}

Symptoms check_modules(token::Modules& modules, const std::vector<std::string>& piv_readers, Time now) {
  Symptoms found;
  std::vector<Error> problems;
  const auto tokens = modules.tokens(piv_readers, &problems);
  for (const auto& problem : problems)
    found.push_back(
        {"module", Health::bad, problem.message, "correct 'modules' in client.toml, or install it"});
  for (const auto& one : tokens) {
    const auto name = "token " + shown(one.token.name()) + " (through " + one.module->name() + ")";
    auto certificates = token::module_certificates(one.module, one.token);
    if (!certificates) {
      found.push_back({"module", Health::bad, certificates.error().message, "insert the token again"});
      continue;
    }
    found.push_back({"module", one.token.pin_locked ? Health::bad : Health::good,
                     name + (one.token.pin_locked ? ": its PIN is blocked" : ": found"),
                     one.token.pin_locked ? "have it unblocked by who issued it" : ""});
    for (const auto& held : *certificates) {
      auto certificate = pki::Certificate::from_der(held.certificate);
      if (!certificate || certificate->is_ca()) continue;
      const auto more = check_certificate(name + ", " + shown(held.label), *certificate, now);
      found.insert(found.end(), more.begin(), more.end());
    }
  }
  return found;
}

}  // namespace sceau::tool
