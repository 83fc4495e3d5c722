// The names of the clear-sign application: its commands, key slots, and where the store keeps each object.
// FORMATS.md in this folder gives the bytes.
#pragma once

#include "core/bytes.h"
#include "store/record.h"

namespace sceau::firmware::clearsign {

inline constexpr std::uint8_t kAid[] = {0xF0, 0x53, 0x43, 0x45, 0x41, 0x55, 0x01};
inline constexpr std::uint8_t kFormat = 1;  // of this application's commands

inline constexpr std::uint8_t kVerify = 0x20;
inline constexpr std::uint8_t kLoad = 0x30;
inline constexpr std::uint8_t kPrepare = 0x31;
inline constexpr std::uint8_t kShow = 0x32;
inline constexpr std::uint8_t kSign = 0x33;
inline constexpr std::uint8_t kJournalHead = 0x34;
inline constexpr std::uint8_t kJournalEntry = 0x35;
inline constexpr std::uint8_t kDerive = 0x36;
inline constexpr std::uint8_t kGenerate = 0x47;
inline constexpr std::uint8_t kShares = 0x48;
inline constexpr std::uint8_t kRestore = 0x49;
inline constexpr std::uint8_t kGetCertificate = 0xCA;
inline constexpr std::uint8_t kPutCertificate = 0xDA;
inline constexpr std::uint8_t kDelete = 0xE4;
inline constexpr std::uint8_t kInformation = 0xF7;
inline constexpr std::uint8_t kAttest = 0xF9;

inline constexpr std::uint8_t kReferencePin = 0x80;
inline constexpr std::uint8_t kSlotFirst = 0xC1;
inline constexpr std::uint8_t kSlotLast = 0xC8;
constexpr bool is_key_slot(std::uint8_t slot) { return slot >= kSlotFirst && slot <= kSlotLast; }

inline constexpr std::size_t kMaxCertificate = 2048;

// 2.25 and the UUID 6f1d5c9e-2b6a-4c8e-9d3f-5a7b1e0c4d28: the token statement, a signed attribute.
inline constexpr std::uint8_t kTokenStatement[] = {0x69, 0x81, 0xDE, 0x9D, 0xAE, 0xA7, 0xC5,
                                                   0xB6, 0xD2, 0xB2, 0x9D, 0x9D, 0x9F, 0xD6,
                                                   0xCF, 0xB1, 0xF0, 0xB1, 0x9A, 0x28};
// 2.25 and the UUID 6f1d5c9e-2b6a-4c8e-9d3f-5a7b1e0c4d29: the key policy, an extension of attestations.
inline constexpr std::uint8_t kKeyPolicy[] = {0x69, 0x81, 0xDE, 0x9D, 0xAE, 0xA7, 0xC5, 0xB6, 0xD2, 0xB2,
                                              0x9D, 0x9D, 0x9F, 0xD6, 0xCF, 0xB1, 0xF0, 0xB1, 0x9A, 0x29};

// Keys and certificates lie in the range that PIV's RESET empties: who resets the PIN gets no key with it.
// Counters and journal lie outside of it and are never taken back.
namespace place {
inline constexpr ObjectKey kKeys = 0x1400;          // + slot
inline constexpr ObjectKey kCertificates = 0x1500;  // + slot
inline constexpr ObjectKey kMasters = 0x1600;       // + slot
inline constexpr ObjectKey kCounters = 0x2100;      // + slot
inline constexpr ObjectKey kJournal = 0x2200;
inline constexpr ObjectKey kEntries = 0x2300;  // + number modulo kKeptEntries
}  // namespace place

}  // namespace sceau::firmware::clearsign
