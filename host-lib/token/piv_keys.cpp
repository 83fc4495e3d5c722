// The keys in the slots (SP 800-73-5 part 2, 3.2.4 and 3.3.1; Yubico's metadata and attestation).
#include <array>

#include "commands.h"
#include "openssl.h"
#include "sceau/token/piv.h"
#include "sceau/token/trail.h"
#include "tlv.h"

namespace sceau::token {
namespace {

// As the trail names it (SP 800-78-5, table 6-2).
const char* algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::p256:
      return "P-256";
    case Algorithm::p384:
      return "P-384";
    case Algorithm::rsa_2048:
      return "RSA-2048";
    case Algorithm::rsa_3072:
      return "RSA-3072";
    default:
      return "symmetric";
  }
}

// The content of 7F49: 86 is a point, 81 and 82 are an RSA modulus and exponent. SubjectPublicKeyInfo, or
// nothing.
Bytes spki_from_content(Algorithm algorithm, ByteView content) {
  if (algorithm == Algorithm::p256 || algorithm == Algorithm::p384) {
    const auto point = only_element(content, 0x86);
    const KeyOwner key = point ? key_from_point(algorithm, *point) : KeyOwner();
    return key ? spki_of(key.get()) : Bytes();
  }
  const auto modulus = find_element(content, 0x81);
  const auto exponent = find_element(content, 0x82);
  const KeyOwner key = modulus && exponent ? key_from_rsa(*modulus, *exponent) : KeyOwner();
  return key ? spki_of(key.get()) : Bytes();
}

bool is_key_algorithm(std::uint8_t value) {
  return value == 0x05 || value == 0x07 || value == 0x11 || value == 0x14;
}

}  // namespace

Result<Bytes> PivCard::generate(Slot slot, Algorithm algorithm, PinPolicy pin, TouchPolicy touch) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot generate a key in slot " + slot_text(slot);
  Bytes inner;
  append_tlv(inner, 0x80, std::array{static_cast<std::uint8_t>(algorithm)});
  if (pin != PinPolicy::standard) append_tlv(inner, 0xAA, std::array{static_cast<std::uint8_t>(pin)});
  if (touch != TouchPolicy::standard) append_tlv(inner, 0xAB, std::array{static_cast<std::uint8_t>(touch)});
  Bytes outer;
  append_tlv(outer, 0xAC, inner);
  auto response = send_selected({0x00, 0x47, 0x00, static_cast<std::uint8_t>(slot), outer, true});
  if (!response) return response.error();
  if (!response->success()) return failure(doing, response->status);
  const auto content = only_element(response->data, tag::kPublicKey);
  Bytes spki = content ? spki_from_content(algorithm, *content) : Bytes();
  if (spki.empty()) return malformed(doing);
  return spki;
}

Result<KeyMetadata> PivCard::metadata(Slot slot) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot read about the key in slot " + slot_text(slot);
  auto response = send_selected({0x00, 0xF7, 0x00, static_cast<std::uint8_t>(slot), {}, true});
  if (!response) return response.error();
  if (!response->success()) return failure(doing, response->status);
  const auto algorithm = find_element(response->data, 0x01);
  const auto policy = find_element(response->data, 0x02);
  const auto origin = find_element(response->data, 0x03);
  const auto content = find_element(response->data, 0x04);
  if (!algorithm || algorithm->size() != 1 || !is_key_algorithm((*algorithm)[0]) || !policy ||
      policy->size() != 2 || (*policy)[0] > 3 || (*policy)[1] > 3 || !origin || origin->size() != 1 ||
      !content)
    return malformed(doing);
  KeyMetadata metadata;
  metadata.algorithm = static_cast<Algorithm>((*algorithm)[0]);
  metadata.pin = static_cast<PinPolicy>((*policy)[0]);
  metadata.touch = static_cast<TouchPolicy>((*policy)[1]);
  metadata.generated = (*origin)[0] == 1;
  metadata.public_key = spki_from_content(metadata.algorithm, *content);
  if (metadata.public_key.empty()) return malformed(doing);
  return metadata;
}

Result<Bytes> PivCard::attest(Slot slot) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot attest the key in slot " + slot_text(slot);
  auto response = send_selected({0x00, 0xF9, static_cast<std::uint8_t>(slot), 0x00, {}, true});
  if (!response) return response.error();
  if (!response->success()) return failure(doing, response->status);
  if (!key_from_certificate(response->data)) return malformed(doing);
  return std::move(response->data);
}

Result<Secret> PivCard::use_key(Slot slot, Algorithm algorithm, std::uint32_t tag, ByteView data,
                                const std::string& doing) {
  Bytes inner;
  append_tlv(inner, tag::kResponse, {});
  append_tlv(inner, tag, data);
  Bytes outer;
  append_tlv(outer, tag::kAuthentication, inner);
  auto response = send_selected(
      {0x00, 0x87, static_cast<std::uint8_t>(algorithm), static_cast<std::uint8_t>(slot), outer, true});
  if (!response) return response.error();
  const Secret answer(std::move(response->data));
  if (!response->success()) return failure(doing, response->status);
  const auto whole = only_element(answer.view(), tag::kAuthentication);
  const auto value = whole ? only_element(*whole, tag::kResponse) : std::nullopt;
  if (!value) return malformed(doing);
  note_key_use("slot " + slot_text(slot) + " of " + reader(), algorithm_name(algorithm), data);
  return Secret(*value);
}

Result<Bytes> PivCard::sign_digest(Slot slot, Algorithm algorithm, ByteView digest) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot sign with slot " + slot_text(slot);
  if (digest.size() != curve_size(algorithm))
    return Error{ErrorKind::invalid, doing + ": a digest of " + std::to_string(digest.size()) +
                                         " bytes does not fit the key's curve"};
  auto signature = use_key(slot, algorithm, tag::kChallenge, digest, doing);
  if (!signature) return signature.error();
  if (!is_ecdsa_signature(signature->view(), algorithm)) return malformed(doing);
  return to_bytes(signature->view());
}

Result<Secret> PivCard::agree(Slot slot, Algorithm algorithm, ByteView peer) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot agree on a key with slot " + slot_text(slot);
  if (!key_from_point(algorithm, peer))
    return Error{ErrorKind::invalid, doing + ": the other side's key is no point of the key's curve"};
  auto secret = use_key(slot, algorithm, tag::kPoint, peer, doing);
  if (!secret) return secret;
  if (secret->size() != curve_size(algorithm)) return malformed(doing);
  return secret;
}

}  // namespace sceau::token
