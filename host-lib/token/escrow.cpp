#include "sceau/token/escrow.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "openssl.h"
#include "sceau/base/digest.h"
#include "split.h"

namespace sceau::token {
namespace {

using DerivationOwner = Handle<EVP_KDF, EVP_KDF_free>;
using DerivationContextOwner = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeader = 4;  // version, threshold, count, index
constexpr std::size_t kPoint = 65;
constexpr std::size_t kKey = 32;
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kCheck = 16;
constexpr std::size_t kMaxSealed = 4096;

void append_text(Bytes& out, std::string_view text) {
  append_u16(out, static_cast<std::uint16_t>(std::min<std::size_t>(text.size(), 0xFFFF)));
  append(out, as_bytes(text));
}

// Everything a share is bound to: its own header and ephemeral point, and whose it is.
Bytes binding(ByteView head, const EscrowContext& context, const std::string& recipient) {
  Bytes bound = to_bytes(std::string_view("sceau escrow share 1"));
  append(bound, head);
  append_text(bound, context.token_serial);
  append_text(bound, context.holder);
  append_text(bound, recipient);
  return bound;
}

// RFC 5869 with SHA-256: key and nonce, used once, for the agreed secret is new for each share.
Result<Secret> derive(const Secret& agreed, ByteView info) {
  const DerivationOwner derivation(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const DerivationContextOwner run(derivation ? EVP_KDF_CTX_new(derivation.get()) : nullptr);
  Secret out = Secret::sized(kKey + kNonce);
  std::array<char, 7> hash{"SHA256"};
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(agreed.view().data()),
                                        agreed.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<std::uint8_t*>(info.data()),
                                        info.size()),
      OSSL_PARAM_construct_end()};
  if (!run || EVP_KDF_derive(run.get(), out.writable().data(), out.size(), parameters.data()) != 1)
    return Error{ErrorKind::internal, "cannot derive the key of a share: OpenSSL's HKDF failed"};
  return out;
}

// AES-256-GCM. Sealing appends the tag; opening takes it off and fails with nothing when it does not fit.
std::optional<Secret> gcm(const Secret& key, ByteView bound, ByteView text, bool seal) {
  const CipherOwner cipher(EVP_CIPHER_CTX_new());
  const ByteView body = seal ? text : text.first(text.size() - kTag);
  Secret out = Secret::sized(body.size() + (seal ? kTag : 0));
  const auto at = out.writable();
  int size = 0;
  if (!cipher ||
      EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), key.view().data() + kKey,
                        seal ? 1 : 0) != 1 ||
      EVP_CipherUpdate(cipher.get(), nullptr, &size, bound.data(), static_cast<int>(bound.size())) != 1 ||
      EVP_CipherUpdate(cipher.get(), at.data(), &size, body.data(), static_cast<int>(body.size())) != 1)
    return std::nullopt;
  if (!seal && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag,
                                   const_cast<std::uint8_t*>(text.last(kTag).data())) != 1)
    return std::nullopt;
  std::array<std::uint8_t, kTag> rest{};  // GCM has none left to give at the end
  if (EVP_CipherFinal_ex(cipher.get(), rest.data(), &size) != 1) return std::nullopt;
  if (seal && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, at.last(kTag).data()) != 1)
    return std::nullopt;
  return out;
}

Result<Secret> agree_with(EVP_PKEY* own, EVP_PKEY* peer) {
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  Secret agreed = Secret::sized(32);
  std::size_t size = agreed.size();
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
      EVP_PKEY_derive(context.get(), agreed.writable().data(), &size) != 1 || size != agreed.size())
    return Error{ErrorKind::internal, "cannot agree on the key of a share: OpenSSL's ECDH failed"};
  return agreed;
}

