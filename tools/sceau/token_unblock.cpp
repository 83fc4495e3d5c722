// A blocked PIN: k recovery people open the escrow of the PUK together, and the holder types a new PIN.
#include "registry_view.h"
#include "tokens.h"

namespace sceau::tool {
namespace {

using statement::Value;

struct Escrow {
  std::string holder;
  int threshold = 1;
  std::vector<token::SealedShare> shares;
};

Result<Escrow> escrow_of(Workplace& place, const std::string& serial) {
  auto entry = registry_entry(place, "tokens", "serial", serial);
  if (!entry) return entry.error();
  auto escrow = statement::object_field(*entry, "escrow");
  if (!escrow) return escrow.error();
  auto threshold = statement::int_field(**escrow, "k");
  auto shares = statement::array_field(**escrow, "shares");
  if (!threshold) return threshold.error();
  if (!shares) return shares.error();
  Escrow read{field_text(*entry, "person"), static_cast<int>(*threshold), {}};
  for (const auto& share : (*shares)->as_array()) {
    auto index = statement::int_field(share, "index");
    if (!index) return index.error();
    read.shares.push_back({field_text(share, "to"), static_cast<int>(*index), field_text(share, "sealed")});
  }
  if (read.shares.empty() && field_text(*entry, "attestation").starts_with("not attested")) {
    return Error{ErrorKind::not_found,
                 "token " + serial + " has no escrow: its maker's own tools give it a new PIN"};
  }
  if (read.shares.empty()) {
    return Error{ErrorKind::not_found, "token " + serial + " has no escrow: erase it and enrol it again"};
  }
  return read;
}

// The share that this person's token can open.
// Shares are sealed to key management keys (9D) of PIV cards.
Status check_cards(const std::vector<std::unique_ptr<Holder>>& people) {
  for (const auto& person : people)
    if (!person->is_card())
      return Error{ErrorKind::refused,
                   "token " + person->label() + " is no PIV card, and opens no escrow share"};
  return {};
}

Result<token::OpenedShare> open_share(Holder& person, const Escrow& escrow,
                                      const token::EscrowContext& context) {
  auto who = person.signatory();
  if (!who) return who.error();
  auto key = person.card().metadata(token::Slot::key_management);
  if (!key) return key.error();
  for (const auto& share : escrow.shares) {
    if (share.recipient != who->person) continue;
    return token::open_share(share, context, key->public_key,
                             [&](ByteView point) { return person.agree(point); });
  }
  return Error{ErrorKind::not_found, who->person + " holds no share of token " + context.token_serial};
}

// By share index, once each.
Result<token::TokenSecrets> recover(std::vector<std::unique_ptr<Holder>>& people, const Escrow& escrow,
                                    const token::EscrowContext& context) {
  std::vector<token::OpenedShare> opened;
  for (const auto& person : people) {
    auto share = open_share(*person, escrow, context);
    if (!share) return share.error();
    opened.push_back(std::move(*share));
  }
  return token::combine_shares(opened, context);
}

// Signs and submits "token.unblock": by the administrators named, else by the first recovery person.
Result<client::Submitted> state_unblocking(Workplace& place, const UnblockOptions& options,
                                           const std::string& serial, Holder& first) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  const auto signed_by =
      options.administrators.empty() ? std::vector<std::string>{first.reader()} : options.administrators;
  std::vector<Holder*> signers;
  std::vector<std::unique_ptr<Holder>> others;
  for (const auto& choice : signed_by) {
    if (choice == first.reader()) {
      signers.push_back(&first);
      continue;
    }
    auto holder = Holder::open(place, choice);
    if (!holder) return holder.error();
    others.push_back(std::move(*holder));
    signers.push_back(others.back().get());
  }
  auto act = sign_act(place, (*connection)->position, "token.unblock",
                      statement::Object{{"reason", options.reason}, {"serial", serial}}, signers);
  if (!act) return act.error();
  return submit(place, *act);
}

}  // namespace

Status unblock_token(Workplace& place, const UnblockOptions& options) {
  auto blocked = Holder::open_card(place, options.token);
  if (!blocked) return blocked.error();
  auto people = open_holders(place, options.recovery);
  if (!people) return people.error();
  if (auto cards = check_cards(*people); !cards) return cards;
  if (auto session = log_in(place, *people->front()); !session) return session;
  const auto serial = (*blocked)->serial();
  auto escrow = escrow_of(place, serial);
  if (!escrow) return escrow.error();
  if (people->size() < static_cast<std::size_t>(escrow->threshold)) {
    return Error{ErrorKind::invalid,
                 "token " + serial + " needs " +
                     counted(static_cast<std::uint64_t>(escrow->threshold), "recovery person") + " and " +
                     std::to_string(people->size()) + " came: name each one's token with --recovery"};
  }
  // Signed first: what follows must not happen unseen.
  auto submitted = state_unblocking(place, options, serial, *people->front());
  if (!submitted) return submitted.error();
  auto secrets = recover(*people, *escrow, {serial, escrow->holder});
  if (!secrets) return secrets.error();
  auto pin = client::ask_new_secret("PIN of token " + (*blocked)->label() + ", chosen by " + escrow->holder +
                                    " (6 to 8 digits)");
  if (!pin) return pin.error();
  if (auto allowed = token::check_new_pin(*pin); !allowed) return allowed;
  if (auto unblocked = (*blocked)->card().unblock_pin(secrets->puk, *pin); !unblocked) return unblocked;
  place.output.result(
      statement::Object{{"index", receipt_index(*submitted)}, {"serial", serial}},
      "token " + serial + " of " + escrow->holder + " has a new PIN (" + receipt_line(*submitted) + ")");
  return {};
}

}  // namespace sceau::tool
