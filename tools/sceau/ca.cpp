#include "ca.h"

#include <algorithm>

#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/client/delivery.h"
#include "sceau/pki/crl.h"

namespace sceau::tool {
namespace {

using statement::Value;

// DER, from a file that holds it bare or as PEM.
Result<Bytes> read_der(const std::string& file) {
  auto bytes = read_file(file, 1U << 20U);
  if (!bytes) return bytes;
  const auto text = as_text(*bytes);
  const auto begin = text.find("-----BEGIN ");
  if (begin == std::string_view::npos) return bytes;
  const auto body = text.find('\n', begin);
  const auto end = text.find("-----END ", begin);
  if (body == std::string_view::npos || end == std::string_view::npos) {
    return Error{ErrorKind::invalid, file + " begins like PEM and does not end like it"};
  }
  std::string base64(text.substr(body, end - body));
  std::erase_if(base64, [](char character) { return character == '\n' || character == '\r'; });
  auto der = from_base64(base64);
  if (!der) return der.error().within(file);
  return der;
}

// Whoever signs when nobody else was named: the token with the authority's key.
std::vector<std::string> signers_or(const std::vector<std::string>& administrators, const Holder& keeper) {
  return administrators.empty() ? std::vector<std::string>{keeper.reader()} : administrators;
}

// The certificates of a token, from the registry. A list speaks of its own authority's certificates only.
Status add_revoked(Workplace& place, const pki::Certificate& authority, const std::string& serial, Time now,
                   std::vector<pki::Revoked>& revoked) {
  auto entry = registry_entry(place, "tokens", "serial", serial);
  if (!entry) return entry.error();
  auto keys = statement::array_field(*entry, "keys");
  if (!keys) return keys.error();
  auto connection = place.connect();
  if (!connection) return connection.error();
  bool issued = false;
  for (const auto& key : (*keys)->as_array()) {
    const auto digest = field_text(key, "certificate");
    if (digest.empty()) continue;
    auto der = (*connection)->gate->get_bytes("/blobs/" + digest);
    if (!der) return der.error();
    auto certificate = pki::Certificate::from_der(*der);
    if (!certificate) return certificate.error();
    if (certificate->issuer_name() != authority.subject_name()) continue;
    issued = true;
    const auto listed = std::any_of(revoked.begin(), revoked.end(), [&](const pki::Revoked& one) {
      return one.serial == certificate->serial_number();
    });
    if (!listed) revoked.push_back({certificate->serial_number(), now, pki::RevocationReason::unspecified});
  }
  if (!issued) {
    return Error{ErrorKind::invalid,
                 "no certificate of token " + serial +
                     " is this authority's: name the token with the key that issued them, or stop "
                     "it with 'sceau token revoke'"};
  }
  return {};
}

}  // namespace

Status ca_init(Workplace& place, const CaInitOptions& options) {
  auto keeper = Holder::open_card(place, options.token);
  if (!keeper) return keeper.error();
  auto key = (*keeper)->card().metadata(kAuthoritySlot);
  if (!key) {
    return Error{ErrorKind::not_found, "token " + (*keeper)->label() +
                                           " has no key in slot 83: initialise a blank "
                                           "one with 'sceau token init --authority-key'"};
  }
  auto who = (*keeper)->signatory();
  if (!who) return who.error();
  const auto sign = (*keeper)->signs_bytes(kAuthoritySlot, key->public_key);
  const Time now = place.clock.now();
  auto certificate = pki::self_sign_authority(key->public_key, {options.name, "", options.organisation},
                                              {now - 60, now + options.days * kDay}, sign, place.random);
  if (!certificate) return certificate.error();
  auto list = pki::issue_crl(*certificate, {}, 1, now - 60, now + kListDays * kDay, sign);
  if (!list) return list.error();
  return perform(
      place, {"authority.add",
              statement::Object{
                  {"certificate", certificate->digest()}, {"crl", sha256(*list)}, {"holder", who->person}},
              signers_or(options.administrators, **keeper),
              {certificate->der(), *list},
              "authority " + options.name + " is trusted, its key is in token " + (*keeper)->serial()});
}

Status ca_add(Workplace& place, const CaAddOptions& options) {
  auto authority = read_der(options.certificate);
  if (!authority) return authority.error();
  auto certificate = pki::Certificate::from_der(*authority);
  if (!certificate) return certificate.error().within(options.certificate);
  auto list = read_der(options.list);
  if (!list) return list.error();
  if (auto read = pki::Crl::from_der(*list); !read) return read.error().within(options.list);
  return perform(place, {"authority.add",
                         statement::Object{
                             {"certificate", certificate->digest()}, {"crl", sha256(*list)}, {"holder", ""}},
                         options.administrators,
                         {certificate->der(), *list},
                         "authority " + shown(certificate->subject_text()) + " is trusted"});
}

Status ca_publish(Workplace& place, const CaPublishOptions& options) {
  auto der = read_der(options.list);
  if (!der) return der.error();
  auto list = pki::Crl::from_der(*der);
  if (!list) return list.error().within(options.list);
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto authorities = statement::array_field((*connection)->state.all, "authorities");
  if (!authorities) return authorities.error();
  for (const auto& entry : (*authorities)->as_array()) {
    auto bytes = (*connection)->gate->get_bytes("/blobs/" + field_text(entry, "certificate"));
    if (!bytes) return bytes.error();
    auto authority = pki::Certificate::from_der(*bytes);
    if (!authority) return authority.error();
    if (!list->check_signature(*authority)) continue;
    return perform(
        place, {"crl.publish",
                statement::Object{
                    {"authority", authority->digest()}, {"crl", list->digest()}, {"number", list->number()}},
                options.administrators,
                {list->der()},
                "revocation list " + std::to_string(list->number()) + " of " +
                    shown(authority->subject_text()) + " is published"});
  }
  return Error{ErrorKind::not_found,
               "the list of \"" + list->issuer_text() +
                   "\" is by no authority that the registry trusts: add it with 'sceau ca add'"};
}

Status ca_issue(Workplace& place, const CaIssueOptions& options) {
  if (options.use != "sign" && options.use != "login") {
    return Error{ErrorKind::invalid, "--use is sign or login, not '" + options.use + "'"};
  }
  if (auto free = client::Delivery::check_file(options.file, true); !free) return free;
  auto der = read_der(options.request);
  if (!der) return der.error();
  auto request = pki::read_csr(*der);
  if (!request) return request.error().within(options.request);
  auto keeper = Holder::open_card(place, options.token);
  if (!keeper) return keeper.error();
  if (auto session = log_in(place, **keeper); !session) return session;
  auto person = registry_entry(place, "people", "person", options.person);
  if (!person) return person.error();
  auto authority = authority_of(place, **keeper);
  if (!authority) return authority.error();
  const Time now = place.clock.now();
  auto certificate =
      pki::issue(authority->issuer.certificate, request->spki,
                 {field_text(*person, "name"), options.person, field_text(*person, "organisation")},
                 options.use == "login" ? pki::KeyUse::login : pki::KeyUse::sign,
                 {now - 60, std::min(now + options.days * kDay, authority->issuer.certificate.not_after())},
                 authority->issuer.sign, place.random);
  if (!certificate) return certificate.error();
  if (auto written = write_file(options.file, as_bytes(certificate->to_pem())); !written) return written;
  place.output.result(statement::Object{{"certificate", certificate->digest()}, {"file", options.file}},
                      "certificate for " + options.person + " (" + options.use + ") is in " + options.file);
  return {};
}

Status ca_crl(Workplace& place, const CaCrlOptions& options) {
  auto keeper = Holder::open_card(place, options.token);
  if (!keeper) return keeper.error();
  if (!options.serials.empty()) {
    if (auto session = log_in(place, **keeper); !session) return session;
  }
  auto authority = authority_of(place, **keeper);
  if (!authority) return authority.error();
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto last_der = (*connection)->gate->get_bytes("/blobs/" + field_text(authority->entry, "crl"));
  if (!last_der) return last_der.error();
  auto last = pki::Crl::from_der(*last_der);
  if (!last) return last.error();
  auto revoked = pki::revoked_in(*last);
  const Time now = place.clock.now();
  for (const auto& serial : options.serials) {
    if (auto added = add_revoked(place, authority->issuer.certificate, serial, now, revoked); !added)
      return added;
  }
  const auto number = last->number() + 1;
  auto list = pki::issue_crl(authority->issuer.certificate, revoked, number, now, now + options.days * kDay,
                             authority->issuer.sign);
  if (!list) return list.error();
  return perform(place, {"crl.publish",
                         statement::Object{{"authority", authority->issuer.certificate.digest()},
                                           {"crl", sha256(*list)},
                                           {"number", number}},
                         signers_or(options.administrators, **keeper),
                         {*list},
                         "revocation list " + std::to_string(number) +
                             " is published: " + counted(revoked.size(), "certificate") + ", good for " +
                             counted(static_cast<std::uint64_t>(options.days), "day")});
}

}  // namespace sceau::tool
