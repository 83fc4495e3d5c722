#include "object.h"

#include <cstring>
#include <utility>

#include "clear_sign_object.h"
#include "mechanism.h"
#include "sceau/base/secret.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::uint8_t kAttestationNumber = 25;

// What keys of both classes have.
void put_key(Attributes& attributes, token::Slot slot, const KeySlot& here, const PublicKey& key) {
  put(attributes, CKA_ID, Bytes{slot_number(slot)});
  put_number(attributes, CKA_KEY_TYPE, key.is_rsa() ? CKK_RSA : CKK_EC);
  put(attributes, CKA_START_DATE, ByteView());
  put(attributes, CKA_END_DATE, ByteView());
  const bool local = here.policies_known && here.facts.generated;
  put_flag(attributes, CKA_LOCAL, local);
  const CK_ULONG generation = key.is_rsa() ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN;
  put_number(attributes, CKA_KEY_GEN_MECHANISM, local ? generation : CK_UNAVAILABLE_INFORMATION);
  const auto certificate = read_certificate(here.certificate_der);
  put(attributes, CKA_SUBJECT, certificate ? ByteView(certificate->subject) : ByteView());
  put_public_parts(attributes, key);
}

token::PinPolicy pin_policy_of(token::Slot slot, const KeySlot& here) {
  if (here.policies_known && here.facts.pin != token::PinPolicy::standard) return here.facts.pin;
  if (slot == token::Slot::signature) return token::PinPolicy::always;
  return slot == token::Slot::card_authentication ? token::PinPolicy::never : token::PinPolicy::once;
}

Object private_key(token::Slot slot, const KeySlot& here, const PublicKey& key) {
  const token::PinPolicy pin = pin_policy_of(slot, here);
  const bool generated = here.policies_known && here.facts.generated;
  Object object;
  object.slot = slot;
  object.key = key;
  Attributes& attributes = object.attributes;
  attributes = storage(CKO_PRIVATE_KEY, "Private key for " + slot_name(slot), pin != token::PinPolicy::never);
  put_key(attributes, slot, here, key);
  put_flags(attributes, {CKA_SENSITIVE, CKA_SIGN}, true);
  put_flags(attributes, {CKA_EXTRACTABLE, CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_WRAP_WITH_TRUSTED}, false);
  put_flags(attributes, {CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}, generated);
  put_flag(attributes, CKA_DECRYPT, key.is_rsa());
  put_flag(attributes, CKA_DERIVE, !key.is_rsa());
  put_flag(attributes, CKA_ALWAYS_AUTHENTICATE, pin == token::PinPolicy::always);
  put(attributes, CKA_ALLOWED_MECHANISMS, allowed_mechanisms(key));
  return object;
}

Object public_key(token::Slot slot, const KeySlot& here, const PublicKey& key) {
  Object object;
  object.slot = slot;
  object.key = key;
  Attributes& attributes = object.attributes;
  attributes = storage(CKO_PUBLIC_KEY, "Public key for " + slot_name(slot), false);
  put_key(attributes, slot, here, key);
  put_flag(attributes, CKA_VERIFY, true);
  put_flag(attributes, CKA_ENCRYPT, key.is_rsa());
  put_flags(attributes, {CKA_WRAP, CKA_VERIFY_RECOVER, CKA_DERIVE, CKA_TRUSTED}, false);
  return object;
}

Object certificate(token::Slot slot, const KeySlot& here) {
  Object object;
  object.slot = slot;
  object.attributes = storage(CKO_CERTIFICATE, "Certificate for " + slot_name(slot), false);
  put(object.attributes, CKA_ID, Bytes{slot_number(slot)});
  fill_certificate(object.attributes, here.certificate_der);
  return object;
}

