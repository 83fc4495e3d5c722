// The bytes of a page header and of a record, as the specification at the head of store.h gives them.
#pragma once

#include "core/bytes.h"
#include "crypto/aes.h"

namespace sceau::firmware {

using ObjectKey = std::uint16_t;

inline constexpr std::size_t kPageHeader = 32;
inline constexpr std::size_t kRecordHeader = 20;  // the state word included
inline constexpr std::size_t kRecordState = 16;   // offset of the state word
inline constexpr std::size_t kPartSize = 528;     // of a value, in one record
inline constexpr std::uint32_t kStateWritten = 0xFFFFFFFF;
inline constexpr std::uint32_t kStateInForce = 0x0000FFFF;
inline constexpr std::uint32_t kStateGone = 0;

constexpr std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

struct RecordHeader {
  enum class Kind : std::uint8_t { kValue = 1, kRemoval = 2 };

  std::uint16_t length = 0;  // of the plain part
  Kind kind = Kind::kValue;
  bool last = false;  // of its transaction
  ObjectKey key = 0;
  std::uint8_t part = 0;
  std::uint8_t parts = 0;
  ObjectKey last_key = 0;  // removal: the end of its range
  std::uint32_t transaction = 0;

  // Bytes of the whole record.
  std::size_t size() const {
    return kind == Kind::kRemoval ? kRecordHeader : kRecordHeader + kSealNonce + padded(length) + kSealTag;
  }
};

inline constexpr std::size_t kMaxRecord = kRecordHeader + kSealNonce + kPartSize + kSealTag;
inline constexpr std::size_t kAssociated = 12;  // bytes of the header that bind a value to its place

struct Record {
  RecordHeader header;
  std::uint32_t state = 0;
  std::size_t size = 0;

  bool in_force() const { return state == kStateInForce; }
  // Written, or on its way to be in force: no bit of the lower half cleared.
  bool pending() const { return !in_force() && (state & 0xFFFF) == 0xFFFF; }
};

using RecordHeaderBytes = std::array<std::uint8_t, kRecordHeader>;
using PageHeaderBytes = std::array<std::uint8_t, kPageHeader>;

RecordHeaderBytes encode(const RecordHeader& header);  // with the state "written"
// size 0 when the checksum, the kind or the length is wrong.
Record decode(const RecordHeaderBytes& bytes);

PageHeaderBytes encode_page_header(std::uint32_t erased);
// Whether it is one; then `erased` is set.
bool decode_page_header(const PageHeaderBytes& bytes, std::uint32_t& erased);

// The "source" word of a page header, and the page that it names (-1: none).
std::uint32_t encode_source(std::size_t page);
int decode_source(std::uint32_t word);

}  // namespace sceau::firmware