// `own`, where there is one, is what the sender's own key agreed with the recipient's: part of what the
// share's key comes from.
Result<SealedShare> seal_one(const Secret& share, std::array<std::uint8_t, kHeader> header,
                             const Recipient& recipient, const EscrowContext& context,
                             const Secret& own = {}) {
  const KeyOwner theirs = key_from_spki(recipient.public_key);
  if (curve_of(theirs.get()) != Algorithm::p256)
    return Error{ErrorKind::invalid,
                 "the recovery key of " + recipient.id + " is no P-256 key: give the one in its slot 9D"};
  const KeyOwner ephemeral(EVP_EC_gen("P-256"));
  if (!ephemeral) return Error{ErrorKind::internal, "cannot make an ephemeral key: OpenSSL failed"};
  auto fresh = agree_with(ephemeral.get(), theirs.get());
  if (!fresh) return fresh.error();
  Secret agreed = Secret::sized(fresh->size() + own.size());
  std::ranges::copy(own.view(), std::ranges::copy(fresh->view(), agreed.writable().begin()).out);
  Bytes sealed(header.begin(), header.end());
  append(sealed, point_of(ephemeral.get()));
  const Bytes bound = binding(sealed, context, recipient.id);
  auto key = derive(agreed, bound);
  if (!key) return key.error();
  const auto text = gcm(*key, bound, share.view(), true);
  if (!text) return Error{ErrorKind::internal, "cannot seal a share: OpenSSL's AES-GCM failed"};
  append(sealed, text->view());
  return SealedShare{recipient.id, header[3], to_base64(sealed)};
}

Bytes check_value(ByteView secrets, const EscrowContext& context) {
  const Digest digest = sha256({binding({}, context, ""), secrets});
  return {digest.begin(), digest.begin() + kCheck};
}

// PUK, management key, and the check value that ends them.
Secret pack(const TokenSecrets& secrets, const EscrowContext& context) {
  Bytes packed;
  packed.reserve(2 + secrets.puk.size() + secrets.management_key.size() + kCheck);
  packed.push_back(static_cast<std::uint8_t>(secrets.puk.size()));
  append(packed, secrets.puk.view());
  packed.push_back(static_cast<std::uint8_t>(secrets.management_key.size()));
  append(packed, secrets.management_key.view());
  append(packed, check_value(packed, context));
  return Secret(std::move(packed));
}

std::optional<TokenSecrets> unpack(const Secret& packed, const EscrowContext& context) {
  if (packed.size() < kCheck + 2) return std::nullopt;
  const ByteView body = packed.view().first(packed.size() - kCheck);
  if (!equal_constant_time(check_value(body, context), packed.view().last(kCheck))) return std::nullopt;
  const std::size_t puk = body[0];
  if (body.size() < 2 + puk || body.size() != 2 + puk + body[1 + puk]) return std::nullopt;
  return TokenSecrets{Secret(body.subspan(1, puk)), Secret(body.subspan(2 + puk))};
}

Status check_recipients(int threshold, const std::vector<Recipient>& recipients) {
  if (recipients.empty() || recipients.size() > 255 || threshold < 1 ||
      static_cast<std::size_t>(threshold) > recipients.size())
    return Error{ErrorKind::invalid, "cannot split the secrets so that " + std::to_string(threshold) +
                                         " of " + std::to_string(recipients.size()) +
                                         " people recover them: name 1 to 255 people, at least that many"};
  std::set<std::string> seen;
  for (const Recipient& recipient : recipients)
    if (!seen.insert(recipient.id).second)
      return Error{ErrorKind::invalid, "recovery person " + recipient.id + " is named twice: name each once"};
  return {};
}

}  // namespace

Result<std::vector<SealedShare>> seal_shares(const TokenSecrets& secrets, int threshold,
                                             const std::vector<Recipient>& recipients,
                                             const EscrowContext& context, Random& random) {
  if (auto good = check_recipients(threshold, recipients); !good) return good.error();
  if (secrets.puk.size() > 255 || secrets.management_key.size() > 255)
    return Error{ErrorKind::invalid, "a PUK or management key longer than 255 bytes cannot be split"};
  const Secret packed = pack(secrets, context);
  auto shares = split_secret(packed, threshold, static_cast<int>(recipients.size()), random);
  if (!shares) return shares.error();
  std::vector<SealedShare> sealed;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const std::array<std::uint8_t, kHeader> header{kVersion, static_cast<std::uint8_t>(threshold),
                                                   static_cast<std::uint8_t>(recipients.size()),
                                                   static_cast<std::uint8_t>(i + 1)};
    auto one = seal_one((*shares)[i], header, recipients[i], context);
    if (!one) return one.error();
    sealed.push_back(std::move(*one));
  }
  return sealed;
}

