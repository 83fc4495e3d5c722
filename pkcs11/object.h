// Objects: the card's (made from what is known of its contents) and a session's own.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "attributes.h"
#include "certificate.h"
#include "contents.h"

namespace sceau::pkcs11 {

struct Object {
  Object() = default;
  Object(const Object&) = default;
  Object(Object&&) = default;
  Object& operator=(const Object&) = default;
  Object& operator=(Object&&) = default;
  ~Object();  // wipes the value of a secret key

  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  Attributes attributes;
  std::optional<token::Slot> slot;  // where on the card; nothing for a session's own
  std::optional<PublicKey> key;     // of a private or public key
  // Of the objects of a clear-sign key, instead of `slot`.
  std::optional<token::ClearSlot> clear_slot;
  std::size_t signatory_size = 0;  // of a clear-sign key: what a CMS file has of its certificate
  // Of a FIDO2 key, instead of both: the credential's id, and for whom it was made.
  Bytes credential;
  std::string relying_party;
  // Attributes still to be read from the card, the first time that somebody asks for one of them.
  enum class Unread : std::uint8_t { nothing, attestation, data } unread = Unread::nothing;
  std::uint32_t tag = 0;  // of a data object

  [[nodiscard]] CK_OBJECT_CLASS object_class() const {
    return number_of(attributes, CKA_CLASS).value_or(CKO_VENDOR_DEFINED);
  }
  [[nodiscard]] bool is_private() const { return flag_of(attributes, CKA_PRIVATE); }
  [[nodiscard]] bool is_sensitive() const {
    return flag_of(attributes, CKA_SENSITIVE) || !flag_of(attributes, CKA_EXTRACTABLE, true);
  }
};
using ObjectPtr = std::shared_ptr<const Object>;

// CKA_ID of a slot's objects, as OpenSC and Yubico's module number them: 1 to 4 for 9A 9C 9D 9E, 5 to 24 for
// 82..95, 25 for F9. Attestations of a key have its number and F9 behind it.
std::uint8_t slot_number(token::Slot slot);
std::optional<token::Slot> slot_of_number(std::uint8_t number);
// "PIV Authentication", "Retired Key 1": how NIST SP 800-73-5 part 1, table 4b calls the key.
std::string slot_name(token::Slot slot);

// The objects that the contents show, without handles. A profile object (PKCS#11 3.0, 4.13) stands first.
std::vector<Object> objects_of(const Contents& contents);

// Fills in what a certificate says, and what a card's attestation of a key does. False: that is no
// certificate.
bool fill_certificate(Attributes& attributes, ByteView certificate);
bool fill_attestation(Attributes& attributes, ByteView certificate);

// What a private or public key of this kind has of a public key's attributes.
void put_public_parts(Attributes& attributes, const PublicKey& key);

// PKCS#11 3.0, 4.13.
Object profile_object(CK_ULONG id);

// What objects of a card of all classes have. Nothing on the card is changed through attributes.
Attributes storage(CK_OBJECT_CLASS object_class, const std::string& label, bool is_private);
void put_flags(Attributes& attributes, std::initializer_list<CK_ATTRIBUTE_TYPE> types, bool value);

// The mechanisms that a private key can be used with, as CKA_ALLOWED_MECHANISMS.
Bytes allowed_mechanisms(const PublicKey& key);

}  // namespace sceau::pkcs11
