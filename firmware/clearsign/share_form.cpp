#include "clearsign/share_form.h"

#include "statement/line_writer.h"

namespace sceau::firmware::clearsign {

namespace {

constexpr std::size_t kMaxBinding = 192;

void put_text(ByteView text, Writer& out) {
  out.byte(0);
  out.byte(static_cast<std::uint8_t>(text.size()));
  out.bytes(text);
}

// As the host's binding() writes it.
struct Binding {
  std::array<std::uint8_t, kMaxBinding> bytes{};
  Writer out{bytes};

  Binding(ByteView head, const ShareContext& context, ByteView recipient) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::array<char, 12> holder{'c', 'u', 's', 't', 'o', 'd', 'i', 'a', 'n', ' '};
    holder[10] = kDigits[context.slot >> 4U];
    holder[11] = kDigits[context.slot & 0x0FU];
    out.bytes(as_bytes("sceau escrow share 1"));
    out.bytes(head);
    put_text(as_bytes(statement::Decimal(context.serial).view()), out);
    put_text(as_bytes({holder.data(), holder.size()}), out);
    put_text(recipient, out);
  }
};

// Key and nonce, used once, for what was agreed is new for each share.
struct ShareKeys {
  SecretArray<kHashSize + kSealNonce> bytes;

  ByteView key() const { return ByteView(bytes).first(kHashSize); }
  ByteView nonce() const { return ByteView(bytes).subspan(kHashSize); }
  Status derive(const KeyOutput& agreed, const Binding& binding) {
    if (binding.out.overflowed()) return Status::kHardware;
    return derive_bytes(agreed.view(), binding.out.written(), bytes);
  }
};

Result<Hash> check_of(const PackedMaster& packed, const ShareContext& context) {
  const Binding binding({}, context, {});
  return sha256({binding.out.written(), ByteView(packed).first(kPackedMaster - kShareCheck)});
}

}  // namespace

std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  unsigned left = a;
  unsigned product = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= left & (0U - ((unsigned{b} >> bit) & 1U));
    left = (left << 1U) ^ (0x11DU & (0U - ((left >> 7U) & 1U)));
  }
  return static_cast<std::uint8_t>(product);
}

Status pack_master(const Master& master, const ShareContext& context, PackedMaster& packed) {
  packed[0] = kMasterSize;
  copy(master, ByteSpan(packed).subspan(1));
  packed[1 + kMasterSize] = 0;
  const Result<Hash> check = check_of(packed, context);
  if (check.ok()) copy(ByteView(check.value()).first(kShareCheck), ByteSpan(packed).last(kShareCheck));
  return check.status();
}

Result<Master> unpack_master(const PackedMaster& packed, const ShareContext& context) {
  const Result<Hash> check = check_of(packed, context);
  if (!check.ok()) return check.status();
  std::uint32_t examined = 0;
  const bool whole = equal_in_constant_time(ByteView(packed).last(kShareCheck),
                                            ByteView(check.value()).first(kShareCheck), examined);
  if (!whole || packed[0] != kMasterSize || packed[1 + kMasterSize] != 0) return Status::kInvalid;
  Master master;
  copy(ByteView(packed).subspan(1, kMasterSize), master);
  return master;
}

Status seal_share(const KeyOutput& agreed, ByteView head, const ShareContext& context, ByteView recipient,
                  const PackedMaster& share, ByteSpan sealed) {
  const Binding binding(head, context, recipient);
  ShareKeys keys;
  const Status status = keys.derive(agreed, binding);
  return status == Status::kOk ? seal(keys.key(), keys.nonce(), binding.out.written(), share, sealed)
                               : status;
}

Status open_share(const KeyOutput& agreed, ByteView head, const ShareContext& context, ByteView recipient,
                  ByteView sealed, PackedMaster& share) {
  const Binding binding(head, context, recipient);
  ShareKeys keys;
  const Status status = keys.derive(agreed, binding);
  return status == Status::kOk ? unseal(keys.key(), keys.nonce(), binding.out.written(), sealed, share)
                               : status;
}

}  // namespace sceau::firmware::clearsign
