#include "clearsign/shares.h"

namespace sceau::firmware::clearsign {

Status MasterShares::split(const Master& master, std::uint8_t threshold, const ShareContext& context) {
  context_ = context;
  threshold_ = threshold;
  Status status = pack_master(master, context, rows_[0]);
  for (std::size_t row = 1; row < threshold && status == Status::kOk; ++row)
    status = board_.random(rows_[row]);
  return status;
}

void MasterShares::evaluate(std::uint8_t at, ByteSpan into) const {
  for (std::size_t i = 0; i < into.size(); ++i) {
    std::uint8_t value = 0;
    for (std::size_t row = threshold_; row > 0; --row) {
      value = static_cast<std::uint8_t>(multiply(value, at) ^ rows_[row - 1][i]);
    }
    into[i] = value;
  }
}

Status MasterShares::seal_one(const Custodian& custodian, std::uint8_t index, Writer& out) {
  const Holder& holder = custodian.holders[index - 1U];
  const Result<KeyPair> ephemeral = engine_.generate(KeyType::kP256);
  if (!ephemeral.ok()) return ephemeral.status();
  const Result<KeyOutput> agreed = engine_.agree(ephemeral.value(), holder.point);
  if (!agreed.ok()) return agreed.status();
  std::array<std::uint8_t, kShareHead> head{kShareVersion, threshold_, custodian.count, index};
  copy(ephemeral.value().open.bytes.view(), ByteSpan(head).subspan(4));
  PackedMaster share;
  evaluate(index, share);
  std::array<std::uint8_t, kPackedMaster + kSealTag> sealed{};
  const Status status = seal_share(agreed.value(), head, context_, holder.id, share, sealed);
  if (status != Status::kOk) return status;
  out.bytes(head);
  out.bytes(sealed);
  return out.overflowed() ? Status::kTooLong : Status::kOk;
}

}  // namespace sceau::firmware::clearsign
