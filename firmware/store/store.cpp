#include "store/store.h"

namespace sceau::firmware {

namespace {

constexpr std::uint32_t kLastTransaction = 0xFFFFFFFF;

}  // namespace

Store::Store(Board& board) : board_(board), flash_(board.flash()) {}

const Store::Location* Store::find(ObjectKey key, std::uint8_t part) const {
  for (std::size_t i = 0; i < indexed_; ++i) {
    if (index_[i].key == key && index_[i].part == part) return &index_[i];
  }
  return nullptr;
}

bool Store::contains(ObjectKey key) const { return find(key, 0) != nullptr; }

Result<std::size_t> Store::read_record(const Location& location, ByteSpan into, std::uint8_t& parts) {
  std::array<std::uint8_t, kMaxRecord> buffer{};
  const ByteSpan bytes = ByteSpan(buffer).first(location.size());
  Status status = read_flash(location.page, location.offset, bytes);
  if (status != Status::kOk) return status;
  const Result<Record> record = read_header(location.page, location.offset);
  if (!record.ok()) return record.status();
  const RecordHeader& header = record.value().header;
  if (record.value().size != location.size() || header.key != location.key || header.part != location.part) {
    return Status::kCorrupt;
  }
  if (header.length > into.size()) return Status::kTooLong;
  status =
      unseal(key_, bytes.subspan(kRecordHeader, kSealNonce), bytes.first(kAssociated),
             bytes.subspan(kRecordHeader + kSealNonce, header.length + kSealTag), into.first(header.length));
  if (status != Status::kOk) return status;
  parts = header.parts;
  return static_cast<std::size_t>(header.length);
}

Result<std::size_t> Store::read(ObjectKey key, ByteSpan into) {
  if (!usable_) return Status::kHardware;
  std::size_t size = 0;
  std::uint8_t parts = 1;
  for (std::uint8_t part = 0; part < parts; ++part) {
    const Location* location = find(key, part);
    if (location == nullptr) return part == 0 ? Status::kNotFound : Status::kCorrupt;
    const Result<std::size_t> read = read_record(*location, into.subspan(size), parts);
    if (!read.ok()) return read.status();
    size += read.value();
  }
  return size;
}

Result<std::size_t> Store::size(ObjectKey key) {
  if (!usable_) return Status::kHardware;
  std::size_t size = 0;
  std::uint8_t parts = 1;
  for (std::uint8_t part = 0; part < parts; ++part) {
    const Location* location = find(key, part);
    if (location == nullptr) return part == 0 ? Status::kNotFound : Status::kCorrupt;
    const Result<Record> record = read_header(location->page, location->offset);
    if (!record.ok()) return record.status();
    parts = record.value().header.parts;
    size += record.value().header.length;
  }
  return size;
}

Result<Store::Mark> Store::mark(ObjectKey first, ObjectKey last) {
  if (!usable_) return Status::kHardware;
  Mark mark{};
  for (std::size_t i = 0; i < indexed_; ++i) {
    const Location& location = index_[i];
    if (location.key < first || location.key > last) continue;
    Mark nonce{};
    const Status status = read_flash(location.page, location.offset + kRecordHeader, nonce);
    if (status != Status::kOk) return status;
    for (std::size_t byte = 0; byte < mark.size(); ++byte) mark[byte] ^= nonce[byte];
  }
  return mark;
}

Status Store::check(std::span<const Change> changes, Room room) const {
  std::size_t records = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    records += 1;
    if (changes[i].kind == Change::Kind::kRemove) continue;
    if (changes[i].value.size() > kMaxObject) return Status::kInvalid;
    records += changes[i].value.size() / kPartSize;
    for (std::size_t j = 0; j < i; ++j) {
      if (changes[j].kind == Change::Kind::kSet && changes[j].key == changes[i].key) return Status::kInvalid;
    }
  }
  const std::size_t limit = room == Room::kOrdinary ? kMaxRecords - kSpareRecords : kMaxRecords;
  return indexed_ + records <= limit ? Status::kOk : Status::kFull;
}

Status Store::apply(std::span<const Change> changes, Room room) {
  if (!usable_) return Status::kHardware;
  if (changes.empty()) return Status::kOk;
  Status status = check(changes, room);
  if (status == Status::kOk) status = make_room(changes, room);
  if (status != Status::kOk) return status;
  if (transaction_ == kLastTransaction) return Status::kHardware;

  transaction_ += 1;
  for (std::size_t i = 0; i < indexed_; ++i) index_[i].newest = false;
  const std::size_t first_new = indexed_;
  std::size_t sets = 0;
  std::size_t removals = 0;
  for (const Change& change : changes) (change.kind == Change::Kind::kSet ? sets : removals) += 1;
  for (const Change& change : changes) {
    if (status != Status::kOk || change.kind == Change::Kind::kSet) continue;
    removals -= 1;
    status = write_removal(change, sets == 0 && removals == 0);
  }
  for (const Change& change : changes) {
    if (status != Status::kOk || change.kind == Change::Kind::kRemove) continue;
    sets -= 1;
    status = write_value(change, sets == 0);
  }
  if (status == Status::kOk) status = put_in_force(first_new);
  if (status == Status::kOk) status = remove_replaced(changes);
  if (status != Status::kOk) usable_ = false;
  return status;
}