// The certificate that the card can make for a key which it generated; read when somebody asks for it.
Object attestation(token::Slot slot, ByteView known) {
  Object object;
  object.slot = slot;
  object.unread = Object::Unread::attestation;
  object.attributes = storage(CKO_CERTIFICATE, "Attestation of " + slot_name(slot), false);
  put(object.attributes, CKA_ID, Bytes{slot_number(slot), 0xF9});
  put_number(object.attributes, CKA_CERTIFICATE_TYPE, CKC_X_509);
  put_flag(object.attributes, CKA_TRUSTED, false);
  put_number(object.attributes, CKA_CERTIFICATE_CATEGORY, CK_CERTIFICATE_CATEGORY_OTHER_ENTITY);
  put_flag(object.attributes, CKA_DESTROYABLE, false);
  if (known.empty()) return object;
  object.unread = Object::Unread::nothing;
  fill_attestation(object.attributes, known);
  return object;
}

Object data_object(const DataName& name, const DataObject& known) {
  Object object;
  object.tag = name.tag;
  object.attributes = storage(CKO_DATA, name.label, known.wants_pin);
  put(object.attributes, CKA_APPLICATION, std::string_view("PIV"));
  put(object.attributes, CKA_OBJECT_ID, identifier_der(name.identifier));
  if (known.wants_pin) {
    object.unread = Object::Unread::data;
  } else {
    put(object.attributes, CKA_VALUE, known.value);
  }
  return object;
}

void add_slot(std::vector<Object>& objects, token::Slot slot, const KeySlot& here) {
  const auto key = here.key == Knowledge::present ? read_public_key(here.facts.public_key) : std::nullopt;
  if (key) {
    objects.push_back(private_key(slot, here, *key));
    objects.push_back(public_key(slot, here, *key));
  }
  if (here.certificate == Knowledge::present) objects.push_back(certificate(slot, here));
  if (key && here.policies_known && here.facts.generated)
    objects.push_back(attestation(slot, here.attestation_der));
}

}  // namespace

Object profile_object(CK_ULONG id) {
  Object object;
  Attributes& attributes = object.attributes;
  attributes = storage(CKO_PROFILE, "", false);
  put_number(attributes, CKA_PROFILE_ID, id);
  put_flag(attributes, CKA_DESTROYABLE, false);
  return object;
}

Attributes storage(CK_OBJECT_CLASS object_class, const std::string& label, bool is_private) {
  Attributes attributes;
  put_number(attributes, CKA_CLASS, object_class);
  put_flag(attributes, CKA_TOKEN, true);
  put_flag(attributes, CKA_PRIVATE, is_private);
  put_flag(attributes, CKA_MODIFIABLE, false);
  put_flag(attributes, CKA_COPYABLE, false);
  put_flag(attributes, CKA_DESTROYABLE, true);
  put(attributes, CKA_LABEL, label);
  return attributes;
}

void put_flags(Attributes& attributes, std::initializer_list<CK_ATTRIBUTE_TYPE> types, bool value) {
  for (const CK_ATTRIBUTE_TYPE type : types) put_flag(attributes, type, value);
}

Object::~Object() {
  if (attributes.empty() || object_class() != CKO_SECRET_KEY) return;
  if (const auto value = attributes.find(CKA_VALUE); value != attributes.end()) wipe(value->second);
}

std::uint8_t slot_number(token::Slot slot) {
  switch (slot) {
    case token::Slot::authentication:
      return 1;
    case token::Slot::signature:
      return 2;
    case token::Slot::key_management:
      return 3;
    case token::Slot::card_authentication:
      return 4;
    case token::Slot::attestation:
      return kAttestationNumber;
    default:
      return static_cast<std::uint8_t>(static_cast<std::uint8_t>(slot) - 0x82 + 5);
  }
}

std::optional<token::Slot> slot_of_number(std::uint8_t number) {
  if (number == kAttestationNumber) return token::Slot::attestation;
  for (const token::Slot slot : token::all_slots())
    if (slot_number(slot) == number) return slot;
  return std::nullopt;
}

