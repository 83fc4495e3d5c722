// How the store touches the flash, and nothing about what it means.
#include "store/store.h"

namespace sceau::firmware {

Status Store::read_flash(std::size_t page, std::size_t offset, ByteSpan into) {
  return flash_.read(page * page_size_ + offset, into);
}

Status Store::program(std::size_t page, std::size_t offset, ByteView bytes) {
  const Status status = flash_.program(page * page_size_ + offset, bytes);
  if (status != Status::kOk) usable_ = false;
  return status;
}

Status Store::program_word(std::size_t page, std::size_t offset, std::uint32_t word) {
  std::array<std::uint8_t, 4> bytes{};
  store_le32(bytes.data(), word);
  return program(page, offset, bytes);
}

Result<std::uint32_t> Store::read_word(std::size_t page, std::size_t offset) {
  std::array<std::uint8_t, 4> bytes{};
  const Status status = read_flash(page, offset, bytes);
  if (status != Status::kOk) return status;
  return load_le32(bytes.data());
}

Status Store::clear(std::size_t page, std::size_t from, std::size_t to) {
  const std::array<std::uint8_t, kMaxRecord> zeros{};
  while (from < to) {
    const std::size_t count = to - from < zeros.size() ? to - from : zeros.size();
    const Status status = program(page, from, ByteView(zeros).first(count));
    if (status != Status::kOk) return status;
    from += count;
  }
  return Status::kOk;
}

Result<bool> Store::all_bytes_are(std::size_t page, std::size_t from, std::size_t to, std::uint8_t value) {
  std::array<std::uint8_t, 256> chunk{};
  while (from < to) {
    const std::size_t count = to - from < chunk.size() ? to - from : chunk.size();
    const Status status = read_flash(page, from, ByteSpan(chunk).first(count));
    if (status != Status::kOk) return status;
    for (std::size_t i = 0; i < count; ++i) {
      if (chunk[i] != value) return false;
    }
    from += count;
  }
  return true;
}

Result<Record> Store::read_header(std::size_t page, std::size_t offset) {
  if (offset + kRecordHeader > page_size_) return Record{};
  RecordHeaderBytes bytes{};
  const Status status = read_flash(page, offset, bytes);
  if (status != Status::kOk) return status;
  Record record = decode(bytes);
  if (offset + record.size > page_size_) record.size = 0;
  return record;
}

// The state goes with the content, so that a record half wiped is still seen as one to be wiped: either its
// state is no longer "in force", or what replaced it is, and outranks it.
Status Store::wipe_record(std::size_t page, std::size_t offset, std::size_t size) {
  return clear(page, offset + kRecordState, offset + size);
}

}  // namespace sceau::firmware
