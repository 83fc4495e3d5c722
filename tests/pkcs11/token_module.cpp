#include "token_module.h"

#include <CppUTest/TestHarness.h>

namespace sceau::test {
namespace {

class Wire final : public token::Channel {
 public:
  explicit Wire(std::shared_ptr<TokenInMemory> token) : token_(std::move(token)) {}
  Result<Bytes> transmit(ByteView command) override {
    if (token_->is_gone()) return gone();
    return token_->transmit(command);
  }
  Result<token::CardState> begin() override {
    if (token_->is_gone()) return gone();
    return token::CardState::kept;
  }
  [[nodiscard]] std::string name() const override { return "Token"; }
  [[nodiscard]] bool extended_length() const override { return true; }

 private:
  static Error gone() { return {ErrorKind::unavailable, "lost the card"}; }
  std::shared_ptr<TokenInMemory> token_;
};

class OneReader final : public pkcs11::ReaderSource {
 public:
  explicit OneReader(std::shared_ptr<TokenInMemory> token) : token_(std::move(token)) {}
  Result<std::vector<token::ReaderStatus>> list() override {
    return std::vector<token::ReaderStatus>{{"Token", !token_->is_gone(), {}}};
  }
  Result<std::unique_ptr<token::Channel>> connect(const std::string& /*reader*/) override {
    return std::unique_ptr<token::Channel>(std::make_unique<Wire>(token_));
  }
  Result<bool> wait(const std::vector<token::ReaderStatus>& /*known*/,
                    std::chrono::milliseconds /*timeout*/) override {
    return false;
  }
  void stop() override {}

 private:
  std::shared_ptr<TokenInMemory> token_;
};

class OneFidoKey final : public pkcs11::FidoSource {
 public:
  std::vector<pkcs11::FidoSlot> list(pkcs11::ReaderSource& /*readers*/,
                                     const std::vector<token::ReaderStatus>& seen,
                                     bool /*ask_cards*/) override {
    if (seen.empty() || !seen[0].card_present) return {};
    return {{"Token (FIDO2)", "Token", {}}};
  }
};

}  // namespace

std::unique_ptr<token::Channel> wire_to(std::shared_ptr<TokenInMemory> token) {
  return std::make_unique<Wire>(std::move(token));
}

TokenModule::TokenModule(std::shared_ptr<TokenInMemory> in, std::vector<std::string> relying_parties)
    : token(std::move(in)) {
  pkcs11::Module::instance().make_with([this, parties = std::move(relying_parties)] {
    return std::make_shared<pkcs11::Provider>(
        std::make_unique<OneReader>(token), pkcs11::TokenOptions{nullptr, false, clock},
        pkcs11::ForeignOptions{}, pkcs11::FidoOptions{std::make_unique<OneFidoKey>(), parties});
  });
  CHECK_EQUAL(CKR_OK, module.functions->C_Initialize(nullptr));
  std::vector<CK_SLOT_ID> slots(2);
  CK_ULONG count = slots.size();
  CHECK_EQUAL(CKR_OK, module.functions->C_GetSlotList(CK_TRUE, slots.data(), &count));
  CHECK_EQUAL(2, count);
  CHECK_EQUAL(CKR_OK, module.functions->C_OpenSession(slots[1], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                                      nullptr, &session));
}

TokenModule::TokenModule(std::shared_ptr<TokenInMemory> in, std::shared_ptr<pkcs11::Cache> cache)
    : token(std::move(in)) {
  pkcs11::Module::instance().make_with([this, cache] {
    return std::make_shared<pkcs11::Provider>(std::make_unique<OneReader>(token),
                                              pkcs11::TokenOptions{cache, false, clock});
  });
  CHECK_EQUAL(CKR_OK, module.functions->C_Initialize(nullptr));
  session = module.open();
}

}  // namespace sceau::test
