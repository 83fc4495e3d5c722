#include "clear_sign_object.h"

#include <utility>

#include "sceau_pkcs11.h"

namespace sceau::pkcs11 {
namespace {

Object storage_of(CK_OBJECT_CLASS object_class, const std::string& what, bool is_private,
                  token::ClearSlot slot) {
  Object object;
  object.clear_slot = slot;
  object.attributes =
      storage(object_class, what + " for Clear-sign Key " + token::clear_slot_text(slot), is_private);
  put(object.attributes, CKA_ID, Bytes{slot});
  // The clear-sign application makes and deletes its keys itself, with PIN and button.
  put_flag(object.attributes, CKA_DESTROYABLE, false);
  return object;
}

// What keys of both classes have.
void put_key(Object& object, const PublicKey& key, const token::ShownKey& shown) {
  object.key = key;
  Attributes& attributes = object.attributes;
  put_number(attributes, CKA_KEY_TYPE, CKK_EC);
  put(attributes, CKA_START_DATE, ByteView());
  put(attributes, CKA_END_DATE, ByteView());
  put_flag(attributes, CKA_LOCAL, true);
  put_number(attributes, CKA_KEY_GEN_MECHANISM, CKM_EC_KEY_PAIR_GEN);
  put_number(attributes, CKA_ALLOWED_MECHANISMS, CKM_SCEAU_STATEMENT);
  put(attributes, CKA_SCEAU_KEY_POLICY, shown.policy);
  const auto certificate = read_certificate(shown.certificate);
  put(attributes, CKA_SUBJECT, certificate ? ByteView(certificate->subject) : ByteView());
  put_public_parts(attributes, key);
}

}  // namespace

bool is_clear_sign_id(ByteView id) {
  return id.size() == 1 && id[0] >= token::kFirstClearSlot && id[0] <= token::kLastClearSlot;
}

void add_clear_sign_objects(std::vector<Object>& objects, token::ClearSlot slot,
                            const token::ShownKey& shown) {
  const auto key = read_public_key(shown.public_key);
  if (!key) return;
  const auto facts = read_certificate(shown.certificate);
  Object secret = storage_of(CKO_PRIVATE_KEY, "Private key", true, slot);
  put_key(secret, *key, shown);
  put_flag(secret.attributes, CKA_SIGN, facts.has_value());
  if (facts)
    secret.signatory_size = shown.certificate.size() + facts->issuer.size() + facts->serial_number.size();
  put_flags(secret.attributes,
            {CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_AUTHENTICATE}, true);
  put_flags(secret.attributes,
            {CKA_EXTRACTABLE, CKA_DECRYPT, CKA_DERIVE, CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_WRAP_WITH_TRUSTED},
            false);
  objects.push_back(std::move(secret));
  Object open = storage_of(CKO_PUBLIC_KEY, "Public key", false, slot);
  put_key(open, *key, shown);
  put_flags(open.attributes, {CKA_VERIFY, CKA_ENCRYPT, CKA_WRAP, CKA_VERIFY_RECOVER, CKA_DERIVE, CKA_TRUSTED},
            false);
  objects.push_back(std::move(open));
  if (!facts) return;
  Object certificate = storage_of(CKO_CERTIFICATE, "Certificate", false, slot);
  fill_certificate(certificate.attributes, shown.certificate);
  objects.push_back(std::move(certificate));
}

}  // namespace sceau::pkcs11
