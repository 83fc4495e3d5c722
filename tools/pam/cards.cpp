#include "cards.h"

#include <algorithm>
#include <chrono>

#include "sceau/client/sign.h"
#include "sceau/evidence/fido_attestation.h"

namespace sceau::pam {
namespace {

using std::chrono::steady_clock;

// How long the smart-card service is waited for before the kernel's news are looked at; and how often a key
// is tried that came and cannot be opened.
constexpr std::chrono::milliseconds kTurn{250};
constexpr int kTriesOfFresh = 8;

// Whatever a module says of itself, it is this machine's fault.
Error fault(const Error& error) { return {ErrorKind::unavailable, error.message}; }

}  // namespace

// The first counts, unless it only said that there was nothing.
void Cards::Round::note(const Error& error) {
  if (!problem || problem->kind == ErrorKind::not_found) problem = error;
}

bool Cards::wanted(const std::string& reader) const {
  return reader.find(options_.reader) != std::string::npos;
}

Result<Card> Cards::find(const host::Standing& standing, const std::string& account) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(options_.wait_seconds);
  auto opened = token::Readers::open();
  // A module may reach cards by other ways than the smart-card service.
  const bool keys = !standing.copy().content.fido_keys.empty();
  if (!opened && options_.modules.empty() && !keys) return opened.error();
  if (opened) {
    readers_ = std::move(*opened);
  } else {
    conversation_.log_debug(opened.error().message);
  }
  if (keys) watch_.emplace();
  bool cued = false;
  int tries_of_fresh = keys ? kTriesOfFresh : 0;
  for (;;) {
    auto known = readers_ ? readers_->list() : std::vector<token::ReaderStatus>();
    if (!known) return known.error();
    auto card = choose(*known, standing, account);
    // A key that has just been plugged in may not be ready, or not be ours yet.
    const bool fresh = !card && card.error().kind == ErrorKind::unavailable && cued && tries_of_fresh > 0;
    if (card || (card.error().kind != ErrorKind::not_found && !fresh)) return card;
    tries_of_fresh -= fresh ? 1 : 0;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    const bool can_wait = readers_ || keys;
    if (left.count() <= 0 || !can_wait) return readers_ ? std::move(card) : opened.error();
    if (!cued) conversation_.tell("Insert your card.");
    cued = true;
    if (auto waited = await_change(*known, fresh ? std::min(left, kTurn) : left, keys); !waited)
      return waited.error();
  }
}

// The smart-card service and the kernel tell their news in different places: each is asked in turn.
Status Cards::await_change(const std::vector<token::ReaderStatus>& known, std::chrono::milliseconds left,
                           bool keys) {
  if (!readers_) {
    if (watch_) watch_->wait(left);
    return {};
  }
  if (!keys) {
    auto waited = readers_->wait_for_change(known, left);
    return waited ? Status() : waited.error();
  }
  const auto end = steady_clock::now() + left;
  while (steady_clock::now() < end) {
    if (watch_->changed()) return {};
    auto waited = readers_->wait_for_change(known, std::min(kTurn, left));
    if (!waited) return waited.error();
    if (*waited) return {};
  }
  return {};
}

Result<Card> Cards::choose(const std::vector<token::ReaderStatus>& known, const host::Standing& standing,
                           const std::string& account) {
  Round round{standing, account, {}, {}};
  if (auto card = among_readers(known, round)) return std::move(*card);
  if (auto card = among_fido_keys(round)) return std::move(*card);
  if (auto card = among_modules(round)) return std::move(*card);
  if (round.problem) return *round.problem;
  return Error{ErrorKind::not_found, "no card is inserted: insert yours and try again"};
}

std::optional<Card> Cards::among_readers(const std::vector<token::ReaderStatus>& known, Round& round) {
  for (const token::ReaderStatus& reader : known) {
    if (!reader.card_present || !wanted(reader.name)) continue;
    auto card = open_piv(reader.name, round);
    if (card) return std::move(*card);
    conversation_.log_debug(reader.name + ": " + card.error().message);
    round.note(card.error());
  }
  return std::nullopt;
}

std::optional<Card> Cards::among_modules(Round& round) {
  for (const std::string& path : options_.modules) {
    auto module = load(path);
    auto tokens = module ? (*module)->tokens() : Result<std::vector<token::ModuleToken>>(module.error());
    if (!tokens) {
      conversation_.log_error(tokens.error().message);
      round.note(fault(tokens.error()));
      continue;
    }
    for (token::ModuleToken& token : *tokens) {
      const bool spoken_to = std::ranges::find(round.piv_readers, token.reader) != round.piv_readers.end();
      if (spoken_to || !wanted(token.name())) continue;
      const std::string name = token.name();
      auto card = open_behind({*module, std::move(token)}, round);
      if (card) return std::move(*card);
      conversation_.log_debug(name + ": " + card.error().message);
      round.note(card.error());
    }
  }
  return std::nullopt;
}

