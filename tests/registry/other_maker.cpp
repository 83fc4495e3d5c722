#include "other_maker.h"

namespace sceau::test {
namespace {

constexpr Time kOneDay = 86400;

Value certified_key(const char* use, const char* slot, const CardKey& key) {
  return Object{{"use", use},
                {"slot", slot},
                {"public_key", to_base64(key.key.spki())},
                {"certificate", key.certificate->digest()}};
}

pki::Certificate make_authority(World& world, const pki::SoftwareKey& key, const std::string& name) {
  return pki::self_sign_authority(key.spki(), {name, "", "maker"},
                                  {kBegin - kOneDay, kBegin + 4000 * kOneDay}, key.signer(), world.random)
      .value();
}

}  // namespace

OtherMaker::OtherMaker(World& world, const std::string& name)
    : world_(world),
      key_(pki::SoftwareKey::generate().value()),
      authority_(make_authority(world, key_, name)),
      crl_(world.put_blob(
          pki::issue_crl(authority_, {}, 1, kBegin - kOneDay, kBegin + 3000 * kOneDay, key_.signer())
              .value())) {
  world.put_blob(authority_.der());
}

Object OtherMaker::addition() const {
  return {{"certificate", authority_.digest()}, {"crl", crl_}, {"holder", ""}};
}

Object OtherMaker::policy() const {
  Object policy = World::policy_body();
  policy["hardware_authorities"] = Array{Value(authority_.digest())};
  return policy;
}

void OtherMaker::trust() const { world_.must("authority.add", {"ada", "bea"}, addition()); }
void OtherMaker::list() const { world_.must("policy.set", {"ada", "bea"}, Object{{"policy", policy()}}); }

pki::Certificate OtherMaker::issue(const pki::SoftwareKey& key, const std::string& person,
                                   pki::KeyUse use) const {
  auto certificate = pki::issue(authority_, key.spki(), {"Person " + person, person, "maker"}, use,
                                {kBegin - kOneDay, kBegin + 700 * kOneDay}, key_.signer(), world_.random)
                         .value();
  world_.put_blob(certificate.der());
  return certificate;
}

Card OtherMaker::make_card(const std::string& person, const std::string& serial) const {
  Card card = world_.make_card(person, "1");
  card.serial = serial;
  card.sign.certificate = issue(card.sign.key, person, pki::KeyUse::sign);
  card.login.certificate = issue(card.login.key, person, pki::KeyUse::login);
  return card;
}

Value OtherMaker::token_value(const Card& card) const {
  return Object{
      {"serial", card.serial},
      {"kind", "pkcs11"},
      {"authority", authority_.digest()},
      {"keys", Array{certified_key("sign", "01", card.sign), certified_key("login", "02", card.login)}},
      {"attestation_chain", Array{}}};
}

Object OtherMaker::enrolment(const Card& card) const {
  return {{"person", card.person}, {"token", token_value(card)}};
}

}  // namespace sceau::test
