#include "tokens.h"

#include <algorithm>

#include "sceau/pki/certificate.h"

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
