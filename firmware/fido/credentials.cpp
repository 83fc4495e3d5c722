#include "fido/credentials.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::uint8_t kIdVersion = 1;
constexpr std::uint8_t kRecordFormat = 1;
constexpr std::uint8_t kDiscoverable = 0x01;
constexpr std::uint8_t kHmacSecret = 0x02;
constexpr std::uint8_t kLargeBlobKey = 0x04;
constexpr int kProtectionShift = 4;
constexpr std::uint8_t kAbsent = 0xFF;  // instead of a length
constexpr std::size_t kFixed = 5 + kCredentialId + kHashSize;
constexpr std::size_t kMaxStored = kFixed + 5 + kMaxRpId + kMaxUserId + 2 * kMaxName + kMaxCredBlob;
static_assert(kMaxStored <= kPartSize, "a credential is one record of the store");

using Encoded = BoundedBytes<kMaxStored>;

ObjectKey credential_place(std::size_t slot) { return static_cast<ObjectKey>(place::kCredentials + slot); }
ObjectKey counter_place(std::size_t slot) {
  return static_cast<ObjectKey>(place::kCredentialCounters + slot);
}

void write_text(bool present, ByteView text, Writer& out) {
  out.byte(present ? static_cast<std::uint8_t>(text.size()) : kAbsent);
  if (present) out.bytes(text);
}

Encoded encode(const StoredCredential& stored) {
  Encoded encoded;
  Writer out(encoded.bytes);
  std::array<std::uint8_t, 4> sequence{};
  store_be32(sequence.data(), stored.sequence);
  out.byte(kRecordFormat);
  out.bytes(sequence);
  out.bytes(stored.id);
  out.bytes(stored.rp_hash);
  write_text(true, stored.rp_id.view(), out);
  write_text(true, stored.user_id.view(), out);
  write_text(stored.has_name, stored.name.view(), out);
  write_text(stored.has_display_name, stored.display_name.view(), out);
  write_text(true, stored.blob.view(), out);
  encoded.size = out.size();
  return encoded;
}

// A length and that many bytes off the front of `rest`; whether they are there and fit.
template <std::size_t kMax>
bool read_text(ByteView& rest, bool& present, BoundedBytes<kMax>& into) {
  if (rest.empty()) return false;
  const std::uint8_t size = rest[0];
  rest = rest.subspan(1);
  present = size != kAbsent;
  if (!present) return true;
  if (size > rest.size()) return false;
  const ByteView text = rest.first(size);
  rest = rest.subspan(size);
  return into.assign(text);
}

bool decode(ByteView bytes, StoredCredential& stored) {
  if (bytes.size() < kFixed || bytes[0] != kRecordFormat) return false;
  stored.sequence = load_be32(bytes.data() + 1);
  copy(bytes.subspan(5, kCredentialId), stored.id);
  copy(bytes.subspan(5 + kCredentialId, kHashSize), stored.rp_hash);
  ByteView rest = bytes.subspan(kFixed);
  bool present = false;
  return read_text(rest, present, stored.rp_id) && read_text(rest, present, stored.user_id) &&
         read_text(rest, stored.has_name, stored.name) &&
         read_text(rest, stored.has_display_name, stored.display_name) &&
         read_text(rest, present, stored.blob) && rest.empty();
}

using Associated = std::array<std::uint8_t, 1 + kHashSize>;
Associated associated(const Hash& rp_hash) {
  Associated data{kIdVersion};
  copy(rp_hash, ByteSpan(data).subspan(1));
  return data;
}

}  // namespace

Status Credentials::start() {
  if (store_.contains(place::kMaster)) return Status::kOk;
  const Result<Master> made = make_master();
  return made.ok() ? store_.set(place::kMaster, made.value(), Room::kReserved) : made.status();
}

Result<Credentials::Master> Credentials::make_master() {
  Master made;
  const Status status = board_.random(made);
  if (status != Status::kOk) return status;
  return made;
}

Result<Credentials::Master> Credentials::master() {
  Master master;
  const Result<std::size_t> size = store_.read(place::kMaster, master);
  if (!size.ok()) return size.status();
  return size.value() == master.size() ? Result<Master>(master) : Status::kCorrupt;
}

Result<DerivedKey> Credentials::key(std::string_view purpose) {
  const Result<Master> from = master();
  return from.ok() ? derive_key(from.value(), purpose) : from.status();
}

Result<DerivedKey> Credentials::secret(std::string_view purpose, ByteView id) {
  const Result<DerivedKey> from = key(purpose);
  if (!from.ok()) return from.status();
  const Result<Hash> made = hmac_sha256(from.value(), {id});
  if (!made.ok()) return made.status();
  DerivedKey secret;
  copy(made.value(), secret);
  return secret;
}

