#include "loader/image.h"

namespace sceau::firmware::loader {

Result<Header> read_header(ByteView header, std::size_t most) {
  constexpr std::uint32_t kMagic = 0x474D4953;  // "SIMG"
  constexpr std::uint32_t kFormat = 1;
  if (header.size() < kHeader || load_le32(header.data()) != kMagic ||
      load_le32(header.data() + 4) != kFormat) {
    return Status::kInvalid;
  }
  Header read;
  read.release = load_le32(header.data() + 8);
  read.size = load_le32(header.data() + 12);
  read.signed_part = header.first(kSignedHeader);
  read.signature = header.subspan(kSignedHeader, kSignature);
  const bool fits = read.size != 0 && read.size <= most && read.size % 4 == 0;
  return fits && read.release <= kHighestRelease ? Result<Header>(read) : Status::kInvalid;
}

Result<std::uint32_t> read_counter(Flash& flash) {
  for (std::uint32_t count = 0; count < kHighestRelease; ++count) {
    std::array<std::uint8_t, 4> word{};
    const Status status = flash.read(std::size_t{4} * count, word);
    if (status != Status::kOk) return status;
    if (load_le32(word.data()) == 0xFFFFFFFF) return count;
  }
  return kHighestRelease;
}

Status raise_counter(Flash& flash, std::uint32_t release) {
  const Result<std::uint32_t> now = read_counter(flash);
  if (!now.ok()) return now.status();
  constexpr std::array<std::uint8_t, 4> kZero{};
  for (std::uint32_t count = now.value(); count < release; ++count) {
    const Status status = flash.program(std::size_t{4} * count, kZero);
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

}  // namespace sceau::firmware::loader
