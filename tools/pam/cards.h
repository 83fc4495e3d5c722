// The card of the person who logs in: a PIV card's slot 9A, or the log-in key of a token that a PKCS#11
// module reaches, where the stack names one (`module=`).
//
// PIV cards come first, then FIDO2 keys (on USB or in a reader; only where somebody with an account here has
// one enrolled), and a card that speaks PIV is not looked for behind a module again. A module that cannot be
// loaded, or fails, is a fault of this machine and nobody's refusal: unavailable.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conversation.h"
#include "options.h"
#include "sceau/host/login.h"
#include "sceau/token/fido_signer.h"
#include "sceau/token/fido_watch.h"
#include "sceau/token/module_signer.h"
#include "sceau/token/piv_signer.h"
#include "sceau/token/reader.h"

namespace sceau::pam {

// Behind a PKCS#11 module.
struct ModuleCard {
  std::shared_ptr<token::Module> module;
  token::ModuleToken token;
};

// Ready to sign; `piv` or `behind` is there, and neither of a FIDO2 key.
struct Card {
  std::unique_ptr<token::Signer> signer;
  std::shared_ptr<token::PivCard> piv;
  std::optional<ModuleCard> behind;
  std::string serial;  // as it is enrolled
};

class Cards {
 public:
  // Borrowed.
  Cards(const Conversation& conversation, const Options& options)
      : conversation_(conversation), options_(options) {}

  // A card whose person may use the account; waits for one as long as the options say. not_found: none is
  // there. refused, invalid, …: what is wrong with the first that is.
  Result<Card> find(const host::Standing& standing, const std::string& account);

 private:
  // What was looked at in one round.
  struct Round {
    const host::Standing& standing;
    const std::string& account;
    std::optional<Error> problem;
    std::vector<std::string> piv_readers;
    void note(const Error& error);
  };
  std::optional<Card> among_readers(const std::vector<token::ReaderStatus>& known, Round& round);
  std::optional<Card> among_fido_keys(Round& round);
  std::optional<Card> among_modules(Round& round);
  Result<Card> choose(const std::vector<token::ReaderStatus>& known, const host::Standing& standing,
                      const std::string& account);
  Result<Card> open_piv(const std::string& reader, Round& round);
  Result<Card> open_fido(const std::shared_ptr<token::FidoKey>& key, Round& round);
  std::optional<Card> open_imported(const std::shared_ptr<token::FidoKey>& key, Round& round, Error& problem);
  Result<Card> open_behind(ModuleCard behind, Round& round);
  Result<std::shared_ptr<token::Module>> load(const std::string& path);
  // Until a card or a key comes or goes, and no longer than that. Fails as Readers does.
  Status await_change(const std::vector<token::ReaderStatus>& known, std::chrono::milliseconds left,
                      bool keys);
  [[nodiscard]] bool wanted(const std::string& reader) const;

  const Conversation& conversation_;
  const Options& options_;
  std::optional<token::Readers> readers_;  // none where the smart-card service does not run
  std::optional<token::FidoWatch> watch_;  // where somebody with an account here has a FIDO2 key
  std::map<std::string, std::shared_ptr<token::Module>> modules_;
};

}  // namespace sceau::pam