std::string slot_name(token::Slot slot) {
  switch (slot) {
    case token::Slot::authentication:
      return "PIV Authentication";
    case token::Slot::signature:
      return "Digital Signature";
    case token::Slot::key_management:
      return "Key Management";
    case token::Slot::card_authentication:
      return "Card Authentication";
    case token::Slot::attestation:
      return "PIV Attestation";
    default:
      return "Retired Key " + std::to_string(static_cast<int>(slot) - 0x81);
  }
}

std::vector<Object> objects_of(const Contents& contents) {
  std::vector<Object> objects;
  for (const CK_ULONG id : {CKP_BASELINE_PROVIDER, CKP_AUTHENTICATION_TOKEN, CKP_PUBLIC_CERTIFICATES_TOKEN})
    objects.push_back(profile_object(id));
  for (const token::Slot slot : token::all_slots())
    if (const auto known = contents.slots().find(slot); known != contents.slots().end())
      add_slot(objects, slot, known->second);
  if (const auto known = contents.slots().find(token::Slot::attestation);
      known != contents.slots().end() && known->second.certificate == Knowledge::present)
    objects.push_back(certificate(token::Slot::attestation, known->second));
  for (const auto& [slot, known] : contents.clear_sign())
    if (known) add_clear_sign_objects(objects, slot, *known);
  for (const DataName& name : data_names())
    if (const auto known = contents.data().find(name.tag);
        known != contents.data().end() && known->second.known == Knowledge::present)
      objects.push_back(data_object(name, known->second));
  return objects;
}

bool fill_certificate(Attributes& attributes, ByteView der) {
  const auto facts = read_certificate(der);
  put_number(attributes, CKA_CERTIFICATE_TYPE, CKC_X_509);
  put_flag(attributes, CKA_TRUSTED, false);
  put(attributes, CKA_VALUE, der);
  if (!facts) return false;
  put_number(attributes, CKA_CERTIFICATE_CATEGORY,
             facts->is_authority ? CK_CERTIFICATE_CATEGORY_AUTHORITY : CK_CERTIFICATE_CATEGORY_TOKEN_USER);
  put(attributes, CKA_SUBJECT, facts->subject);
  put(attributes, CKA_ISSUER, facts->issuer);
  put(attributes, CKA_SERIAL_NUMBER, facts->serial_number);
  put(attributes, CKA_START_DATE, facts->not_before);
  put(attributes, CKA_END_DATE, facts->not_after);
  put(attributes, CKA_PUBLIC_KEY_INFO, facts->spki);
  put(attributes, CKA_URL, ByteView());
  return true;
}

bool fill_attestation(Attributes& attributes, ByteView certificate) {
  const bool filled = fill_certificate(attributes, certificate);
  put_number(attributes, CKA_CERTIFICATE_CATEGORY, CK_CERTIFICATE_CATEGORY_OTHER_ENTITY);
  return filled;
}

void put_public_parts(Attributes& attributes, const PublicKey& key) {
  put(attributes, CKA_PUBLIC_KEY_INFO, key.spki);
  if (key.is_rsa()) {
    put(attributes, CKA_MODULUS, key.modulus);
    put(attributes, CKA_PUBLIC_EXPONENT, key.public_exponent);
    put_number(attributes, CKA_MODULUS_BITS, key.bits());
  } else {
    put(attributes, CKA_EC_PARAMS, key.ec_parameters);
    put(attributes, CKA_EC_POINT, key.ec_point);
  }
}

Bytes allowed_mechanisms(const PublicKey& key) {
  Bytes list;
  for (const Mechanism& mechanism : mechanisms()) {
    const bool fits = mechanism.key == (key.is_rsa() ? KeyKind::rsa : KeyKind::ec);
    if (!fits || (mechanism.info.flags & (CKF_SIGN | CKF_DECRYPT | CKF_DERIVE)) == 0) continue;
    Bytes one(sizeof mechanism.type);
    std::memcpy(one.data(), &mechanism.type, sizeof mechanism.type);
    append(list, one);
  }
  return list;
}

}  // namespace sceau::pkcs11