Result<CredentialId> Credentials::seal(const CredentialSource& source, const Hash& rp_hash) {
  const Result<DerivedKey> sealing = key("sceau fido credential ids");
  if (!sealing.ok()) return sealing.status();
  CredentialId id{kIdVersion};
  const ByteSpan nonce = ByteSpan(id).subspan(1, kSealNonce);
  Status status = board_.random(nonce);
  if (status != Status::kOk) return status;
  SecretArray<2 + kScalar> plain;
  plain[0] = static_cast<std::uint8_t>(
      (source.discoverable ? kDiscoverable : 0) | (source.hmac_secret ? kHmacSecret : 0) |
      (source.large_blob_key ? kLargeBlobKey : 0) | static_cast<int>(source.protection) << kProtectionShift);
  plain[1] = source.slot;
  copy(source.scalar, ByteSpan(plain).subspan(2));
  status = sceau::firmware::seal(sealing.value(), nonce, associated(rp_hash), plain,
                                 ByteSpan(id).subspan(kIdHeader));
  if (status != Status::kOk) return status;
  return id;
}

Result<CredentialSource> Credentials::open(ByteView id, const Hash& rp_hash) {
  if (id.size() != kCredentialId || id[0] != kIdVersion) return Status::kNotFound;
  const Result<DerivedKey> sealing = key("sceau fido credential ids");
  if (!sealing.ok()) return sealing.status();
  SecretArray<2 + kScalar> plain;
  const Status status =
      unseal(sealing.value(), id.subspan(1, kSealNonce), associated(rp_hash), id.subspan(kIdHeader), plain);
  if (status == Status::kCorrupt) return Status::kNotFound;
  if (status != Status::kOk) return status;
  CredentialSource source;
  source.discoverable = (plain[0] & kDiscoverable) != 0;
  source.hmac_secret = (plain[0] & kHmacSecret) != 0;
  source.large_blob_key = (plain[0] & kLargeBlobKey) != 0;
  source.protection = static_cast<Protection>(plain[0] >> kProtectionShift);
  source.slot = plain[1];
  copy(ByteView(plain).subspan(2), source.scalar);
  if (!source.discoverable) return source;
  const Result<StoredCredential> stored = read(source.slot);
  const bool same = stored.ok() && equal(stored.value().id, id);
  return same ? Result<CredentialSource>(source) : Status::kNotFound;
}

bool Credentials::holds(std::size_t slot) const {
  return slot < kMaxCredentials && store_.contains(credential_place(slot));
}

Result<StoredCredential> Credentials::read(std::size_t slot) {
  if (slot >= kMaxCredentials) return Status::kNotFound;
  Encoded encoded;
  const Result<std::size_t> size = store_.read(credential_place(slot), encoded.bytes);
  if (!size.ok()) return size.status();
  StoredCredential stored;
  const bool whole = decode(ByteView(encoded.bytes).first(size.value()), stored);
  return whole ? Result<StoredCredential>(stored) : Status::kCorrupt;
}

Result<std::size_t> Credentials::find(ByteView id) {
  for (std::size_t slot = 0; slot < kMaxCredentials; ++slot) {
    if (!holds(slot)) continue;
    const Result<StoredCredential> stored = read(slot);
    if (!stored.ok()) return stored.status();
    if (equal(stored.value().id, id)) return slot;
  }
  return Status::kNotFound;
}

Result<Slots> Credentials::of_relying_party(const Hash& rp_hash) {
  Slots found;
  std::array<std::uint32_t, kMaxCredentials> sequences{};
  for (std::size_t slot = 0; slot < kMaxCredentials; ++slot) {
    if (!holds(slot)) continue;
    const Result<StoredCredential> stored = read(slot);
    if (!stored.ok()) return stored.status();
    if (!equal(stored.value().rp_hash, rp_hash)) continue;
    std::size_t at = found.count++;
    for (; at > 0 && sequences[at - 1] < stored.value().sequence; --at) {
      sequences[at] = sequences[at - 1];
      found.slots[at] = found.slots[at - 1];
    }
    sequences[at] = stored.value().sequence;
    found.slots[at] = static_cast<std::uint8_t>(slot);
  }
  return found;
}

