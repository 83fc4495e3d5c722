// What pamu2fcfg made for a machine, enrolled for logging in to it.
#include <set>

#include "accounts.h"
#include "act.h"
#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/client/u2f_mapping.h"
#include "sceau/evidence/fido_attestation.h"

namespace sceau::tool {
namespace {

using statement::Object;

// The one person who uses that account of the machine; empty: nobody, or several.
std::string person_of(const statement::Array& accounts, const std::string& host, const std::string& user) {
  std::set<std::string> people;
  for (const auto& one : accounts)
    if (field_text(one, "host") == host && field_text(one, "account") == user)
      people.insert(field_text(one, "person"));
  return people.size() == 1 ? *people.begin() : std::string();
}

statement::Value body_of(const std::string& person, const std::string& host,
                         const client::U2fCredential& one) {
  Object key{{"credential", to_base64(one.id)},
             {"public_key", to_base64(one.public_key)},
             {"rp_id", "pam://" + host},
             {"slot", "fido2"},
             {"use", "login"}};
  return Object{{"person", person},
                {"token", Object{{"attestation_chain", statement::Array{}},
                                 {"keys", statement::Array{statement::Value(std::move(key))}},
                                 {"kind", "fido2"},
                                 {"serial", evidence::fido_serial(one.id)}}}};
}

}  // namespace

Status import_u2f(Workplace& place, const U2fImportOptions& options) {
  auto bytes = read_file(options.file, client::kLargestU2fMapping);
  if (!bytes) return bytes.error();
  auto credentials = client::read_u2f_mapping(as_text(*bytes));
  if (!credentials) return credentials.error();
  auto speaker = open_logged_in(place, options.administrators.empty() ? "" : options.administrators.front());
  if (!speaker) return speaker.error();
  auto accounts = registry_list(place, "accounts");
  if (!accounts) return accounts.error();
  std::size_t imported = 0;
  for (auto& one : *credentials) {
    const std::string serial = one.id.empty() ? "a credential" : evidence::fido_serial(one.id);
    const std::string person = person_of(*accounts, options.host, one.user);
    if (one.why_not.empty() && person.empty())
      one.why_not = "no one person is bound to the account " + one.user + " of " + options.host +
                    ": 'sceau account add' does that";
    if (!one.why_not.empty()) {
      place.output.warning(serial + " of " + shown(one.user) + " is not imported: " + shown(one.why_not));
      continue;
    }
    std::string done_text = "token " + serial;
    done_text.append(" of ").append(person).append(" logs in to ").append(options.host);
    done_text.append(" as ").append(one.user).append(", without attestation");
    auto done = perform(place, {"token.enrol",
                                body_of(person, options.host, one),
                                options.administrators,
                                {},
                                std::move(done_text)});
    if (!done) return done.error().within(serial + " of " + one.user);
    ++imported;
  }
  if (imported > 0) return {};
  return Error{ErrorKind::not_found, options.file + " holds no credential that can be imported"};
}

}  // namespace sceau::tool
