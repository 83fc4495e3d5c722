#include "fake_card.h"

#include <openssl/evp.h>

#include <algorithm>

#include "answers.h"
#include "sceau/base/digest.h"

namespace sceau::test {
namespace {

Bytes status(std::uint16_t word) {
  Bytes out;
  append_u16(out, word);
  return out;
}
std::string unpadded(ByteView value) {
  std::string text;
  for (const std::uint8_t byte : value)
    if (byte != 0xFF) text.push_back(static_cast<char>(byte));
  return text;
}
Bytes encrypt(ByteView key, ByteView block) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const EVP_CIPHER* cipher = block.size() == 8  ? EVP_des_ede3_ecb()
                             : key.size() == 16 ? EVP_aes_128_ecb()
                             : key.size() == 24 ? EVP_aes_192_ecb()
                                                : EVP_aes_256_ecb();
  Bytes out(block.size());
  int size = 0;
  EVP_EncryptInit_ex(context, cipher, nullptr, key.data(), nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  EVP_EncryptUpdate(context, out.data(), &size, block.data(), static_cast<int>(block.size()));
  EVP_CIPHER_CTX_free(context);
  return out;
}

}  // namespace

FakeCard::FakeCard() {
  for (int i = 0; i < 24; ++i) management_key.push_back(static_cast<std::uint8_t>(i % 8 + 1));
  objects[{0x5F, 0xFF, 0x01}] = tlv(0x53, tlv(0x70, make_certificate(SoftwareKey().spki())));
}

Result<Bytes> FakeCard::transmit(ByteView command) {
  if (leaves_at && seen.size() >= *leaves_at)
    return Error{ErrorKind::unavailable, "lost the card in reader \"Fake\": there is no card in it"};
  seen.push_back(command[1]);
  ByteView data;
  if (command.size() > 7 && command[4] == 0) {
    data = command.subspan(7, static_cast<std::size_t>(command[5] << 8) + command[6]);
  } else if (command.size() > 5 && command[4] != 0) {
    data = command.subspan(5, command[4]);
  }
  return run(command[1], command[2], command[3], data);
}

Bytes FakeCard::run(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data) {
  switch (ins) {
    case 0xA4:
      return answer(is_sceau ? tlv(0x61, tlv(0x50, as_bytes("Sceau PIV"))) : Bytes());
    case 0xF8:
      return answer(Bytes{0, 0xBC, 0x61, 0x4E});
    case 0xFD:
      return answer(Bytes{5, 7, 0});
    case 0x20:
      if (p1 == 0xFF && !forgets_pins) return status(0x6A86);
      if (p1 == 0xFF) verified_ = false;
      return p1 == 0xFF ? status(0x9000) : verify(data);
    case 0x24:
      return change(p2, data);
    case 0x87:
      return authenticate(p1, p2, data);
    case 0x47: {
      if (!managed_) return status(0x6982);
      keys.erase(p2);
      Bytes public_key{0x7F};
      append(public_key, tlv(0x49, tlv(0x86, keys[p2].point())));
      return answer(public_key);
    }
    case 0xF7: {
      if (p2 != 0x80) return keys.count(p2) == 0 ? status(0x6A88) : answer(key_metadata(p2));
      Bytes metadata = tlv(0x05, Bytes{static_cast<std::uint8_t>(pin == "123456" ? 1 : 0)});
      append(metadata, tlv(0x06, Bytes{3, static_cast<std::uint8_t>(tries)}));
      return answer(metadata);
    }
    case 0xF9:
      return keys.count(p1) == 0 ? status(0x6A88) : answer(make_certificate(keys[p1].spki()));
    case 0xCB: {
      if (is_sceau && to_hex(data) == "5c035fff20") return answer(directory());
      const auto found = objects.find(to_bytes(data.subspan(2)));
      return found == objects.end() ? status(0x6A82) : answer(found->second);
    }
    case 0xDB: {
      if (!managed_) return status(0x6982);
      const std::size_t tag = data[1];
      objects[to_bytes(data.subspan(2, tag))] = to_bytes(data.subspan(2 + tag));
      return status(0x9000);
    }
    case 0xFF:
      if (!managed_) return status(0x6982);
      management_key = to_bytes(data.subspan(3));
      triple_des = false;
      return status(0x9000);
    default:
      return status(0x6D00);
  }
}

void FakeCard::reset() {
  ++resets;
  verified_ = managed_ = false;
}

// The mark is made of all there is, so that it changes with any of it.
Bytes FakeCard::directory() const {
  Bytes all, slots, certificates;
  for (const auto& [slot, key] : keys) {
    slots.push_back(slot);
    append(all, key.spki());
  }
  for (const auto& [tag, object] : objects) {
    append(all, tag);
    append(all, object);
  }
  const auto has = [&](std::uint8_t last) { return objects.count({0x5F, 0xC1, last}) != 0; };
  if (has(0x05)) certificates.push_back(0x9A);
  if (has(0x0A)) certificates.push_back(0x9C);
  Bytes content = tlv(0x80, sha256(all));
  append(content, tlv(0x81, slots));
  append(content, tlv(0x82, certificates));
  return tlv(0x53, content);
}

// Generated here; the PIN always for 9C, never for 9E, once for the others.
Bytes FakeCard::key_metadata(std::uint8_t slot) {
  const std::uint8_t pin_policy = slot == 0x9C ? 3 : slot == 0x9E ? 1 : 2;
  Bytes metadata = tlv(0x01, Bytes{0x11});
  append(metadata, tlv(0x02, Bytes{pin_policy, 1}));
  append(metadata, tlv(0x03, Bytes{1}));
  append(metadata, tlv(0x04, tlv(0x86, keys[slot].point())));
  return metadata;
}

Bytes FakeCard::verify(ByteView data) {
  if (data.empty()) return verified_ ? status(0x9000) : status(static_cast<std::uint16_t>(0x63C0 + tries));
  if (tries == 0) return status(0x6983);
  verified_ = unpadded(data) == pin;
  tries = verified_ ? 3 : tries - 1;
  if (verified_) return status(0x9000);
  return tries == 0 ? status(0x6983) : status(static_cast<std::uint16_t>(0x63C0 + tries));
}

Bytes FakeCard::change(std::uint8_t reference, ByteView data) {
  std::string& value = reference == 0x80 ? pin : puk;
  if (unpadded(data.first(8)) != value) return status(0x63C2);
  value = unpadded(data.subspan(8));
  return status(0x9000);
}

Bytes FakeCard::authenticate(std::uint8_t p1, std::uint8_t slot, ByteView data) {
  if (slot != 0x9B) return use_key(slot, data.subspan(2));
  const std::uint8_t kind = management_key.size() == 16 ? 0x08 : management_key.size() == 24 ? 0x0A : 0x0C;
  return p1 == (triple_des ? 0x03 : kind) ? mutual(data.subspan(2)) : status(0x6A86);
}

Bytes FakeCard::mutual(ByteView data) {
  managed_ = false;
  if (data.size() == 2) {
    witness_ = Bytes(triple_des ? 8 : 16, static_cast<std::uint8_t>(seen.size()));
    return answer(tlv(0x7C, tlv(0x80, encrypt(management_key, witness_))));
  }
  if (!std::equal(witness_.begin(), witness_.end(), data.begin() + 2)) return status(0x6982);
  managed_ = true;
  Bytes response = encrypt(management_key, data.subspan(4 + witness_.size()));
  if (lies_about_management) response[0] ^= 1;
  return answer(tlv(0x7C, tlv(0x82, response)));
}

Bytes FakeCard::use_key(std::uint8_t slot, ByteView data) {
  if (keys.count(slot) == 0) return status(0x6A88);
  if (!verified_ || refuses_touch) return status(0x6982);
  verified_ = verified_ && slot != 0x9C;
  const ByteView value = data.subspan(4);
  if (data[2] == 0x85) return answer(tlv(0x7C, tlv(0x82, keys[slot].agree(value))));
  const SoftwareKey other;
  return answer(tlv(0x7C, tlv(0x82, (signs_with_another_key ? other : keys[slot]).sign_digest(value))));
}

}  // namespace sceau::test