Result<Card> Cards::open_piv(const std::string& reader, Round& round) {
  auto channel = readers_->connect(reader);
  if (!channel) return channel.error();
  Card card;
  card.piv = std::make_shared<token::PivCard>(std::move(*channel));
  token::PivSignerOptions how;
  how.slot = token::Slot::authentication;
  card.signer = std::make_unique<token::PivSigner>(card.piv, how);
  auto who = client::signatory(*card.signer);
  if (!who) return who.error();
  round.piv_readers.push_back(reader);
  auto holder = round.standing.holder(*who->certificate, round.account);
  if (!holder) return holder.error();
  card.serial = holder->serial;
  return card;
}

std::optional<Card> Cards::among_fido_keys(Round& round) {
  if (round.standing.copy().content.fido_keys.empty()) return std::nullopt;
  for (const auto& key : token::fido_keys(readers_ ? &*readers_ : nullptr)) {
    if (!wanted(key->name())) continue;
    auto card = open_fido(key, round);
    if (card) return std::move(*card);
    conversation_.log_debug(key->name() + ": " + card.error().message);
    // A blank card in the same reader says less than the key does.
    if (card.error().kind != ErrorKind::not_found) round.problem = card.error();
  }
  return std::nullopt;
}

// The first credential on it whose person may use the account.
Result<Card> Cards::open_fido(const std::shared_ptr<token::FidoKey>& key, Round& round) {
  const auto& copy = round.standing.copy().content;
  auto credentials = key->credentials(copy.rp_id);
  if (!credentials) return credentials.error();
  Error problem{ErrorKind::not_found, "it holds no credential for " + copy.rp_id};
  for (auto& one : *credentials) {
    Card card;
    card.serial = evidence::fido_serial(one.id);
    if (auto holder = round.standing.fido_holder(card.serial, round.account); !holder) {
      problem = holder.error();
      continue;
    }
    token::FidoSignerOptions how{copy.rp_id, std::move(one), card.serial, {}};
    card.signer = std::make_unique<token::FidoSigner>(key, std::move(how));
    return card;
  }
  if (auto card = open_imported(key, round, problem)) return std::move(*card);
  return problem;
}

// A credential that pamu2fcfg made, which the key does not tell of by itself.
std::optional<Card> Cards::open_imported(const std::shared_ptr<token::FidoKey>& key, Round& round,
                                         Error& problem) {
  for (const registry::HostCopy::FidoKey& one : round.standing.copy().content.fido_keys) {
    if (one.rp_id.empty()) continue;
    const auto held = key->holds(one.rp_id, one.id);
    if (!held || !*held) continue;
    if (auto holder = round.standing.fido_holder(one.serial, round.account); !holder) {
      problem = holder.error();
      continue;
    }
    Card card;
    card.serial = one.serial;
    token::FidoSignerOptions how{one.rp_id, {one.id, to_bytes(one.person)}, one.serial, one.public_key};
    card.signer = std::make_unique<token::FidoSigner>(key, std::move(how));
    return card;
  }
  return std::nullopt;
}

Result<Card> Cards::open_behind(ModuleCard behind, Round& round) {
  // Without one, whoever finds it could be its holder.
  if (!behind.token.needs_pin)
    return Error{ErrorKind::refused,
                 "token " + behind.token.name() + " asks for no PIN: nobody logs in with it"};
  Card card;
  token::ModuleSignerOptions how;
  how.use = token::ModuleKeyUse::login;
  card.signer = std::make_unique<token::ModuleSigner>(behind.module, behind.token, std::move(how));
  auto who = client::signatory(*card.signer);
  if (!who) return who.error();
  auto holder = round.standing.holder(*who->certificate, round.account);
  if (!holder) return holder.error();
  card.serial = holder->serial;
  card.behind = std::move(behind);
  return card;
}

Result<std::shared_ptr<token::Module>> Cards::load(const std::string& path) {
  if (const auto known = modules_.find(path); known != modules_.end()) return known->second;
  auto module = token::Module::load(path);
  if (module) modules_.emplace(path, *module);
  return module;
}

}  // namespace sceau::pam
