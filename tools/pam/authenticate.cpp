#include "authenticate.h"

#include <security/pam_modules.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>

#include "sceau/client/sign.h"
#include "sceau/host/login.h"
#include "sceau/token/piv_signer.h"
#include "sceau/token/reader.h"
#include "sender.h"

namespace sceau::pam {
namespace {

using std::chrono::steady_clock;

// A card, ready to sign with slot 9A.
struct Card {
  std::shared_ptr<token::PivCard> card;
  std::unique_ptr<token::PivSigner> signer;
};

// PINs from the conversation; says how many tries there are, where asking the card costs one command.
class AskedPins final : public token::PinSource {
 public:
  AskedPins(const Conversation& conversation, token::PivCard& card, std::string serial,
            const Options& options)
      : conversation_(conversation), card_(card), serial_(std::move(serial)), options_(options) {}

  Result<Secret> pin(const token::PinRequest& request) override {
    auto left = tries_left(request);
    if (!left) return left.error();
    auto pin = conversation_.ask("PIN of token " + serial_ + *left + ": ");
    if (pin && options_.cue) conversation_.tell(options_.cue_prompt);
    return pin;
  }
  Result<bool> type_on_reader(const token::PinRequest& request) override {
    if (options_.keyboard) return false;
    auto tries = tries_left(request);
    if (!tries) return tries.error();
    conversation_.instruct("Type the PIN of token " + serial_ + *tries + " on the reader.");
    return true;
  }
  [[nodiscard]] bool blocked() const { return blocked_ || card_.tries_left() == 0; }

 private:
  // " (2 tries left)", or nothing where asking the card would cost more than a command. authentication: none.
  Result<std::string> tries_left(const token::PinRequest& request) {
    auto tries = request.tries_left;
    if (!tries && card_.extended_length()) {
      auto state = card_.pin_state();
      if (!state && state.error().kind == ErrorKind::unavailable) return state.error();
      if (state) tries = state->tries_left;
    }
    if (tries && *tries == 0) {
      blocked_ = true;
      return Error{ErrorKind::authentication,
                   "the PIN of token " + serial_ + " is blocked: unblock it with 'sceau token unblock'"};
    }
    if (!tries) return std::string();
    return " (" + std::to_string(*tries) + (*tries == 1 ? " try left)" : " tries left)");
  }

  const Conversation& conversation_;
  token::PivCard& card_;
  std::string serial_;
  const Options& options_;
  bool blocked_ = false;
};

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
    auto readers = token::Readers::open();
    if (!readers) return end(readers.error(), PAM_AUTHINFO_UNAVAIL);
    auto found = find_card(*readers, *standing);
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

  // Waits for one as long as it may. not_found: none is there.
  Result<Card> find_card(const token::Readers& readers, const host::Standing& standing) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(options_.wait_seconds);
    bool cued = false;
    for (;;) {
      auto known = readers.list();
      if (!known) return known.error();
      auto card = choose(readers, *known, standing);
      if (card || card.error().kind != ErrorKind::not_found) return card;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
      if (left.count() <= 0) return card;
      if (!cued) conversation_.tell("Insert your card.");
      cued = true;
      if (auto waited = readers.wait_for_change(*known, left); !waited) return waited.error();
    }
  }

  // The first card whose person may use the account; else what is wrong with the first of all.
  Result<Card> choose(const token::Readers& readers, const std::vector<token::ReaderStatus>& known,
                      const host::Standing& standing) {
    std::optional<Error> problem;
    for (const token::ReaderStatus& reader : known) {
      if (!reader.card_present || reader.name.find(options_.reader) == std::string::npos) continue;
      auto card = open_card(readers, reader.name, standing);
      if (card) return card;
      conversation_.log_debug(reader.name + ": " + card.error().message);
      if (!problem || problem->kind == ErrorKind::not_found) problem = card.error();
    }
    if (problem) return *problem;
    return Error{ErrorKind::not_found, "no card is inserted: insert yours and try again"};
  }

  Result<Card> open_card(const token::Readers& readers, const std::string& reader,
                         const host::Standing& standing) {
    auto channel = readers.connect(reader);
    if (!channel) return channel.error();
    Card card;
    card.card = std::make_shared<token::PivCard>(std::move(*channel));
    token::PivSignerOptions how;
    how.slot = token::Slot::authentication;
    card.signer = std::make_unique<token::PivSigner>(card.card, how);
    auto who = client::signatory(*card.signer);
    if (!who) return who.error();
    auto holder = standing.holder(who->certificate, user_);
    if (!holder) return holder.error();
    serial_ = holder->serial;
    return card;
  }

  Outcome sign(const host::Folder& folder, const host::Standing& standing, const Card& card) {
    AskedPins pins(conversation_, *card.card, serial_, options_);
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
  std::string user_, serial_;
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
