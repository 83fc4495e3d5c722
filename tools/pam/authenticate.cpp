#include "authenticate.h"

#include <security/pam_modules.h>
#include <unistd.h>

#include <chrono>

#include "cards.h"
#include "pins.h"
#include "sceau/host/login.h"
#include "sender.h"

namespace sceau::pam {
namespace {

int code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::refused:
    case ErrorKind::invalid:
    case ErrorKind::authentication:
      return PAM_AUTH_ERR;
    default:
      return PAM_AUTHINFO_UNAVAIL;
  }
}

// One attempt, top to bottom.
class Attempt {
 public:
  Attempt(const Conversation& conversation, const Options& options)
      : conversation_(conversation), options_(options) {}

  Outcome run() {
    auto user = conversation_.user();
    if (!user) return end(user.error(), code_of(user.error().kind));
    user_ = std::move(*user);
    auto folder = host::Folder::open(options_.folder);
    if (!folder) return end(folder.error(), PAM_AUTHINFO_UNAVAIL);
    ask_gate();
    auto standing = host::Standing::read(*folder, clock_);
    if (!standing || !standing->knows(user_)) {
      // Too old, or before the account was bound: what the gate says now may be better.
      wait_for_gate();
      standing = host::Standing::read(*folder, clock_);
    }
    if (!standing) return end(standing.error(), PAM_AUTHINFO_UNAVAIL);
    if (auto known = standing->knows(user_); !known) {
      return options_.nullok ? Outcome{PAM_IGNORE, {}} : end(known.error(), PAM_USER_UNKNOWN);
    }
    Cards cards(conversation_, options_);
    auto found = cards.find(*standing, user_);
    if (found) return sign(*folder, *standing, *found);
    const int none = options_.card_only ? PAM_CRED_INSUFFICIENT : PAM_AUTHINFO_UNAVAIL;
    return end(found.error(),
               found.error().kind == ErrorKind::not_found ? none : code_of(found.error().kind));
  }

 private:
  // Only root can take what it brings; a screen locker is content with the copy that is there.
  void ask_gate() {
    if (options_.fresh_milliseconds > 0 && ::geteuid() == 0)
      gate_ = Sender::start(options_.program, options_.folder);
  }
  void wait_for_gate() const { gate_.wait(std::chrono::milliseconds(options_.fresh_milliseconds)); }

  Outcome end(const Error& error, int code) const {
    conversation_.log_error((user_.empty() ? "" : user_ + ": ") + error.message);
    conversation_.complain(error.message);
    return {code, {}};
  }

  Outcome sign(const host::Folder& folder, const host::Standing& standing, const Card& card) {
    AskedPins pins(conversation_, card, options_);
    if (card.behind && card.behind->token.protected_path)
      conversation_.instruct("Type the PIN of token " + card.serial + " on the reader.");
    auto done = host::LogIn(folder, clock_, random_)
                    .with(standing, *card.signer, pins, {user_, conversation_.service()},
                          [this] { wait_for_gate(); });
    if (!done) {
      const bool blocked = done.error().kind == ErrorKind::authentication && pins.blocked();
      return end(done.error(), blocked ? PAM_MAXTRIES : code_of(done.error().kind));
    }
    conversation_.log_debug(user_ + ": " + done->holder.person + " with token " + done->holder.serial +
                            ", statement " + done->id);
    if (::geteuid() == 0) Sender::start(options_.program, options_.folder);
    return {PAM_SUCCESS, done->holder.person};
  }

  const Conversation& conversation_;
  const Options& options_;
  SystemClock clock_;
  SystemRandom random_;
  Sender gate_;
  std::string user_;
};

}  // namespace

Outcome authenticate(const Conversation& conversation, const Options& options) {
  return Attempt(conversation, options).run();
}

int manage_account(const Conversation& conversation, const Options& options, const std::string& person) {
  const auto end = [&](const Error& error, int code) {
    conversation.log_error(error.message);
    conversation.complain(error.message);
    return code;
  };
  auto user = conversation.user();
  if (!user) return end(user.error(), PAM_AUTHINFO_UNAVAIL);
  auto folder = host::Folder::open(options.folder);
  if (!folder) return end(folder.error(), PAM_AUTHINFO_UNAVAIL);
  const SystemClock clock;
  auto standing = host::Standing::read(*folder, clock);
  if (!standing) return end(standing.error(), PAM_AUTHINFO_UNAVAIL);
  auto may = standing->may_use(*user, person);
  if (may) return PAM_SUCCESS;
  if (may.error().kind == ErrorKind::refused) return end(may.error(), PAM_ACCT_EXPIRED);
  if (may.error().kind != ErrorKind::not_found) return end(may.error(), PAM_AUTHINFO_UNAVAIL);
  return options.nullok ? PAM_IGNORE : end(may.error(), PAM_USER_UNKNOWN);
}

}  // namespace sceau::pam
