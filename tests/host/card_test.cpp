// The card leaves, or answers nonsense, at each command of a log-in: nobody gets in, and the next attempt
// works.
#include <CppUTest/TestHarness.h>
#include <openssl/evp.h>

#include <memory>

#include "answers.h"
#include "machine.h"
#include "sceau/token/piv_signer.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr const char* kUnplugged = "";

Bytes sign_digest(const pki::SoftwareKey& key, ByteView digest) {
  std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> context(EVP_PKEY_CTX_new(key.handle(), nullptr),
                                                                 EVP_PKEY_CTX_free);
  std::size_t size = 128;
  Bytes signature(size);
  if (EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) != 1) {
    std::abort();
  }
  signature.resize(size);
  return signature;
}

// Slot 9A of a PIV card, its answers from one command on replaced.
class PivChannel final : public token::Channel {
 public:
  PivChannel(const Card& card, std::size_t at, std::string instead, std::size_t* commands)
      : card_(card), at_(at), instead_(std::move(instead)), commands_(commands) {}

  Result<Bytes> transmit(ByteView command) override {
    if ((*commands_)++ < at_) return run(command);
    if (instead_ == kUnplugged) return Error{ErrorKind::unavailable, "lost the card in reader \"Fake\""};
    return *from_hex(instead_);
  }
  [[nodiscard]] std::string name() const override { return "Fake"; }
  [[nodiscard]] bool extended_length() const override { return true; }

 private:
  Bytes run(ByteView command) {
    const ByteView data = command.size() > 7 && command[4] == 0 ? command.subspan(7) : command.subspan(5);
    switch (command[1]) {
      case 0xCB:
        return answer(tlv(0x53, tlv(0x70, card_.login.certificate->der())));
      case 0xF7:
        return answer(tlv(0x06, Bytes{3, 3}));
      case 0x87:
        // 7C L 82 00 81 20 and the digest.
        return answer(tlv(0x7C, tlv(0x82, sign_digest(card_.login.key, data.subspan(6, 32)))));
      default:
        return answer({});
    }
  }
  const Card& card_;
  std::size_t at_;
  std::string instead_;
  std::size_t* commands_;
};

}  // namespace

TEST_GROUP(HostCard) {
  static constexpr std::size_t kNever = 1000;
  Machine machine;
  std::size_t commands = 0;

  Result<host::LoggedIn> log_in(std::size_t at, const std::string& instead) {
    commands = 0;
    auto card = std::make_shared<token::PivCard>(
        std::make_unique<PivChannel>(machine.world.card("dora"), at, instead, &commands));
    token::PivSignerOptions how;
    how.slot = token::Slot::authentication;
    token::PivSigner signer(card, how);
    return machine.log_in(signer);
  }
};

TEST(HostCard, AWholeLogInTakesFourCommands) {
  STRCMP_EQUAL("", said(log_in(kNever, kUnplugged)).c_str());
  LONGS_EQUAL(4, commands);
  LONGS_EQUAL(1, machine.waiting());
}

TEST(HostCard, PulledAtEachCommandItLetsNobodyInAndTheNextTimeItDoes) {
  for (std::size_t at = 0; at < 4; ++at) {
    const auto result = log_in(at, kUnplugged);
    CHECK_FALSE(result.ok());
    CHECK(result.error().kind == ErrorKind::unavailable);
    LONGS_EQUAL(0, machine.waiting());
  }
  CHECK(log_in(kNever, kUnplugged).ok());
}

TEST(HostCard, WhateverItAnswersInsteadItLetsNobodyIn) {
  for (std::size_t at = 1; at < 4; ++at) {
    for (const char* instead :
         {"6a82", "6982", "6983", "63c2", "6581", "6f00", "90", "00", "7c009000", "53009000", "7c0482000000",
          "7c0a8208300602010102010190", "7c0a820830060201010201019000"}) {
      const auto result = log_in(at, instead);
      CHECK_TEXT(!result.ok(), (std::to_string(at) + " " + instead).c_str());
      LONGS_EQUAL_TEXT(0, machine.waiting(), instead);
    }
  }
}

TEST(HostCard, AnEarlierSignatureSaysNothingNow) {
  // The signature of another challenge, by the right key.
  const Bytes digest(32, 0x5A);
  const Bytes old = tlv(0x7C, tlv(0x82, sign_digest(machine.world.card("dora").login.key, digest)));
  CHECK_FALSE(log_in(3, to_hex(answer(old))).ok());
  LONGS_EQUAL(0, machine.waiting());
}
