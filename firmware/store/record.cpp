#include "store/record.h"

namespace sceau::firmware {

namespace {

constexpr std::uint32_t kMagic = 0x31504353;  // "SCP1"

// What half a byte does to CRC-32 (ISO 3309).
constexpr std::array<std::uint32_t, 16> make_crc_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 4; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<std::uint32_t, 16> kCrcTable = make_crc_table();

std::uint32_t crc32(ByteView bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    crc = (crc >> 4) ^ kCrcTable[crc & 0x0F];
    crc = (crc >> 4) ^ kCrcTable[crc & 0x0F];
  }
  return ~crc;
}

}  // namespace

RecordHeaderBytes encode(const RecordHeader& header) {
  RecordHeaderBytes bytes;
  store_le16(bytes.data(), header.length);
  bytes[2] = static_cast<std::uint8_t>(header.kind);
  bytes[3] = header.last ? 1 : 0;
  store_le16(bytes.data() + 4, header.key);
  if (header.kind == RecordHeader::Kind::kRemoval) {
    store_le16(bytes.data() + 6, header.last_key);
  } else {
    bytes[6] = header.part;
    bytes[7] = header.parts;
  }
  store_le32(bytes.data() + 8, header.transaction);
  store_le32(bytes.data() + 12, crc32(ByteView(bytes).first(12)));
  store_le32(bytes.data() + kRecordState, kStateWritten);
  return bytes;
}

Record decode(const RecordHeaderBytes& bytes) {
  Record record;
  if (load_le32(bytes.data() + 12) != crc32(ByteView(bytes).first(12))) return record;
  RecordHeader& header = record.header;
  header.length = load_le16(bytes.data());
  header.kind = static_cast<RecordHeader::Kind>(bytes[2]);
  header.last = (bytes[3] & 1) != 0;
  header.key = load_le16(bytes.data() + 4);
  header.part = bytes[6];
  header.parts = bytes[7];
  header.last_key = load_le16(bytes.data() + 6);
  header.transaction = load_le32(bytes.data() + 8);
  record.state = load_le32(bytes.data() + kRecordState);
  const bool value =
      header.kind == RecordHeader::Kind::kValue && header.length <= kPartSize && header.part < header.parts;
  const bool removal = header.kind == RecordHeader::Kind::kRemoval && header.length == 0;
  if (value || removal) record.size = header.size();
  return record;
}

PageHeaderBytes encode_page_header(std::uint32_t erased) {
  PageHeaderBytes bytes;
  bytes.fill(0xFF);
  store_le32(bytes.data(), kMagic);
  store_le32(bytes.data() + 4, erased);
  store_le32(bytes.data() + 8, crc32(ByteView(bytes).first(8)));
  return bytes;
}

bool decode_page_header(const PageHeaderBytes& bytes, std::uint32_t& erased) {
  if (load_le32(bytes.data()) != kMagic || load_le32(bytes.data() + 8) != crc32(ByteView(bytes).first(8))) {
    return false;
  }
  erased = load_le32(bytes.data() + 4);
  return true;
}

std::uint32_t encode_source(std::size_t page) {
  const auto number = static_cast<std::uint32_t>(page);
  return number | ((~number & 0xFFFF) << 16);
}

int decode_source(std::uint32_t word) {
  const std::uint32_t number = word & 0xFFFF;
  return ((word >> 16) ^ number) == 0xFFFF ? static_cast<int>(number) : -1;
}

}  // namespace sceau::firmware
