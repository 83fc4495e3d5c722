// The management key (SP 800-73-5 part 2, 3.2.4 and appendix A.1; Yubico's SET MANAGEMENT KEY).
#include <array>

#include "commands.h"
#include "openssl.h"
#include "sceau/token/piv.h"
#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::uint8_t kManagementKey = 0x9B;

// One block: 16 bytes of AES, 8 of the triple DES that tokens made before 2024 leave the factory with.
std::size_t block_size(Algorithm algorithm) { return algorithm == Algorithm::triple_des ? 8 : 16; }

std::optional<Algorithm> algorithm_of(const Secret& key) {
  switch (key.size()) {
    case 16:
      return Algorithm::aes_128;
    case 24:
      return Algorithm::aes_192;
    case 32:
      return Algorithm::aes_256;
    default:
      return std::nullopt;
  }
}

std::size_t key_size(Algorithm algorithm) {
  if (algorithm == Algorithm::aes_128) return 16;
  return algorithm == Algorithm::aes_256 ? 32 : 24;
}

Error wrong_key_size() {
  return {ErrorKind::invalid, "a management key has 16, 24 or 32 bytes: check which key this is"};
}

const EVP_CIPHER* cipher_of(Algorithm algorithm) {
  if (algorithm == Algorithm::triple_des) return EVP_des_ede3_ecb();
  if (algorithm == Algorithm::aes_128) return EVP_aes_128_ecb();
  return algorithm == Algorithm::aes_192 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
}

// One block, as the standard's challenge and response are; nothing when OpenSSL fails.
std::optional<Secret> transform(const Secret& key, Algorithm algorithm, ByteView block, bool encrypt) {
  const CipherOwner context(EVP_CIPHER_CTX_new());
  Secret out = Secret::sized(block_size(algorithm));
  int size = 0;
  if (!context || block.size() != out.size() ||
      EVP_CipherInit_ex(context.get(), cipher_of(algorithm), nullptr, key.view().data(), nullptr,
                        encrypt ? 1 : 0) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), out.writable().data(), &size, block.data(),
                       static_cast<int>(block.size())) != 1 ||
      size != static_cast<int>(block.size()))
    return std::nullopt;
  return out;
}

// The value of `wanted` in the one template that the answer must be.
std::optional<ByteView> template_value(ByteView answer, std::uint32_t wanted) {
  const auto whole = only_element(answer, tag::kAuthentication);
  return whole ? only_element(*whole, wanted) : std::nullopt;
}

}  // namespace

Result<Response> PivCard::ask_witness(Algorithm algorithm) {
  const std::array<std::uint8_t, 4> ask{tag::kAuthentication, 2, tag::kWitness, 0};
  return send_selected({0x00, 0x87, static_cast<std::uint8_t>(algorithm), kManagementKey, ask, true});
}

Status PivCard::authenticate(const Secret& key, Random& random) {
  auto algorithm = algorithm_of(key);
  if (!algorithm) return wrong_key_size();
  auto held = hold();
  if (!held) return held.error();
  auto asked = ask_witness(*algorithm);
  // 24 bytes may also be an older token's triple DES key: the card says which it has.
  if (asked && !asked->success() && algorithm == Algorithm::aes_192) {
    algorithm = Algorithm::triple_des;
    asked = ask_witness(*algorithm);
  }
  if (!asked) return asked.error();
  if (!asked->success())
    return Error{ErrorKind::authentication, "cannot authenticate to the " + where() +
                                                ": its management key is of another kind: answer " +
                                                status_text(asked->status)};
  return answer_witness(key, *algorithm, asked->data, random);
}

Status PivCard::answer_witness(const Secret& key, Algorithm algorithm, ByteView asked, Random& random) {
  const std::string doing = "cannot authenticate to the " + where();
  const std::size_t size = block_size(algorithm);
  const auto sealed = template_value(asked, tag::kWitness);
  if (!sealed || sealed->size() != size) return malformed("cannot authenticate");
  Bytes challenge(size);
  random.fill(challenge);
  const auto witness = transform(key, algorithm, *sealed, false);
  const auto expected = transform(key, algorithm, challenge, true);
  if (!witness || !expected) return Error{ErrorKind::internal, doing + ": OpenSSL's cipher failed"};

  Bytes inner;
  append_tlv(inner, tag::kWitness, witness->view());
  append_tlv(inner, tag::kChallenge, challenge);
  Bytes outer;
  append_tlv(outer, tag::kAuthentication, inner);
  auto answer =
      send_selected({0x00, 0x87, static_cast<std::uint8_t>(algorithm), kManagementKey, outer, true});
  if (!answer) return answer.error();
  if (!answer->success())
    return Error{ErrorKind::authentication,
                 doing + ": wrong management key: answer " + status_text(answer->status)};
  const auto response = template_value(answer->data, tag::kResponse);
  if (!response || !expected->equals(*response))
    return Error{ErrorKind::authentication,
                 doing + ": the card does not know its own management key: do not use this card"};
  return {};
}

Status PivCard::forget_management_key(Random& random) {
  auto held = hold();
  if (!held) return held.error();
  for (const Algorithm algorithm :
       {Algorithm::aes_192, Algorithm::triple_des, Algorithm::aes_256, Algorithm::aes_128}) {
    auto asked = ask_witness(algorithm);
    if (!asked) return asked.error();
    if (!asked->success()) continue;
    Secret guess = Secret::sized(key_size(algorithm));
    random.fill(guess.writable());
    const auto refused = answer_witness(guess, algorithm, asked->data, random);
    if (!refused && refused.error().kind == ErrorKind::unavailable) return refused;
    return {};
  }
  return {};
}

Status PivCard::set_management_key(const Secret& key) {
  const auto algorithm = algorithm_of(key);
  if (!algorithm) return wrong_key_size();
  auto held = hold();
  if (!held) return held.error();
  Secret data = Secret::sized(3 + key.size());
  const auto out = data.writable();
  out[0] = static_cast<std::uint8_t>(*algorithm);
  out[1] = kManagementKey;
  out[2] = static_cast<std::uint8_t>(key.size());
  std::copy(key.view().begin(), key.view().end(), out.begin() + 3);
  auto response = send_selected({0x00, 0xFF, 0xFF, 0xFF, data.view(), false});
  if (!response) return response.error();
  if (!response->success()) return failure("cannot set the management key", response->status);
  return {};
}

}  // namespace sceau::token