Result<OpenedShare> open_share(const SealedShare& share, const EscrowContext& context, ByteView public_key,
                               const KeyAgreement& agree) {
  const std::string doing =
      "cannot open share " + std::to_string(share.index) + " of token " + context.token_serial;
  const Error no_share{ErrorKind::invalid, doing + ": it is no sealed share: take it from the ledger again"};
  if (share.sealed.size() > kMaxSealed) return no_share;
  auto sealed = from_base64(share.sealed);
  if (!sealed || sealed->size() < kHeader + kPoint + kTag + 1 || (*sealed)[0] != kVersion ||
      (*sealed)[1] == 0 || (*sealed)[1] > (*sealed)[2] || (*sealed)[3] == 0 || (*sealed)[3] > (*sealed)[2] ||
      (*sealed)[3] != share.index)
    return no_share;
  if (curve_of(key_from_spki(public_key).get()) != Algorithm::p256)
    return Error{ErrorKind::invalid, doing + ": the opener's key is no P-256 key: use the one in slot 9D"};
  const ByteView head = ByteView(*sealed).first(kHeader + kPoint);
  if (!key_from_point(Algorithm::p256, head.subspan(kHeader))) return no_share;
  auto agreed = agree(head.subspan(kHeader));
  if (!agreed) return agreed.error();
  const Bytes bound = binding(head, context, share.recipient);
  auto key = derive(*agreed, bound);
  if (!key) return key.error();
  auto text = gcm(*key, bound, ByteView(*sealed).subspan(head.size()), false);
  if (!text)
    return Error{ErrorKind::authentication, doing +
                                                ": it is not sealed to this key for this token and holder, "
                                                "or was changed: use the token of " +
                                                share.recipient};
  return OpenedShare{share.index, (*sealed)[1], std::move(*text), (*sealed)[2]};
}

Result<SealedShare> pass_on_share(const OpenedShare& share, const Recipient& recipient,
                                  const EscrowContext& context, const KeyAgreement& agree) {
  const KeyOwner theirs = key_from_spki(recipient.public_key);
  if (curve_of(theirs.get()) != Algorithm::p256)
    return Error{ErrorKind::invalid, "cannot pass a share on: the key to seal it to is no P-256 key"};
  auto own = agree(point_of(theirs.get()));
  if (!own) return own.error();
  const std::array<std::uint8_t, kHeader> header{kVersion, static_cast<std::uint8_t>(share.threshold),
                                                 static_cast<std::uint8_t>(share.count),
                                                 static_cast<std::uint8_t>(share.index)};
  return seal_one(share.share, header, recipient, context, *own);
}

Result<TokenSecrets> combine_shares(const std::vector<OpenedShare>& shares, const EscrowContext& context) {
  const std::string doing = "cannot recover the secrets of token " + context.token_serial;
  const int threshold = shares.empty() ? 1 : shares[0].threshold;
  const int have = static_cast<int>(shares.size());
  const Error foreign{ErrorKind::invalid,
                      doing + ": the shares do not belong together: take them from the same enrolment"};
  std::set<int> seen;
  for (const OpenedShare& share : shares) {
    if (share.index < 1 || share.index > 255 || share.threshold != threshold || share.share.empty() ||
        share.share.size() != shares[0].share.size())
      return foreign;
    if (!seen.insert(share.index).second)
      return Error{ErrorKind::invalid,
                   doing + ": share " + std::to_string(share.index) + " was given twice: give each once"};
  }
  if (have < threshold)
    return Error{ErrorKind::invalid,
                 doing + ": " + std::to_string(have) + " of the " + std::to_string(threshold) +
                     " shares needed: " + std::to_string(threshold - have) + " more must be opened"};
  auto packed = join_shares(shares);
  if (!packed) return packed.error();
  auto secrets = unpack(*packed, context);
  if (!secrets) return foreign;
  return std::move(*secrets);
}

}  // namespace sceau::token
