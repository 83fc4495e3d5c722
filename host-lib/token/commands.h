// Status words and templates that the PIV sources share.
#pragma once

#include <cstdint>

namespace sceau::token::status {

// ISO/IEC 7816-4, table 6.
inline constexpr std::uint16_t kTriesLeft = 0x63C0;
inline constexpr std::uint16_t kMemoryFailure = 0x6581;
inline constexpr std::uint16_t kSecurity = 0x6982;
inline constexpr std::uint16_t kBlocked = 0x6983;
inline constexpr std::uint16_t kConditions = 0x6985;
inline constexpr std::uint16_t kWrongData = 0x6A80;
inline constexpr std::uint16_t kNotFound = 0x6A82;
inline constexpr std::uint16_t kReferenceNotFound = 0x6A88;

}  // namespace sceau::token::status

namespace sceau::token::tag {

inline constexpr std::uint32_t kApplicationProperties = 0x61;
inline constexpr std::uint32_t kApplicationLabel = 0x50;
inline constexpr std::uint32_t kAuthentication = 0x7C;  // dynamic authentication template
inline constexpr std::uint32_t kWitness = 0x80;
inline constexpr std::uint32_t kChallenge = 0x81;
inline constexpr std::uint32_t kResponse = 0x82;
inline constexpr std::uint32_t kPoint = 0x85;
inline constexpr std::uint32_t kPublicKey = 0x7F49;
inline constexpr std::uint32_t kData = 0x53;
inline constexpr std::uint32_t kTagList = 0x5C;
inline constexpr std::uint32_t kCertificate = 0x70;
inline constexpr std::uint32_t kCertificateInfo = 0x71;
inline constexpr std::uint32_t kErrorDetection = 0xFE;

}  // namespace sceau::token::tag
