// What a FIDO2 credential looks like in PKCS#11, and what CKM_SCEAU_WEBAUTHN gives.
#include <utility>

#include "fido_token.h"
#include "sceau/evidence/fido_attestation.h"
#include "sceau_pkcs11.h"

namespace sceau::pkcs11 {
namespace {

// CTAP's canonical CBOR: a head of the shortest form, then the content.
void put_head(Bytes& out, std::uint8_t major, std::size_t size) {
  constexpr std::size_t kInHead = 24;
  constexpr std::size_t kInByte = 256;
  const auto head = [&](std::size_t low) { out.push_back(static_cast<std::uint8_t>(major << 5U | low)); };
  if (size < kInHead) {
    head(size);
  } else if (size < kInByte) {
    head(24);
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    head(25);
    append_u16(out, static_cast<std::uint16_t>(size));
  }
}

void put_bytes(Bytes& out, ByteView bytes) {
  constexpr std::uint8_t kByteString = 2;
  put_head(out, kByteString, bytes.size());
  append(out, bytes);
}

void put_text(Bytes& out, std::string_view text) {
  constexpr std::uint8_t kTextString = 3;
  put_head(out, kTextString, text.size());
  append(out, as_bytes(text));
}

Object object_of(CK_OBJECT_CLASS object_class, const std::string& what, bool is_private,
                 const std::string& relying_party, const token::FidoCredential& credential) {
  Object object;
  object.credential = credential.id;
  object.relying_party = relying_party;
  Attributes& attributes = object.attributes;
  attributes = storage(object_class, what + " of " + evidence::fido_serial(credential.id), is_private);
  put(attributes, CKA_ID, credential.id);
  put(attributes, CKA_SUBJECT, ByteView());
  put(attributes, CKA_SCEAU_RELYING_PARTY, std::string_view(relying_party));
  put(attributes, CKA_SCEAU_USER_HANDLE, credential.user);
  put_number(attributes, CKA_KEY_TYPE, CKK_EC);
  put(attributes, CKA_START_DATE, ByteView());
  put(attributes, CKA_END_DATE, ByteView());
  put_number(attributes, CKA_ALLOWED_MECHANISMS, CKM_SCEAU_WEBAUTHN);
  put_flag(attributes, CKA_DERIVE, false);
  put_flag(attributes, CKA_LOCAL, true);
  put_number(attributes, CKA_KEY_GEN_MECHANISM, CKM_EC_KEY_PAIR_GEN);
  // The key makes and deletes its credentials itself.
  put_flag(attributes, CKA_DESTROYABLE, false);
  return object;
}

// SubjectPublicKeyInfo of a point on P-256; nothing where the key told none.
std::optional<PublicKey> key_of(const token::FidoCredential& credential) {
  constexpr std::uint8_t kOctets = 0x04;
  constexpr std::size_t kPoint = 65;
  const Bytes curve{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
  if (credential.point.size() != kPoint) return std::nullopt;
  Bytes wrapped{kOctets, kPoint};
  append(wrapped, credential.point);
  return read_public_key(spki_of_point(curve, wrapped));
}

}  // namespace

void add_credential_objects(std::vector<Object>& objects, const std::string& relying_party,
                            const token::FidoCredential& credential) {
  const auto key = key_of(credential);
  Object secret = object_of(CKO_PRIVATE_KEY, "FIDO2 key", true, relying_party, credential);
  put_flags(secret.attributes,
            {CKA_SIGN, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_AUTHENTICATE},
            true);
  put_flags(secret.attributes,
            {CKA_EXTRACTABLE, CKA_DECRYPT, CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_WRAP_WITH_TRUSTED}, false);
  if (key) {
    secret.key = key;
    put_public_parts(secret.attributes, *key);
  }
  objects.push_back(std::move(secret));
  if (!key) return;
  Object open = object_of(CKO_PUBLIC_KEY, "FIDO2 public key", true, relying_party, credential);
  open.key = key;
  put_public_parts(open.attributes, *key);
  put_flags(open.attributes, {CKA_VERIFY, CKA_ENCRYPT, CKA_WRAP, CKA_VERIFY_RECOVER, CKA_TRUSTED}, false);
  objects.push_back(std::move(open));
}

Bytes write_assertion(ByteView credential, const token::FidoAnswer& answer) {
  // {1: {"id": …, "type": "public-key"}, 2: …, 3: …}
  Bytes out{0xA3, 0x01, 0xA2};
  put_text(out, "id");
  put_bytes(out, credential);
  put_text(out, "type");
  put_text(out, "public-key");
  out.push_back(0x02);
  put_bytes(out, answer.authenticator_data);
  out.push_back(0x03);
  put_bytes(out, answer.signature);
  return out;
}

}  // namespace sceau::pkcs11
