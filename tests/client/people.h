// People with software keys, under a small authority: what the tests of this room sign with.
#pragma once

#include <filesystem>
#include <string>

#include "sceau/client/sign.h"
#include "sceau/ledger/note.h"
#include "sceau/pki/authority.h"
#include "sceau/pki/trust.h"

namespace sceau::client::test {

inline constexpr Time kNow = 1795000000;  // in November 2026
inline constexpr const char* kRealm = "log.example.org/store";

struct People {
  People();
  pki::SoftwareKey authority_key;
  pki::Certificate authority;
  pki::SoftwareKey key;
  pki::Certificate certificate;  // carol's, for signing
  Bytes crl;

  pki::TrustStore trust() const;
  std::string trust_pem() const;
};

// A token::Signer that signs with a key in memory; the PIN is 246824.
class SoftwareSigner final : public token::Signer {
 public:
  SoftwareSigner(pki::SoftwareKey key, Bytes certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}
  Result<token::KeyInfo> key() override;
  Result<token::Signed> sign(const token::ToSign& to_sign, token::PinSource& pins) override;
  bool lies = false;  // signs something else

 private:
  pki::SoftwareKey key_;
  Bytes certificate_;
};

class FixedPins final : public token::PinSource {
 public:
  explicit FixedPins(std::string pin) : pin_(std::move(pin)) {}
  Result<Secret> pin(const token::PinRequest& request) override {
    last_purpose = request.purpose;
    return Secret(as_bytes(pin_));
  }
  std::string last_purpose;

 private:
  std::string pin_;
};

// A folder of this test's own, removed with it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The checkpoint key of kRealm's log; another `seed`, another key.
ledger::NoteSigner log_signer(std::uint8_t seed = 7);

}  // namespace sceau::client::test
