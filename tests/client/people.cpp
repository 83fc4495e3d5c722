#include "people.h"

#include <cstdlib>

namespace sceau::client::test {
namespace {

SeededRandom& randomness() {
  static SeededRandom random(2026);
  return random;
}

pki::Certificate make_authority(const pki::SoftwareKey& key) {
  return pki::self_sign_authority(key.spki(), {"Test authority", "", "fund"}, {kNow - 1000, kNow + 100000},
                                  key.signer(), randomness())
      .value();
}

pki::Certificate make_person(const pki::Certificate& authority, const pki::SoftwareKey& authority_key,
                             const pki::SoftwareKey& key) {
  return pki::issue(authority, key.spki(), {"Carol Roux", "carol", "fund"}, pki::KeyUse::sign,
                    {kNow - 500, kNow + 50000}, authority_key.signer(), randomness())
      .value();
}

}  // namespace

People::People()
    : authority_key(pki::SoftwareKey::generate().value()),
      authority(make_authority(authority_key)),
      key(pki::SoftwareKey::generate().value()),
      certificate(make_person(authority, authority_key, key)),
      crl(pki::issue_crl(authority, {}, 1, kNow - 900, kNow + 90000, authority_key.signer()).value()) {}

pki::TrustStore People::trust() const {
  pki::TrustStore store;
  (void)store.add_authority(authority);
  (void)store.add_crl(pki::Crl::from_der(crl).value());
  return store;
}

std::string People::trust_pem() const { return trust().to_pem(); }

Result<token::KeyInfo> SoftwareSigner::key() {
  token::KeyInfo info;
  info.reader = "no reader";
  info.slot = "9C";
  info.certificate = certificate_;
  return info;
}

Result<token::Signed> SoftwareSigner::sign(const token::ToSign& to_sign, token::PinSource& pins) {
  auto pin = pins.pin({"no reader", 3, "sign"});
  if (!pin) return pin.error();
  if (!pin->equals(as_bytes("246824"))) return Error{ErrorKind::authentication, "wrong PIN, 2 tries left"};
  auto signature = key_.sign(lies ? as_bytes("something else") : to_sign.attributes);
  if (!signature) return signature.error();
  return token::Signed{*signature, to_bytes(to_sign.attributes), {}};
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sceau-client-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ledger::NoteSigner log_signer(std::uint8_t seed) {
  return ledger::NoteSigner::from_seed(kRealm, Secret(Bytes(32, seed))).value();
}

}  // namespace sceau::client::test
