#include "fido/large_blob_store.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::size_t kTail = 16;  // of the SHA-256 of what stands before it

// An empty array and its hash (6.10.1).
constexpr std::uint8_t kInitial[] = {0x80, 0x76, 0xBE, 0x8B, 0x52, 0x8D, 0x00, 0x75, 0xF7,
                                     0xAA, 0xE9, 0x8D, 0x6F, 0xA5, 0x7A, 0x6D, 0x3C};

}  // namespace

ObjectKey LargeBlobStore::place_of(std::uint8_t side, std::size_t piece) {
  return static_cast<ObjectKey>(place::kLargeBlobs + side * 0x40 + piece);
}

Result<LargeBlobStore::Head> LargeBlobStore::head() {
  std::array<std::uint8_t, 3> record{};
  const Result<std::size_t> read = store_.read(place::kLargeBlobHead, record);
  if (read.status() == Status::kNotFound) return Head{1, sizeof kInitial, true};
  if (!read.ok()) return read.status();
  return Head{record[0], load_be16(record.data() + 1), false};
}

Result<std::size_t> LargeBlobStore::size() {
  const Result<Head> now = head();
  return now.ok() ? Result<std::size_t>(now.value().size) : now.status();
}

Status LargeBlobStore::read(std::size_t offset, std::size_t count, Writer& out) {
  const Result<Head> now = head();
  if (!now.ok()) return now.status();
  if (offset > now.value().size) return Status::kInvalid;
  std::size_t left = now.value().size - offset;
  if (count < left) left = count;
  if (now.value().initial) {
    out.bytes(ByteView(kInitial).subspan(offset, left));
    return Status::kOk;
  }
  while (left != 0) {
    std::array<std::uint8_t, kPiece> piece{};
    const Result<std::size_t> size = store_.read(place_of(now.value().side, offset / kPiece), piece);
    if (!size.ok()) return size.status() == Status::kNotFound ? Status::kCorrupt : size.status();
    const std::size_t at = offset % kPiece;
    if (at >= size.value()) return Status::kCorrupt;
    const std::size_t some = size.value() - at < left ? size.value() - at : left;
    out.bytes(ByteView(piece).subspan(at, some));
    offset += some;
    left -= some;
  }
  return Status::kOk;
}

Status LargeBlobStore::begin(std::size_t length) {
  forget();
  const Result<Head> now = head();
  if (!now.ok()) return now.status();
  const auto side = static_cast<std::uint8_t>(1 - now.value().side);
  if (store_.contains(place_of(side, 0))) {
    const Change change = Change::remove_range(place_of(side, 0), place_of(side, kPieces - 1));
    const Status status = store_.apply({&change, 1}, Room::kReserved);
    if (status != Status::kOk) return status;
  }
  length_ = length;
  return Status::kOk;
}

Status LargeBlobStore::add(std::uint8_t side, ByteView fragment) {
  while (!fragment.empty()) {
    std::array<std::uint8_t, kPiece> piece{};
    const std::size_t at = next_ % kPiece;
    const ObjectKey key = place_of(side, next_ / kPiece);
    if (at != 0) {
      const Result<std::size_t> size = store_.read(key, piece);
      if (!size.ok() || size.value() != at) return Status::kCorrupt;
    }
    const std::size_t some = kPiece - at < fragment.size() ? kPiece - at : fragment.size();
    copy(fragment.first(some), ByteSpan(piece).subspan(at));
    const Status status = store_.set(key, ByteView(piece).first(at + some), Room::kOrdinary);
    if (status != Status::kOk) return status;
    next_ += some;
    fragment = fragment.subspan(some);
  }
  return Status::kOk;
}

CtapStatus LargeBlobStore::append(ByteView fragment) {
  const Result<Head> now = head();
  if (!now.ok()) return CtapStatus::kOther;
  const auto side = static_cast<std::uint8_t>(1 - now.value().side);
  const Status status = add(side, fragment);
  if (status == Status::kOk && missing() != 0) return CtapStatus::kSuccess;
  const CtapStatus finished = status == Status::kOk     ? finish(side)
                              : status == Status::kFull ? CtapStatus::kLargeBlobStorageFull
                                                        : CtapStatus::kOther;
  forget();
  return finished;
}

// Whether what was written ends in the hash of the rest.
Result<bool> LargeBlobStore::is_whole(std::uint8_t side) {
  Sha256 hash;
  std::array<std::uint8_t, kTail> tail{};
  const std::size_t body = length_ - kTail;
  for (std::size_t at = 0; at < length_; at += kPiece) {
    std::array<std::uint8_t, kPiece> piece{};
    const Result<std::size_t> size = store_.read(place_of(side, at / kPiece), piece);
    if (!size.ok()) return size.status();
    const std::size_t hashed = at >= body ? 0 : body - at < size.value() ? body - at : size.value();
    hash.update(ByteView(piece).first(hashed));
    if (at + hashed < body) continue;
    const std::size_t done = at > body ? at - body : 0;
    copy(ByteView(piece).subspan(hashed, size.value() - hashed), ByteSpan(tail).subspan(done));
  }
  const Result<Hash> whole = hash.finish();
  if (!whole.ok()) return whole.status();
  return equal(ByteView(whole.value()).first(kTail), tail);
}

CtapStatus LargeBlobStore::finish(std::uint8_t side) {
  const Result<bool> whole = is_whole(side);
  if (!whole.ok()) return CtapStatus::kOther;
  if (!whole.value()) return CtapStatus::kIntegrityFailure;
  const std::uint8_t head[] = {side, static_cast<std::uint8_t>(length_ >> 8),
                               static_cast<std::uint8_t>(length_ & 0xFF)};
  const auto other = static_cast<std::uint8_t>(1 - side);
  const Change changes[] = {Change::remove_range(place_of(other, 0), place_of(other, kPieces - 1)),
                            Change::set(place::kLargeBlobHead, head)};
  return ctap_status(store_.apply(changes, Room::kReserved));
}

}  // namespace sceau::firmware::fido
