// Whether somebody may log in to this machine, with the card that is there, as that account.
//
// A log-in is a `login` statement, written here and now (its UUIDv7 and time are the challenge), signed by
// the card's slot 9A, or by a FIDO2 key, whose audience is "host:" and this machine's id. It succeeds when
//   - the copy of the registry is the gate's, for this machine, and has not ended;
//   - the clock has not been set back behind what was seen;
//   - the certificate is an enrolled log-in key of an active token, its path holds and no list revokes it;
//   - or the credential is an active FIDO2 key's, touched, its user verified, and the copy has its public
//   key;
//   - its person has not left and may use that account;
//   - the signature over this very statement is that certificate's;
//   - and the statement waits for the gate, durably.
// Anything else is an Error, and nothing that fails here may ever let somebody in.
//
// Failures: not_found (nobody may use the account on this machine), refused (this person, token or
// certificate may not), authentication (the PIN), unavailable, corrupt and internal (something that this
// depends on).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sceau/base/random.h"
#include "sceau/evidence/evidence.h"
#include "sceau/host/folder.h"
#include "sceau/pki/trust.h"
#include "sceau/token/signer.h"

namespace sceau::host {

// Who a certificate's key stands for on this machine.
struct Holder {
  std::string person, serial;
};

struct LoggedIn {
  Holder holder;
  std::string id;  // of the statement that says so
};

// What is known now, read once: an attempt to log in begins with it.
class Standing {
 public:
  // Reads and checks what the folder holds. refused: the copy has ended, or the clock was set back.
  static Result<Standing> read(const Folder& folder, const Clock& clock);

  [[nodiscard]] const Anchor& anchor() const { return anchor_; }
  [[nodiscard]] const Copy& copy() const { return copy_; }
  // The clock's, or the mark's when that is later.
  [[nodiscard]] Time now() const { return now_; }

  // Somebody may use this account here. not_found: nobody at all.
  [[nodiscard]] Status knows(std::string_view account) const;
  // This person may, now; or, without a person, anybody. not_found and refused, with why.
  [[nodiscard]] Status may_use(std::string_view account, std::string_view person) const;
  // The certificate's key is an enrolled, active one whose person may use the account.
  [[nodiscard]] Result<Holder> holder(const pki::Certificate& certificate, std::string_view account) const;
  // The same of a FIDO2 key, by what its token is called.
  [[nodiscard]] Result<Holder> fido_holder(std::string_view serial, std::string_view account) const;

 private:
  Standing(Anchor anchor, Copy copy, pki::TrustStore trust, Time now)
      : anchor_(std::move(anchor)), copy_(std::move(copy)), trust_(std::move(trust)), now_(now) {}
  friend class LogIn;
  Anchor anchor_;
  Copy copy_;
  pki::TrustStore trust_;
  Time now_ = 0;
};

struct LogInRequest {
  std::string account;
  std::string service;  // of PAM: "sshd"; may be empty
};

// How long a statement made here may be on its way before it counts as late.
inline constexpr Time kLogInWindow = 300;

// Both are borrowed. A gate's refusal of an earlier log-in changes nothing here.
class LogIn {
 public:
  LogIn(const Folder& folder, const Clock& clock, Random& random)
      : folder_(folder), clock_(clock), random_(random) {}

  // Asks for the PIN at most once. Once the card has signed, `settle` may wait for a newer copy to arrive;
  // the folder is then read again, and that is what decides. Nothing is queued unless everything held.
  Result<LoggedIn> with(const Standing& standing, token::Signer& signer, token::PinSource& pins,
                        const LogInRequest& request, const std::function<void()>& settle = {});

 private:
  Result<Bytes> write(const Standing& standing, const Holder& holder, const LogInRequest& request);
  Result<Holder> decide(const evidence::Signature& signature, ByteView statement,
                        const pki::Certificate& certificate, std::string_view account);
  Result<Holder> decide_fido(const evidence::Signature& signature, ByteView statement,
                             std::string_view account);
  const Folder& folder_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace sceau::host
