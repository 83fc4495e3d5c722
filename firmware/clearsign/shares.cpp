#include "clearsign/shares.h"

#include "crypto/aes.h"
#include "statement/line_writer.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHead = 4 + kHolderPoint;
constexpr std::size_t kMaxBinding = 192;

std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  unsigned left = a;
  unsigned product = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= left & (0U - ((unsigned{b} >> bit) & 1U));
    left = (left << 1U) ^ (0x11DU & (0U - ((left >> 7U) & 1U)));
  }
  return static_cast<std::uint8_t>(product);
}

void put_text(ByteView text, Writer& out) {
  out.byte(0);
  out.byte(static_cast<std::uint8_t>(text.size()));
  out.bytes(text);
}

// As the host's binding() writes it.
void write_binding(ByteView head, const ShareContext& context, ByteView recipient, Writer& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::array<char, 12> holder{'c',
                                    'u',
                                    's',
                                    't',
                                    'o',
                                    'd',
                                    'i',
                                    'a',
                                    'n',
                                    ' ',
                                    kDigits[context.slot >> 4U],
                                    kDigits[context.slot & 0x0FU]};
  out.bytes(as_bytes("sceau escrow share 1"));
  out.bytes(head);
  put_text(as_bytes(statement::Decimal(context.serial).view()), out);
  put_text(as_bytes({holder.data(), holder.size()}), out);
  put_text(recipient, out);
}

}  // namespace

Status MasterShares::split(const Master& master, std::uint8_t threshold, const ShareContext& context) {
  context_ = context;
  threshold_ = threshold;
  Writer packed(rows_[0]);
  packed.byte(kMasterSize);
  packed.bytes(master);
  packed.byte(0);
  std::array<std::uint8_t, kMaxBinding> buffer{};
  Writer binding(buffer);
  write_binding({}, context, {}, binding);
  const Result<Hash> check = sha256({binding.written(), packed.written()});
  if (!check.ok()) return check.status();
  packed.bytes(ByteView(check.value()).first(16));
  for (std::size_t row = 1; row < threshold; ++row) {
    const Status status = board_.random(rows_[row]);
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
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
  std::array<std::uint8_t, kHead> head{kVersion, threshold_, custodian.count, index};
  copy(ephemeral.value().open.bytes.view(), ByteSpan(head).subspan(4));
  std::array<std::uint8_t, kMaxBinding> buffer{};
  Writer binding(buffer);
  write_binding(head, context_, holder.id, binding);
  SecretArray<kHashSize + kSealNonce> keys;
  Status status = derive_bytes(agreed.value().view(), binding.written(), keys);
  if (status != Status::kOk || binding.overflowed()) return Status::kHardware;
  SecretArray<kPackedMaster> share;
  evaluate(index, share);
  std::array<std::uint8_t, kPackedMaster + kSealTag> sealed{};
  const ByteView key = keys;
  status = seal(key.first(kHashSize), key.subspan(kHashSize), binding.written(), share, sealed);
  if (status != Status::kOk) return status;
  out.bytes(head);
  out.bytes(sealed);
  return out.overflowed() ? Status::kTooLong : Status::kOk;
}

}  // namespace sceau::firmware::clearsign
