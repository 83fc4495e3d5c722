// The names of PIV: slots, data objects, policies, and where the store keeps each
// (NIST SP 800-73-5 part 1, 4.3 and table 3; Yubico's extensions to PIV).
#pragma once

#include "core/bytes.h"
#include "store/record.h"

namespace sceau::firmware::piv {

// AID with its version, SP 800-73-5 part 1, 2.2.
inline constexpr std::uint8_t kAid[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};

// The release of Yubico's extensions that this application speaks, as GET VERSION and attestations tell it.
inline constexpr std::uint8_t kVersion[] = {5, 7, 0};

// Algorithm identifiers, SP 800-78-5 table 9.
inline constexpr std::uint8_t kAlgorithmUnnamed = 0x00;
inline constexpr std::uint8_t kTripleDes = 0x03;
inline constexpr std::uint8_t kRsa3072 = 0x05;
inline constexpr std::uint8_t kRsa2048 = 0x07;
inline constexpr std::uint8_t kAes128 = 0x08;
inline constexpr std::uint8_t kAes192 = 0x0A;
inline constexpr std::uint8_t kAes256 = 0x0C;
inline constexpr std::uint8_t kEccP256 = 0x11;
inline constexpr std::uint8_t kEccP384 = 0x14;

// Key references.
inline constexpr std::uint8_t kSlotAuthentication = 0x9A;
inline constexpr std::uint8_t kSlotManagement = 0x9B;
inline constexpr std::uint8_t kSlotSignature = 0x9C;
inline constexpr std::uint8_t kSlotKeyManagement = 0x9D;
inline constexpr std::uint8_t kSlotCardAuthentication = 0x9E;
inline constexpr std::uint8_t kSlotRetiredFirst = 0x82;
inline constexpr std::uint8_t kSlotRetiredLast = 0x95;
inline constexpr std::uint8_t kSlotAttestation = 0xF9;
inline constexpr std::uint8_t kNoSlot = 0xFF;  // where MOVE KEY takes keys to have them deleted
inline constexpr std::uint8_t kReferencePin = 0x80;
inline constexpr std::uint8_t kReferencePuk = 0x81;

// Whether a person may have a key in this slot, generated or imported.
constexpr bool is_key_slot(std::uint8_t slot) {
  return slot == kSlotAuthentication || slot == kSlotSignature || slot == kSlotKeyManagement ||
         slot == kSlotCardAuthentication || (slot >= kSlotRetiredFirst && slot <= kSlotRetiredLast);
}

enum class PinPolicy : std::uint8_t { kNever = 1, kOnce = 2, kAlways = 3 };
enum class TouchPolicy : std::uint8_t { kNever = 1, kAlways = 2, kCached = 3 };

// Data objects with a meaning here, by tag.
inline constexpr std::uint32_t kTagDiscovery = 0x7E;
inline constexpr std::uint32_t kTagCardAuthenticationCertificate = 0x5FC101;
inline constexpr std::uint32_t kTagChuid = 0x5FC102;
inline constexpr std::uint32_t kTagFingerprints = 0x5FC103;
inline constexpr std::uint32_t kTagCapabilityContainer = 0x5FC107;
inline constexpr std::uint32_t kTagFacialImage = 0x5FC108;
inline constexpr std::uint32_t kTagPrintedInformation = 0x5FC109;
inline constexpr std::uint32_t kTagKeyHistory = 0x5FC10C;
inline constexpr std::uint32_t kTagRetiredFirst = 0x5FC10D;
inline constexpr std::uint32_t kTagRetiredLast = 0x5FC120;
inline constexpr std::uint32_t kTagIris = 0x5FC121;
inline constexpr std::uint32_t kTagLast = 0x5FC123;
inline constexpr std::uint32_t kTagAttestationCertificate = 0x5FFF01;
inline constexpr std::uint32_t kTagDirectory = 0x5FFF20;   // Sceau's own: what is on the card, for caches
inline constexpr std::uint32_t kTagShownFirst = 0x5FFFC1;  // and the keys of clear-sign, by their slots
inline constexpr std::uint32_t kTagShownLast = 0x5FFFC8;

inline constexpr std::size_t kMaxDataObject = 3072;  // bytes of content

// Places in the store. RESET takes away kFirst to kLast; the attestation key stays.
namespace place {
inline constexpr ObjectKey kFirst = 0x1000;
inline constexpr ObjectKey kPinReference = 0x1000;
inline constexpr ObjectKey kPinTries = 0x1001;
inline constexpr ObjectKey kPukReference = 0x1002;
inline constexpr ObjectKey kPukTries = 0x1003;
inline constexpr ObjectKey kManagementKey = 0x1004;
inline constexpr ObjectKey kKeys = 0x1100;           // + slot
inline constexpr ObjectKey kObjects = 0x1200;        // + last byte of the tag 5FC1xx
inline constexpr ObjectKey kVendor = 0x1300;         // + last byte of the tag 5FFFxx
inline constexpr ObjectKey kDirectoryLast = 0x15FF;  // of the keys and objects, from kKeys; clear-sign's too
inline constexpr ObjectKey kLast = 0x1FFF;
inline constexpr ObjectKey kAttestationKey = 0x2000;
inline constexpr ObjectKey kAttestationCertificate = 0x2001;
}  // namespace place

}  // namespace sceau::firmware::piv