// Four bytes of each hash are kept to compare with; where they are equal, the whole hashes decide.
Result<Slots> Credentials::relying_parties() {
  Slots found;
  std::array<std::uint32_t, kMaxCredentials> marks{};
  for (std::size_t slot = 0; slot < kMaxCredentials; ++slot) {
    if (!holds(slot)) continue;
    const Result<StoredCredential> stored = read(slot);
    if (!stored.ok()) return stored.status();
    const std::uint32_t mark = load_be32(stored.value().rp_hash.data());
    bool known = false;
    for (std::size_t i = 0; i < found.count && !known; ++i) {
      if (marks[i] != mark) continue;
      const Result<StoredCredential> other = read(found.slots[i]);
      if (!other.ok()) return other.status();
      known = other.value().rp_hash == stored.value().rp_hash;
    }
    if (known) continue;
    marks[found.count] = mark;
    found.slots[found.count++] = static_cast<std::uint8_t>(slot);
  }
  return found;
}

Result<std::size_t> Credentials::place_for(const Hash& rp_hash, ByteView user_id) {
  std::size_t free = kMaxCredentials;
  for (std::size_t slot = 0; slot < kMaxCredentials; ++slot) {
    if (!holds(slot)) {
      if (free == kMaxCredentials) free = slot;
      continue;
    }
    const Result<StoredCredential> stored = read(slot);
    if (!stored.ok()) return stored.status();
    if (stored.value().rp_hash == rp_hash && equal(stored.value().user_id.view(), user_id)) return slot;
  }
  return free < kMaxCredentials ? Result<std::size_t>(free) : Status::kFull;
}

Status Credentials::create(std::size_t slot, StoredCredential& stored) {
  std::uint32_t last = 0;
  for (std::size_t other = 0; other < kMaxCredentials; ++other) {
    if (!holds(other)) continue;
    const Result<StoredCredential> read_one = read(other);
    if (!read_one.ok()) return read_one.status();
    if (read_one.value().sequence > last) last = read_one.value().sequence;
  }
  stored.sequence = last + 1;
  const Encoded encoded = encode(stored);
  std::array<std::uint8_t, 4> counter{};
  store_be32(counter.data(), 1);
  const Change changes[] = {Change::set(credential_place(slot), encoded.view()),
                            Change::set(counter_place(slot), counter)};
  return store_.apply(changes, Room::kOrdinary);
}

Status Credentials::update(std::size_t slot, const StoredCredential& stored) {
  return store_.set(credential_place(slot), encode(stored).view(), Room::kReserved);
}

Status Credentials::remove(std::size_t slot) {
  const Change changes[] = {Change::remove(credential_place(slot)), Change::remove(counter_place(slot))};
  return store_.apply(changes, Room::kReserved);
}

std::size_t Credentials::stored() const {
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < kMaxCredentials; ++slot) count += holds(slot) ? 1 : 0;
  return count;
}

// Each takes a record of at most full size and a counter, of which ten fit where one such record does.
std::size_t Credentials::remaining() const {
  const std::size_t by_slots = kMaxCredentials - stored();
  const std::size_t by_places = store_.free_places() / 2;
  const std::size_t by_bytes = store_.free_bytes() / kMaxRecord * 10 / 11;
  const std::size_t fewer = by_slots < by_places ? by_slots : by_places;
  return fewer < by_bytes ? fewer : by_bytes;
}

Result<std::uint32_t> Credentials::count(const CredentialSource& source, const Hash& rp_hash) {
  const ObjectKey place = source.discoverable
                              ? counter_place(source.slot)
                              : static_cast<ObjectKey>(place::kSharedCounters + (rp_hash[0] & 0x0F));
  std::array<std::uint8_t, 4> counter{};
  const Result<std::size_t> size = store_.read(place, counter);
  if (!size.ok() && size.status() != Status::kNotFound) return size.status();
  const std::uint32_t next = load_be32(counter.data()) + 1;
  store_be32(counter.data(), next);
  const Status status = store_.set(place, counter, Room::kReserved);
  if (status != Status::kOk) return status;
  return next;
}

std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t size = most;
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

BoundedBytes<kMaxRpId> cut_rp_id(std::string_view rp_id) {
  BoundedBytes<kMaxRpId> kept;
  if (kept.assign(as_bytes(rp_id))) return kept;
  constexpr std::uint8_t kEllipsis[] = {0xE2, 0x80, 0xA6};
  Writer out(kept.bytes);
  const std::size_t colon = rp_id.find(':');
  if (colon < kMaxRpId - sizeof kEllipsis) out.bytes(as_bytes(rp_id.substr(0, colon + 1)));
  out.bytes(kEllipsis);
  std::size_t start = rp_id.size() - (kMaxRpId - out.size());
  while (start < rp_id.size() && (static_cast<std::uint8_t>(rp_id[start]) & 0xC0) == 0x80) ++start;
  out.bytes(as_bytes(rp_id.substr(start)));
  kept.size = out.size();
  return kept;
}

}  // namespace sceau::firmware::fido
