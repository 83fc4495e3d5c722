// Tokens of other makers: their keys and certificates are there already, and nothing attests them.
#include <algorithm>

#include "registry_view.h"
#include "sceau/pki/certificate.h"
#include "tokens.h"

namespace sceau::tool {
namespace {

using statement::Value;
using token::Slot;

constexpr std::size_t kLongestSlot = 64;

// What the key is called in the statement: its CKA_ID, which its certificate shares.
std::string key_name(const std::vector<token::ModuleCertificate>& all, const Bytes& certificate,
                     const std::string& use) {
  const auto found = std::ranges::find(all, certificate, &token::ModuleCertificate::certificate);
  auto name = found == all.end() ? std::string() : to_hex(found->id);
  if (name.empty()) return use;
  return name.substr(0, kLongestSlot);
}

// Of the authorities that the registry trusts, the issuer of this certificate; one that policy lists before
// one that it does not.
Result<pki::Certificate> issuer_of(Connection& connection, const pki::Certificate& certificate) {
  auto policy = statement::object_field(connection.state.all, "policy");
  if (!policy) return policy.error();
  const auto listed = field_text(**policy, "hardware_authorities");
  auto authorities = statement::array_field(connection.state.all, "authorities");
  if (!authorities) return authorities.error();
  std::optional<pki::Certificate> issuer;
  for (const auto& entry : (*authorities)->as_array()) {
    const auto digest = field_text(entry, "certificate");
    auto der = connection.gate->get_bytes("/blobs/" + digest);
    if (!der) return der.error();
    auto authority = pki::Certificate::from_der(*der);
    if (!authority) return authority.error();
    if (authority->subject_name() != certificate.issuer_name()) continue;
    if (!issuer || listed.find(digest) != std::string::npos) issuer = std::move(*authority);
  }
  if (issuer) return std::move(*issuer);
  return Error{ErrorKind::refused,
               "the certificate of \"" + certificate.subject_text() +
                   "\" is by no authority that the registry trusts: add it with 'sceau ca add'"};
}

struct Described {
  statement::Array keys;
  std::vector<Bytes> blobs;
};

Status describe_key(Holder& holder, const std::vector<token::ModuleCertificate>& all, Slot slot,
                    const char* use, Described& described) {
  auto who = holder.signatory(slot);
  if (!who) return who.error();
  const auto& certificate = *who->certificate;
  described.keys.emplace_back(statement::Object{{"certificate", certificate.digest()},
                                                {"public_key", to_base64(certificate.spki())},
                                                {"slot", key_name(all, certificate.der(), use)},
                                                {"use", use}});
  described.blobs.push_back(certificate.der());
  return {};
}

}  // namespace

Result<client::Enrolment> describe_module_token(Workplace& place, const std::string& token) {
  auto holder = Holder::open(place, token);
  if (!holder) return holder.error();
  const auto* module = (*holder)->module();
  if (module == nullptr) {
    return Error{
        ErrorKind::invalid,
        "token " + (*holder)->label() +
            " is a PIV card: name the file that 'sceau token init' wrote; one whose keys come from "
            "elsewhere is enrolled through OpenSC: --token 'pkcs11:serial=…?module-path=opensc-pkcs11.so'"};
  }
  if ((*holder)->serial().empty())
    return Error{ErrorKind::invalid,
                 "token " + (*holder)->label() + " has no serial number: it cannot be enrolled"};
  auto all = token::module_certificates(module->module, module->token);
  if (!all) return all.error();
  auto who = (*holder)->signatory();
  if (!who) return who.error();
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto authority = issuer_of(**connection, *who->certificate);
  if (!authority) return authority.error();
  Described described;
  if (auto sign = describe_key(**holder, *all, Slot::signature, "sign", described); !sign)
    return sign.error();
  auto login = describe_key(**holder, *all, Slot::authentication, "login", described);
  if (!login && login.error().kind != ErrorKind::not_found) return login.error();
  place.output.warning("token " + (*holder)->label() + " is not attested: the word of \"" +
                       authority->subject_text() + "\" stands for its keys");
  return client::Enrolment{who->person,
                           statement::Object{{"attestation_chain", statement::Array{}},
                                             {"authority", authority->digest()},
                                             {"keys", std::move(described.keys)},
                                             {"kind", "pkcs11"},
                                             {"serial", (*holder)->serial()}},
                           Value(), std::move(described.blobs)};
}

}  // namespace sceau::tool
