#include "clearsign/restoration.h"

namespace sceau::firmware::clearsign {

namespace {

// a^254 is 1/a; indices are public.
std::uint8_t inverse(std::uint8_t a) {
  std::uint8_t power = a;
  std::uint8_t product = 1;
  for (int bit = 1; bit < 8; ++bit) {
    power = multiply(power, power);
    product = multiply(product, power);
  }
  return product;
}

}  // namespace

void Restoration::clear() {
  context_ = {};
  origin_ = {};
  scalar_ = {};
  taken_ = 0;
  for (Share& share : shares_) share = {};
}

Result<PublicKey> Restoration::begin(const ShareContext& context, const ShareContext& origin) {
  clear();
  const Result<KeyPair> pair = engine_.generate(KeyType::kP256);
  if (!pair.ok()) return pair.status();
  copy(pair.value().secret.view(), scalar_);
  context_ = context;
  origin_ = origin;
  return pair.value().open;
}

Status Restoration::take(const Custodian& custodian, ByteView sealed) {
  const bool formed = sealed.size() == kSealedShare && sealed[0] == kShareVersion &&
                      sealed[1] == custodian.threshold && sealed[2] == custodian.count && sealed[3] >= 1 &&
                      sealed[3] <= custodian.count && taken_ < custodian.threshold;
  if (!formed) return Status::kInvalid;
  for (const Share& share : std::span(shares_).first(taken_)) {
    if (share.index == sealed[3]) return Status::kInvalid;
  }
  const Result<KeyPair> pair = engine_.from_scalar(KeyType::kP256, scalar_);
  if (!pair.ok()) return pair.status();
  Result<KeyOutput> agreed = engine_.agree(pair.value(), sealed.subspan(4, kHolderPoint));
  if (!agreed.ok()) return agreed.status();
  // And with her own key: nobody else can have sealed it.
  const Result<KeyOutput> own = engine_.agree(pair.value(), custodian.holders[sealed[3] - 1U].point);
  if (!own.ok()) return own.status();
  KeyOutput& both = agreed.value();
  copy(own.value().view(), ByteSpan(both.bytes).subspan(both.size));
  both.size += own.value().size;
  Share& share = shares_[taken_];
  share.index = sealed[3];
  const Status status = open_share(agreed.value(), sealed.first(kShareHead), context_, as_bytes(kRecipient),
                                   sealed.subspan(kShareHead), share.bytes);
  if (status == Status::kOk) ++taken_;
  return status;
}

// Lagrange's interpolation at 0; in this field minus is plus.
Result<Master> Restoration::join() const {
  PackedMaster packed;
  for (const Share& share : std::span(shares_).first(taken_)) {
    std::uint8_t weight = 1;
    for (const Share& other : std::span(shares_).first(taken_)) {
      if (other.index == share.index) continue;
      const auto difference = static_cast<std::uint8_t>(other.index ^ share.index);
      weight = multiply(weight, multiply(other.index, inverse(difference)));
    }
    for (std::size_t i = 0; i < packed.size(); ++i) {
      packed[i] = static_cast<std::uint8_t>(packed[i] ^ multiply(share.bytes[i], weight));
    }
  }
  return unpack_master(packed, origin_);
}

}  // namespace sceau::firmware::clearsign