Status Store::write_value(const Change& change, bool last_change) {
  const std::size_t parts = change.value.empty() ? 1 : (change.value.size() + kPartSize - 1) / kPartSize;
  for (std::size_t part = 0; part < parts; ++part) {
    const Status status = write_part(change, part, parts, last_change && part + 1 == parts);
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

Status Store::write_part(const Change& change, std::size_t part, std::size_t parts, bool last) {
  const std::size_t begin = part * kPartSize;
  const std::size_t left = change.value.size() - begin;
  const ByteView plain = change.value.subspan(begin, left < kPartSize ? left : kPartSize);
  RecordHeader header;
  header.length = static_cast<std::uint16_t>(plain.size());
  header.last = last;
  header.key = change.key;
  header.part = static_cast<std::uint8_t>(part);
  header.parts = static_cast<std::uint8_t>(parts);
  header.transaction = transaction_;

  std::array<std::uint8_t, kMaxRecord - kRecordHeader> body{};
  const ByteSpan nonce = ByteSpan(body).first(kSealNonce);
  Status status = board_.random(nonce);
  if (status != Status::kOk) return status;
  const RecordHeaderBytes bytes = encode(header);
  status = seal(key_, nonce, ByteView(bytes).first(kAssociated), plain,
                ByteSpan(body).subspan(kSealNonce, plain.size() + kSealTag));
  if (status != Status::kOk) return status;
  return append(header, ByteView(body).first(header.size() - kRecordHeader));
}

Status Store::write_removal(const Change& change, bool last) {
  RecordHeader header;
  header.kind = RecordHeader::Kind::kRemoval;
  header.last = last;
  header.key = change.key;
  header.last_key = change.last;
  header.transaction = transaction_;
  return append(header, {});
}

Status Store::append(const RecordHeader& header, ByteView body) {
  const std::size_t size = kRecordHeader + body.size();
  const int chosen = choose_page(pages_, size);
  if (chosen < 0 || indexed_ == kMaxRecords) return Status::kHardware;  // make_room() has foreseen otherwise
  const auto page_number = static_cast<std::size_t>(chosen);
  Status status = open_page(page_number);
  if (status != Status::kOk) return status;

  Page& page = pages_[page_number];
  std::array<std::uint8_t, kMaxRecord> buffer{};
  copy(encode(header), buffer);
  copy(body, ByteSpan(buffer).subspan(kRecordHeader));
  status = program(page_number, page.used, ByteView(buffer).first(size));
  if (status != Status::kOk) return status;
  index_[indexed_++] = Location{header.key,
                                header.part,
                                static_cast<std::uint8_t>(page_number),
                                page.used,
                                static_cast<std::uint8_t>(size / 4),
                                true};
  page.used = static_cast<std::uint16_t>(page.used + size);
  page.live = static_cast<std::uint16_t>(page.live + size);
  return Status::kOk;
}

// The last record first: with its state the transaction has happened.
Status Store::put_in_force(std::size_t first_new) {
  for (std::size_t i = indexed_; i > first_new; --i) {
    const Location& location = index_[i - 1];
    const Status status = program_word(location.page, location.offset + kRecordState, kStateInForce);
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

Status Store::remove_replaced(std::span<const Change> changes) {
  for (const Change& change : changes) {
    const ObjectKey last = change.kind == Change::Kind::kSet ? change.key : change.last;
    const Status status = remove_range(change.key, last);
    if (status != Status::kOk) return status;
  }
  // The removals themselves have done their work. They are in the index like any record of this transaction.
  for (std::size_t i = indexed_; i > 0; --i) {
    const Location location = index_[i - 1];
    if (!location.newest || location.size() != kRecordHeader) continue;
    const Status status = wipe_record(location.page, location.offset, location.size());
    if (status != Status::kOk) return status;
    drop(i - 1);
  }
  return Status::kOk;
}

// Wipes what earlier transactions have set in a range of keys.
Status Store::remove_range(ObjectKey first, ObjectKey last) {
  for (std::size_t i = indexed_; i > 0; --i) {
    const Location location = index_[i - 1];
    if (location.newest || location.key < first || location.key > last) continue;
    const Status status = wipe_record(location.page, location.offset, location.size());
    if (status != Status::kOk) return status;
    drop(i - 1);
  }
  return Status::kOk;
}

void Store::drop(std::size_t index) {
  Page& page = pages_[index_[index].page];
  page.live = static_cast<std::uint16_t>(page.live - index_[index].size());
  for (std::size_t i = index + 1; i < indexed_; ++i) index_[i - 1] = index_[i];
  indexed_ -= 1;
}

}  // namespace sceau::firmware
