// authenticatorLargeBlobs (CTAP 2.1, 6.10).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::size_t kLeast = 17;  // bytes: an empty array and its hash
constexpr std::uint8_t kLargeBlobsCommand = 0x0C;

}  // namespace

CtapStatus Authenticator::large_blobs(ByteView parameters, Writer& answer) {
  LargeBlobs asked;
  const CtapStatus status = read_large_blobs(parameters, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (!asked.has_offset) return CtapStatus::kMissingParameter;
  if (asked.has_get == asked.has_set) return CtapStatus::kInvalidParameter;
  if (asked.has_set) return write_large_blobs(asked);
  if (asked.has_length || asked.auth.present || asked.auth.protocol_present) {
    return CtapStatus::kInvalidParameter;
  }
  if (asked.get > kMaxFragment) return CtapStatus::kInvalidLength;
  const Result<std::size_t> size = blobs_.size();
  if (!size.ok()) return ctap_status(size.status());
  if (asked.offset > size.value()) return CtapStatus::kInvalidParameter;
  const std::size_t left = size.value() - asked.offset;
  CborWriter cbor(answer);
  cbor.map(1);
  cbor.integer(0x01);
  cbor.bytes_head(left < asked.get ? left : asked.get);
  return ctap_status(blobs_.read(asked.offset, asked.get, answer));
}

CtapStatus Authenticator::write_large_blobs(const LargeBlobs& asked) {
  if (asked.set.size() > kMaxFragment) return CtapStatus::kInvalidLength;
  if (asked.offset == 0) {
    if (!asked.has_length) return CtapStatus::kInvalidParameter;
    if (asked.length > kMaxLargeBlobs) return CtapStatus::kLargeBlobStorageFull;
    if (asked.length < kLeast) return CtapStatus::kInvalidParameter;
  } else if (asked.has_length) {
    return CtapStatus::kInvalidParameter;
  } else if (!blobs_.writing() || asked.offset != blobs_.next()) {
    return CtapStatus::kInvalidSequence;
  }
  const Result<Settings> settings = pin_.settings();
  if (!settings.ok()) return ctap_status(settings.status());
  if (pin_.is_set() || settings.value().always_uv) {
    std::array<std::uint8_t, 38> head{};
    head.fill(0xFF);
    head[32] = kLargeBlobsCommand;
    head[33] = 0;
    store_le32(head.data() + 34, asked.offset);
    const Result<Hash> hash = sha256({asked.set});
    if (!hash.ok()) return CtapStatus::kOther;
    const CtapStatus status = authorise(asked.auth, kLargeBlobWrite, {head, hash.value()});
    if (status != CtapStatus::kSuccess) return status;
  }
  const std::size_t missing = asked.offset == 0 ? asked.length : blobs_.missing();
  if (asked.set.size() > missing) return CtapStatus::kInvalidParameter;
  if (asked.offset == 0) {
    const Status begun = blobs_.begin(asked.length);
    if (begun != Status::kOk) return ctap_status(begun);
  }
  return blobs_.append(asked.set);
}

}  // namespace sceau::firmware::fido
