// Bringing the flash into order after power-on. Each step may be cut and begun again.
#include "store/store.h"

namespace sceau::firmware {

namespace {

constexpr std::size_t kSource = 12;  // offsets in the page header
constexpr std::size_t kCopied = 16;

}  // namespace

Status Store::mount() {
  page_size_ = flash_.page_size();
  page_count_ = flash_.page_count();
  indexed_ = 0;
  transaction_ = 0;
  usable_ = false;
  if (page_count_ < 4 || page_count_ > kMaxPages || page_size_ < 1024 || page_size_ > 32768) {
    return Status::kHardware;
  }
  const Result<DerivedKey> key = derive_key(board_.unique_secret(), "sceau store objects");
  if (!key.ok()) return key.status();
  key_ = key.value();

  const auto for_each_page = [this](Status (Store::*step)(std::size_t)) {
    Status status = Status::kOk;
    for (std::size_t i = 0; i < page_count_ && status == Status::kOk; ++i) status = (this->*step)(i);
    return status;
  };
  Status status = for_each_page(&Store::mount_page);
  if (status == Status::kOk) status = for_each_page(&Store::settle_compaction);
  if (status == Status::kOk) status = for_each_page(&Store::scan_page);
  if (status != Status::kOk) return status;
  const Result<bool> happened = last_transaction_happened();
  if (!happened.ok()) return happened.status();
  for (std::size_t i = 0; i < page_count_ && status == Status::kOk; ++i) {
    status = settle_states(i, happened.value());
  }
  if (status == Status::kOk) status = for_each_page(&Store::adopt_page);
  if (status == Status::kOk) status = for_each_page(&Store::carry_out_removals);
  usable_ = status == Status::kOk;
  return status;
}

Status Store::mount_page(std::size_t page) {
  PageHeaderBytes header{};
  const Status status = read_flash(page, 0, header);
  if (status != Status::kOk) return status;
  std::uint32_t erased = 0;
  if (decode_page_header(header, erased)) {
    pages_[page] = Page{erased, kPageHeader, 0};
    return Status::kOk;
  }
  // The pages before this one are the best guess at how often a page without a header was erased.
  pages_[page] = Page{page == 0 ? 0 : pages_[page - 1].erased, 0, 0};
  const Result<bool> blank = all_bytes_are(page, 0, page_size_, 0xFF);
  if (!blank.ok()) return blank.status();
  return blank.value() ? Status::kOk : renew_page(page);
}

Status Store::settle_compaction(std::size_t page) {
  if (pages_[page].used == 0) return Status::kOk;
  const Result<std::uint32_t> source = read_word(page, kSource);
  const Result<std::uint32_t> copied = read_word(page, kCopied);
  if (!source.ok() || !copied.ok()) return Status::kHardware;
  if (copied.value() != 0) return source.value() == 0xFFFFFFFF ? Status::kOk : renew_page(page);
  const int named = decode_source(source.value());
  if (named < 0 || static_cast<std::size_t>(named) >= page_count_) {
    return source.value() == 0 ? Status::kOk : program_word(page, kSource, 0);
  }
  const Status status = renew_page(static_cast<std::size_t>(named));
  return status == Status::kOk ? program_word(page, kSource, 0) : status;
}

// Finds where the records end, closes the page when something torn lies there, and notes the highest
// transaction.
Status Store::scan_page(std::size_t page) {
  if (pages_[page].used == 0) return Status::kOk;
  std::size_t offset = kPageHeader;
  for (;;) {
    const Result<Record> record = read_header(page, offset);
    if (!record.ok()) return record.status();
    if (record.value().size == 0) break;
    if (record.value().header.transaction > transaction_) transaction_ = record.value().header.transaction;
    offset += record.value().size;
  }
  const Result<bool> blank = all_bytes_are(page, offset, page_size_, 0xFF);
  if (!blank.ok()) return blank.status();
  pages_[page].used = static_cast<std::uint16_t>(blank.value() ? offset : page_size_);
  if (blank.value()) return Status::kOk;
  const Result<bool> closed = all_bytes_are(page, offset, page_size_, 0);
  if (!closed.ok()) return closed.status();
  return closed.value() ? Status::kOk : clear(page, offset, page_size_);
}

Result<bool> Store::last_transaction_happened() {
  for (std::size_t page = 0; page < page_count_; ++page) {
    for (std::size_t offset = kPageHeader; offset < pages_[page].used;) {
      const Result<Record> record = read_header(page, offset);
      if (!record.ok()) return record.status();
      const Record& found = record.value();
      if (found.size == 0) break;
      if (found.header.transaction == transaction_ && found.header.last && found.in_force()) return true;
      offset += found.size;
    }
  }
  return false;
}

Status Store::settle_states(std::size_t page, bool happened) {
  for (std::size_t offset = kPageHeader; offset < pages_[page].used;) {
    const Result<Record> record = read_header(page, offset);
    if (!record.ok()) return record.status();
    const Record& found = record.value();
    if (found.size == 0) break;
    Status status = Status::kOk;
    if (happened && found.header.transaction == transaction_ && found.pending()) {
      status = program_word(page, offset + kRecordState, kStateInForce);
    } else if (!found.in_force()) {
      const Result<bool> wiped = all_bytes_are(page, offset + kRecordState, offset + found.size, 0);
      if (!wiped.ok()) return wiped.status();
      // First "gone" beyond doubt: a cut while wiping must not leave the pattern that means "in force".
      if (!wiped.value() && found.pending()) status = program_word(page, offset + kRecordState, 0xFFFF0000);
      if (!wiped.value() && status == Status::kOk) status = wipe_record(page, offset, found.size);
    }
    if (status != Status::kOk) return status;
    offset += found.size;
  }
  return Status::kOk;
}

// Takes the values in force into the index.
Status Store::adopt_page(std::size_t page) {
  for (std::size_t offset = kPageHeader; offset < pages_[page].used;) {
    const Result<Record> record = read_header(page, offset);
    if (!record.ok()) return record.status();
    const Record& found = record.value();
    if (found.size == 0) break;
    if (found.in_force() && found.header.kind == RecordHeader::Kind::kValue) {
      const Status status =
          adopt({found.header.key, found.header.part, static_cast<std::uint8_t>(page),
                 static_cast<std::uint16_t>(offset), static_cast<std::uint8_t>(found.size / 4),
                 found.header.transaction == transaction_},
                found.header.transaction);
      if (status != Status::kOk) return status;
    }
    offset += found.size;
  }
  return Status::kOk;
}

// Of two values in force for one key, the later transaction's stays.
Status Store::adopt(const Location& location, std::uint32_t transaction) {
  for (std::size_t i = indexed_; i > 0; --i) {
    const Location other = index_[i - 1];
    if (other.key != location.key) continue;
    const Result<Record> record = read_header(other.page, other.offset);
    if (!record.ok()) return record.status();
    const std::uint32_t theirs = record.value().header.transaction;
    if (theirs == transaction) continue;
    if (theirs > transaction) {
      return wipe_record(location.page, location.offset, location.size());
    }
    const Status status = wipe_record(other.page, other.offset, other.size());
    if (status != Status::kOk) return status;
    drop(i - 1);
  }
  if (indexed_ == kMaxRecords) return Status::kHardware;
  index_[indexed_++] = location;
  pages_[location.page].live = static_cast<std::uint16_t>(pages_[location.page].live + location.size());
  return Status::kOk;
}

Status Store::carry_out_removals(std::size_t page) {
  for (std::size_t offset = kPageHeader; offset < pages_[page].used;) {
    const Result<Record> record = read_header(page, offset);
    if (!record.ok()) return record.status();
    const Record& found = record.value();
    if (found.size == 0) break;
    if (found.in_force() && found.header.kind == RecordHeader::Kind::kRemoval) {
      Status status = remove_range(found.header.key, found.header.last_key);
      if (status == Status::kOk) status = wipe_record(page, offset, found.size);
      if (status != Status::kOk) return status;
    }
    offset += found.size;
  }
  return Status::kOk;
}

}  // namespace sceau::firmware
