#include "fido.h"
#include "tokens.h"

#include <algorithm>

#include "sceau/pki/certificate.h"
#include "sceau/token/fido_user.h"

namespace sceau::tool {
namespace {

struct Seen {
  std::string person, keys, until;  // as people read them
  statement::Array list;            // of the keys, for programs
};

// {certificate, name or slot, until}
void add_key(Seen& seen, const char* what, const std::string& name, const Bytes& certificate) {
  statement::Object key{{what, name}, {"certificate", sha256(certificate)}};
  if (const auto read = pki::Certificate::from_der(certificate))
    key.emplace("until", to_rfc3339(read->not_after()));
  seen.list.emplace_back(std::move(key));
}

Seen read_keys(const token::FoundToken& found) {
  Seen seen;
  for (const auto& key : found.keys) {
    seen.keys += (seen.keys.empty() ? "" : " ") + token::slot_text(key.slot);
    add_key(seen, "slot", token::slot_text(key.slot), key.certificate);
    auto certificate = pki::Certificate::from_der(key.certificate);
    if (!certificate) continue;
    if (seen.person.empty()) seen.person = certificate->person();
    if (key.slot == token::Slot::signature) seen.until = to_rfc3339(certificate->not_after()).substr(0, 10);
  }
  return seen;
}

// The names of the keys that certificates stand for; authorities' certificates are none.
Seen read_certificates(const std::vector<token::ModuleCertificate>& certificates) {
  Seen seen;
  for (const auto& one : certificates) {
    auto certificate = pki::Certificate::from_der(one.certificate);
    if (!certificate || certificate->is_ca()) continue;
    const auto usage = certificate->key_usage().value_or(0);
    const auto name = one.label.empty() ? to_hex(one.id) : shown(one.label);
    seen.keys += (seen.keys.empty() ? "" : ", ") + name;
    add_key(seen, "name", name, one.certificate);
    if (seen.person.empty()) seen.person = certificate->person();
    if ((usage & pki::usage_non_repudiation) != 0)
      seen.until = to_rfc3339(certificate->not_after()).substr(0, 10);
  }
  return seen;
}

struct Listing {
  statement::Array items;
  std::vector<std::vector<std::string>> rows{
      {"READER", "SERIAL", "FIRMWARE", "PERSON", "KEYS", "UNTIL", "TRIES"}};
};

void list_card(Listing& listing, const token::FoundToken& one) {
  const auto seen = read_keys(one);
  const auto tries = one.tries_left ? std::to_string(*one.tries_left) : std::string();
  const std::string keys = !one.problem.empty() ? one.problem : seen.keys.empty() ? "blank" : seen.keys;
  listing.rows.push_back({shown(one.reader), one.serial, one.version, seen.person, keys, seen.until, tries});
  statement::Object item{{"firmware", one.version}, {"keys", seen.list},    {"person", seen.person},
                         {"problem", one.problem},  {"reader", one.reader}, {"serial", one.serial}};
  if (one.tries_left) item.emplace("tries_left", *one.tries_left);
  listing.items.emplace_back(std::move(item));
}

void list_module_token(Listing& listing, const token::ModuleFound& one) {
  const auto certificates = token::module_certificates(one.module, one.token);
  const auto seen = certificates ? read_certificates(*certificates) : Seen{};
  const auto problem = certificates ? std::string() : certificates.error().message;
  const std::string keys = !problem.empty() ? problem : seen.keys.empty() ? "blank" : seen.keys;
  token::TokenUri uri;
  uri.token = one.token.label;
  uri.serial = one.token.serial;
  uri.module_path = one.module->path();
  listing.rows.push_back(
      {shown(one.token.name()), one.token.serial, one.module->name(), seen.person, keys, seen.until, ""});
  listing.items.emplace_back(statement::Object{{"firmware", ""},
                                               {"keys", seen.list},
                                               {"module", one.module->path()},
                                               {"person", seen.person},
                                               {"problem", problem},
                                               {"reader", one.token.name()},
                                               {"serial", one.token.serial},
                                               {"uri", token::write_token_uri(uri)}});
}

// A key without a credential of ours is one that a card in the same reader hides: nothing to show.
bool list_fido(Listing& listing, token::FidoKey& key, const std::string& rp_id, bool alone) {
  auto information = key.information();
  auto credentials = information && !rp_id.empty()
                         ? key.credentials(rp_id)
                         : Result<std::vector<token::FidoCredential>>(std::vector<token::FidoCredential>());
  const auto problem = !information   ? information.error().message
                       : !credentials ? credentials.error().message
                                      : std::string();
  if (!alone && (!credentials || credentials->empty())) return false;
  const auto tries = information && information->tries_left ? std::to_string(*information->tries_left) : "";
  std::vector<token::FidoCredential> shown_ones(1);
  if (credentials && !credentials->empty()) shown_ones = std::move(*credentials);
  for (const auto& one : shown_ones) {
    const auto serial = one.id.empty() ? std::string() : evidence::fido_serial(one.id);
    const auto person = token::user_of(one.user);
    const std::string can = !problem.empty() ? problem : one.id.empty() ? "blank" : "log in, sign, approve";
    listing.rows.push_back({shown(key.name()), serial, "FIDO2", shown(person), can, "", tries});
    statement::Object item{{"firmware", ""},   {"keys", statement::Array{}}, {"kind", "fido2"},
                           {"person", person}, {"problem", problem},         {"reader", key.name()},
                           {"serial", serial}};
    if (information && information->tries_left) item.emplace("tries_left", *information->tries_left);
    listing.items.emplace_back(std::move(item));
  }
  return true;
}

// Without a gate nobody says which relying party's credentials are ours: keys are listed bare.
std::vector<std::string> list_fido_keys(Workplace& place, Listing& listing,
                                        const std::vector<std::string>& piv_readers) {
  std::vector<std::string> listed;
  const auto keys = fido_keys_for(place, {});
  if (keys.empty()) return listed;
  const auto rp_id = gate_relying_party(place);
  for (const auto& key : keys) {
    const bool alone = std::find(piv_readers.begin(), piv_readers.end(), key->name()) == piv_readers.end();
    if (list_fido(listing, *key, rp_id, alone)) listed.push_back(key->name());
  }
  return listed;
}

// Cards that PIV does not reach and that no module reaches are shown with their problem.
Status list_all(Workplace& place, Listing& listing) {
  auto modules = place.modules();
  if (!modules) return modules.error();
  auto readers = place.readers();
  auto found =
      readers ? token::list_tokens(*readers) : Result<std::vector<token::FoundToken>>(readers.error());
  std::vector<std::string> piv_readers;
  std::vector<token::FoundToken> others;
  for (const auto& one : found ? *found : std::vector<token::FoundToken>()) {
    if (one.kind != token::TokenKind::piv) {
      others.push_back(one);
      continue;
    }
    piv_readers.push_back(one.reader);
    list_card(listing, one);
  }
  const auto fido = list_fido_keys(place, listing, piv_readers);
  std::erase_if(others, [&fido](const auto& one) {
    return std::find(fido.begin(), fido.end(), one.reader) != fido.end();
  });
  std::vector<Error> problems;
  // Where every card is PIV and no module is named there is nothing more to find.
  const bool look = !found || !others.empty() || (*modules)->names_any();
  const auto reached = look ? (*modules)->tokens(piv_readers, &problems) : std::vector<token::ModuleFound>();
  for (const auto& one : reached) list_module_token(listing, one);
  for (const auto& one : others) {
    const auto known = std::any_of(reached.begin(), reached.end(),
                                   [&one](const auto& other) { return other.token.reader == one.reader; });
    if (!known) list_card(listing, one);
  }
  for (const auto& problem : problems) place.output.warning(problem.message);
  if (!found && listing.items.empty()) return found.error();
  return {};
}

}  // namespace

Status list_tokens(Workplace& place) {
  Listing listing;
  if (auto listed = list_all(place, listing); !listed) return listed;
  if (listing.items.empty()) {
    return Error{ErrorKind::not_found, "there is no token in any reader: insert one"};
  }
  place.output.result(statement::Object{{"tokens", std::move(listing.items)}}, table(listing.rows));
  return {};
}

}  // namespace sceau::tool
