// The signed image of the firmware, as it rests in flash, and the counter that keeps older ones from being
// started.
//
// IMAGE, at kImageOffset of the board's memory; numbers little-endian:
//   0 magic "SIMG"    4 format, 1    8 release u32    12 size of the code u32, a multiple of 4
//  16 signature: ECDSA P-256 over SHA-256 of bytes 0 to 15 and the code; r and s, 32 bytes each, big-endian
//  80 zeros, 48 bytes    128 the code, linked for the board's code memory, vector table first
//
// COUNTER, a page of flash at kCounterOffset: as many words that are not all ones, counted from its start, as
// the release of the newest image that was ever started. It goes up by clearing words one by one; nothing
// erases it. A cut leaves it between the two releases, and a word partly cleared counts as cleared.
#pragma once

#include "board/board.h"

namespace sceau::firmware::loader {

inline constexpr std::size_t kImageOffset = 0x400000;
inline constexpr std::size_t kCounterOffset = 0x80000;
inline constexpr std::size_t kCounterPage = 4096;
inline constexpr std::size_t kHeader = 128;
inline constexpr std::size_t kSignedHeader = 16;
inline constexpr std::size_t kSignature = 64;
inline constexpr std::uint32_t kHighestRelease = kCounterPage / 4;

struct Header {
  std::uint32_t release = 0;
  std::size_t size = 0;  // of the code
  ByteView signed_part;
  ByteView signature;
};

// kInvalid: not an image, or of a size or release that cannot be. `most`: bytes of code memory.
Result<Header> read_header(ByteView header, std::size_t most);

// The release of the newest image ever started. kHardware.
Result<std::uint32_t> read_counter(Flash& flash);
// Raises it. kHardware.
Status raise_counter(Flash& flash, std::uint32_t release);

}  // namespace sceau::firmware::loader
