// The names of the FIDO application: its identifiers, limits, and where the store keeps each object.
#pragma once

#include "core/bytes.h"
#include "store/record.h"

namespace sceau::firmware::fido {

inline constexpr std::uint8_t kAid[] = {0xA0, 0x00, 0x00, 0x06, 0x47, 0x2F, 0x00, 0x01};

// The model: UUID 6f1d5c9e-2b6a-4c8e-9d3f-5a7b1e0c4d2a.
inline constexpr std::uint8_t kAaguid[] = {0x6F, 0x1D, 0x5C, 0x9E, 0x2B, 0x6A, 0x4C, 0x8E,
                                           0x9D, 0x3F, 0x5A, 0x7B, 0x1E, 0x0C, 0x4D, 0x2A};
inline constexpr std::uint32_t kFirmwareVersion = 1;

inline constexpr std::size_t kMaxMessage = 1200;  // bytes of a command or an answer, its first byte included
inline constexpr std::size_t kMaxCredentials = 128;
inline constexpr std::size_t kMaxListed = 8;  // credentials in a list that platforms may send
inline constexpr std::size_t kMaxCredBlob = 32;
inline constexpr std::size_t kMaxUserId = 64;
inline constexpr std::size_t kMaxName = 64;
inline constexpr std::size_t kMaxRpId = 127;  // kept of a relying party's id; longer ones are cut
inline constexpr std::size_t kMaxMinPinRelyingParties = 8;
inline constexpr std::size_t kMaxLargeBlobs = 4096;
inline constexpr std::size_t kMaxFragment = kMaxMessage - 64;

inline constexpr std::uint8_t kPinLimit = 8;          // tries in all
inline constexpr std::uint8_t kPinLimitPerPower = 3;  // wrong ones in a row before power must go
inline constexpr std::uint8_t kDefaultMinPin = 4;     // code points
inline constexpr std::size_t kMaxPin = 63;            // bytes

inline constexpr std::uint32_t kTouchWait = 30000;      // milliseconds
inline constexpr std::uint64_t kResetWindow = 10000;    // milliseconds after power-up
inline constexpr std::uint64_t kIterationWait = 30000;  // milliseconds between two steps of an iteration
inline constexpr std::uint64_t kTokenFirstUse = 30000;  // milliseconds
inline constexpr std::uint64_t kTokenLife = 600000;     // milliseconds

// COSE algorithm ES256 (RFC 9053), the one this application has.
inline constexpr int kEs256 = -7;

// Places in the store. authenticatorReset takes away kFirst to kLast; the attestation keys stay.
namespace place {
inline constexpr ObjectKey kFirst = 0x3000;
inline constexpr ObjectKey kMaster = 0x3000;
inline constexpr ObjectKey kPin = 0x3001;
inline constexpr ObjectKey kPinTries = 0x3002;
inline constexpr ObjectKey kSettings = 0x3003;
inline constexpr ObjectKey kMinPinRelyingParties = 0x3004;
inline constexpr ObjectKey kLargeBlobHead = 0x3005;
inline constexpr ObjectKey kSharedCounters = 0x3010;      // + 4 bits of the relying party's hash
inline constexpr ObjectKey kCredentials = 0x3100;         // + slot
inline constexpr ObjectKey kCredentialCounters = 0x3200;  // + slot
inline constexpr ObjectKey kLargeBlobs = 0x3300;          // + side * 0x40 + piece
inline constexpr ObjectKey kLast = 0x3FFF;
inline constexpr ObjectKey kBatchKey = 0x4000;
inline constexpr ObjectKey kBatchCertificate = 0x4001;
inline constexpr ObjectKey kDeviceKey = 0x4002;
inline constexpr ObjectKey kDeviceCertificate = 0x4003;
}  // namespace place

}  // namespace sceau::firmware::fido
