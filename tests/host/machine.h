// A machine of the test world: "laptop-12", where dora may use the account "dora" for thirty days.
#pragma once

#include <filesystem>
#include <string>

#include "sceau/host/login.h"
#include "world.h"

namespace sceau::test {

// A card that signs with a key in memory; `key` and `certificate` need not belong together.
class SoftCard final : public token::Signer {
 public:
  SoftCard(const pki::SoftwareKey& key, const pki::Certificate& certificate)
      : key_(key), certificate_(certificate) {}
  Result<token::KeyInfo> key() override;
  Result<token::Signed> sign(const token::ToSign& to_sign, token::PinSource& pins) override;
  int signatures = 0;

 private:
  pki::SoftwareKey key_;
  pki::Certificate certificate_;
};

class OnePin final : public token::PinSource {
 public:
  Result<Secret> pin(const token::PinRequest& /*request*/) override {
    ++asked;
    if (wrong) return Error{ErrorKind::authentication, "wrong PIN: 2 tries left"};
    return Secret(as_bytes("271828"));
  }
  int asked = 0;
  bool wrong = false;
};

struct Machine {
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // What the gate would answer now.
  Bytes fresh_copy(const std::string& host = "laptop-12");
  // The same with the content changed and signed by `key`.
  Bytes signed_copy(const registry::HostCopy& copy, const pki::SoftwareKey& key,
                    const pki::Certificate& certificate);
  registry::HostCopy content(const std::string& host = "laptop-12");
  void refresh();
  void write(const std::string& name, ByteView bytes, unsigned mode = 0644) const;
  [[nodiscard]] Bytes file(const std::string& name) const;

  Result<host::LoggedIn> log_in(const std::string& account = "dora");
  Result<host::LoggedIn> log_in(token::Signer& card, const std::string& account = "dora");
  [[nodiscard]] std::size_t waiting() const;

  World world;
  std::filesystem::path path;
  std::optional<host::Folder> folder;
  std::optional<host::Anchor> anchor;
  OnePin pins;
};

// The message of a failure, with its kind in front: "refused: …"; empty for a success.
std::string said(const Result<host::LoggedIn>& result);

}  // namespace sceau::test

// Refused for that reason, and nothing waits to be told to the gate. Of a test whose machine is called
// `machine`.
#define CHECK_OUT(why, result)             \
  do {                                     \
    const auto checked = said(result);     \
    STRCMP_CONTAINS(why, checked.c_str()); \
    LONGS_EQUAL(0, machine.waiting());     \
  } while (false)
