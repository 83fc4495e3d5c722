#include "fido.h"

#include <utility>

#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/token/fido_signer.h"
#include "sceau/token/fido_user.h"

namespace sceau::tool {
namespace {

bool is_serial(const std::string& choice) { return choice.starts_with("fido2-"); }

Result<evidence::RelyingParty> party_of(Workplace& place) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto policy = statement::object_field((*connection)->state.all, "policy");
  if (!policy) return policy.error();
  return client::relying_party(**policy);
}

bool takes_unattested(Workplace& place) {
  auto connection = place.connect();
  auto policy = connection ? statement::object_field((*connection)->state.all, "policy") : connection.error();
  return policy && field_text(**policy, "fido_self_attestation") == "allow";
}

std::string describe(const std::vector<FidoToken>& tokens) {
  std::string text;
  for (const auto& one : tokens) {
    text.append(text.empty() ? "" : ", ").append(one.serial).append(" of ").append(shown(one.person));
    text.append(" on \"").append(shown(one.key->name())).append("\"");
  }
  return text;
}

// Those on the keys; a key that cannot be asked is named in `problem`.
std::vector<FidoToken> tokens_on(const std::vector<std::shared_ptr<token::FidoKey>>& keys,
                                 const std::string& rp_id, std::optional<Error>& problem) {
  std::vector<FidoToken> found;
  for (const auto& key : keys) {
    auto credentials = key->credentials(rp_id);
    if (!credentials) {
      if (!problem) problem = credentials.error();
      continue;
    }
    for (auto& one : *credentials) {
      auto serial = evidence::fido_serial(one.id);
      auto person = token::user_of(one.user);
      found.push_back({key, std::move(one), rp_id, std::move(serial), std::move(person)});
    }
  }
  return found;
}

// The one key that a credential is to be made on.
Result<std::shared_ptr<token::FidoKey>> only_key(Workplace& place, const std::string& choice) {
  auto keys = fido_keys_for(place, choice);
  if (keys.empty())
    return Error{ErrorKind::not_found, "there is no FIDO2 key" +
                                           (choice.empty() ? std::string() : " \"" + choice + "\"") +
                                           ": plug one in, or name its reader or device"};
  if (keys.size() == 1) return keys.front();
  std::string names;
  for (const auto& key : keys) names.append(names.empty() ? "\"" : ", \"").append(key->name()).append("\"");
  return Error{ErrorKind::invalid, "there are several FIDO2 keys (" + names + "): say which with --token"};
}

Result<std::shared_ptr<token::FidoKey>> key_of(Workplace& place, const std::string& serial) {
  auto found = open_fido(place, serial);
  if (!found) return found.error();
  return found->key;
}

// A key that has no PIN gets one of its holder's choice.
Status see_to_pin(token::FidoKey& key, const std::string& person, std::unique_ptr<client::TokenPins>& pins) {
  pins = std::make_unique<client::TokenPins>(key.name());
  auto information = key.information();
  if (!information) return information.error();
  if (information->pin_set || information->verifies_by_itself) return {};
  auto pin = client::ask_new_secret("PIN of token " + key.name() + ", chosen by " + person +
                                    " (4 characters or more)");
  if (!pin) return pin.error();
  if (auto set = key.set_pin(*pin); !set) return set;
  pins = std::make_unique<client::TokenPins>(key.name(), std::move(*pin));
  return {};
}

}  // namespace

std::vector<std::shared_ptr<token::FidoKey>> fido_keys_for(Workplace& place, const std::string& choice) {
  if (choice.starts_with("/")) return {std::make_shared<token::FidoKey>(choice, choice)};
  auto readers = place.readers();
  auto keys = token::fido_keys(readers ? &*readers : nullptr);
  if (choice.empty() || is_serial(choice)) return keys;
  std::erase_if(keys, [&choice](const auto& key) { return key->name().find(choice) == std::string::npos; });
  return keys;
}

std::string gate_relying_party(Workplace& place) {
  if (!place.gate_address()) return {};
  auto party = party_of(place);
  return party ? party->id : std::string();
}

Result<FidoToken> open_fido(Workplace& place, const std::string& choice) {
  const auto keys = fido_keys_for(place, choice);
  const std::string wanted = choice.empty() ? std::string() : " \"" + choice + "\"";
  if (keys.empty())
    return Error{ErrorKind::not_found, "there is no FIDO2 key" + wanted + ": plug it in and try again"};
  auto party = party_of(place);
  if (!party) return party.error();
  std::optional<Error> problem;
  auto found = tokens_on(keys, party->id, problem);
  const std::string there = found.empty() ? std::string() : "; there are " + describe(found);
  if (is_serial(choice))
    std::erase_if(found, [&choice](const FidoToken& one) { return one.serial != choice; });
  if (found.size() == 1) return std::move(found.front());
  if (found.size() > 1)
    return Error{ErrorKind::invalid,
                 "several FIDO2 credentials are here: choose one with --token: " + describe(found)};
  if (problem) return *problem;
  return Error{ErrorKind::not_found, "no FIDO2 key here holds a credential" + wanted + " for " + party->id +
                                         there + ": make one with 'sceau token init --fido2'"};
}

Status initialise_fido(Workplace& place, const TokenInitOptions& options) {
  auto key = only_key(place, options.token);
  if (!key) return key.error();
  auto party = party_of(place);
  if (!party) return party.error();
  std::unique_ptr<client::TokenPins> pins;
  if (auto ready = see_to_pin(**key, options.person, pins); !ready) return ready;
  place.output.step("making a credential on " + (*key)->name());
  const client::FidoPerson person{place.connect().value()->position.realm, options.person,
                                  token::user_handle(options.person, place.random), party->id,
                                  takes_unattested(place)};
  auto enrolment = client::make_fido_enrolment(**key, person, *pins);
  place.output.done();
  if (!enrolment) return enrolment.error();
  if (auto written = write_file(options.file, client::write_enrolment(*enrolment)); !written) return written;
  const auto serial = field_text(enrolment->token, "serial");
  place.output.result(
      statement::Object{{"file", options.file}, {"person", options.person}, {"serial", serial}},
      "FIDO2 key " + (*key)->name() + " is " + options.person + "'s token " + serial + "; enrol it with " +
          options.file);
  return {};
}

bool names_fido(const std::string& choice) { return is_serial(choice) || choice.starts_with("/"); }

Status change_fido_pin(Workplace& place, const std::string& choice) {
  auto key = is_serial(choice) ? key_of(place, choice) : only_key(place, choice);
  if (!key) return key.error();
  auto earlier = client::ask_secret("Current PIN of token " + (*key)->name() + ": ");
  if (!earlier) return earlier.error();
  auto pin = client::ask_new_secret("PIN of token " + (*key)->name() + " (4 characters or more)");
  if (!pin) return pin.error();
  if (auto changed = (*key)->change_pin(*earlier, *pin); !changed) return changed;
  place.output.result(statement::Object{{"token", (*key)->name()}},
                      "FIDO2 key " + (*key)->name() + " has its new PIN");
  return {};
}

Result<client::FidoKeys> enrolled_fido_keys(Workplace& place, bool active) {
  auto party = party_of(place);
  if (!party) return party.error();
  auto tokens = registry_list(place, "tokens");
  if (!tokens) return tokens.error();
  if (active)
    std::erase_if(*tokens, [](const statement::Value& one) { return field_text(one, "state") != "active"; });
  return client::fido_keys(std::move(*party), *tokens);
}

}  // namespace sceau::tool
