#include "token_in_memory.h"

#include "../firmware/clearsign/clear_card.h"
#include "sceau/pki/authority.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

namespace sceau::test {
namespace {

namespace device = firmware::test;

Bytes certificate_for(ByteView spki) {
  SystemRandom random;
  const auto key = pki::SoftwareKey::generate();
  const pki::Validity validity{kNow - 86400, kNow + 86400};
  const auto root =
      pki::self_sign_authority(key->spki(), {"Root", "", "Test"}, validity, key->signer(), random);
  const auto own =
      pki::issue(*root, spki, {"Alice", "alice", "Test"}, pki::KeyUse::sign, validity, key->signer(), random);
  CHECK(own.ok());
  return own->der();
}

}  // namespace

struct TokenInMemory::Device {
  device::ClearCard clear;
};

TokenInMemory::TokenInMemory(bool touch) : device_(std::make_unique<Device>()) {
  device::ClearCard& clear = device_->clear;
  device::PolicyWords policy;
  policy.touch = touch ? 2 : 1;
  clear.verify();
  point_ = clear.generate(policy);
  clear.verify();
  CHECK_EQUAL(65U, clear.generate(policy, "C2").size());
  Bytes spki = *from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
  append(spki, point_);
  LONGS_EQUAL(0x9000, clear.card.command("00 DA 00 C1", certificate_for(spki)).word);
  select_piv();
  clear.card.authenticate();
  CHECK_FALSE(clear.card.generate("9A").empty());
}
TokenInMemory::~TokenInMemory() = default;

Bytes TokenInMemory::transmit(ByteView command) {
  seen.push_back(command[1]);
  const device::Answer answer = device_->clear.card.send(to_bytes(command));
  Bytes bytes = answer.data;
  append_u16(bytes, static_cast<std::uint16_t>(answer.word));
  return bytes;
}

void TokenInMemory::press_button(bool pressed) {
  device_->clear.card.board().touch = pressed ? firmware::Touch::kTouched : firmware::Touch::kTimedOut;
}
int TokenInMemory::times_pressed() const { return device_->clear.card.board().touches_asked; }

unsigned TokenInMemory::counter() {
  device_->clear.select();
  return device_->clear.counter();
}

void TokenInMemory::select_piv() {
  LONGS_EQUAL(0x9000, device_->clear.card.word("00 A4 04 00 05 A0 00 00 03 08 00"));
}

}  // namespace sceau::test
