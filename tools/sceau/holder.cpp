#include "holder.h"

#include <algorithm>

#include "agent.h"
#include "fido.h"
#include "sceau/pki/key_policy.h"
#include "sceau/statement/statement.h"
#include "sceau/token/clear_signer.h"

namespace sceau::tool {

using token::Slot;

namespace {

constexpr std::string_view kAgent = "agent:";

// Where a key is needed that no agent lends.
class NoSigner final : public token::Signer {
 public:
  Result<token::KeyInfo> key() override { return error(); }
  Result<token::Signed> sign(const token::ToSign&, token::PinSource&) override { return error(); }

 private:
  static Error error() {
    return {ErrorKind::refused,
            "an agent signs log-ins and requests for extractions alone: do this where the card is"};
  }
};

}  // namespace

Holder::Holder() = default;
Holder::~Holder() = default;

Result<std::unique_ptr<Holder>> Holder::open_agent(const std::string& socket) {
  auto holder = std::unique_ptr<Holder>(new Holder());
  holder->agent_ = std::make_unique<AgentClient>(socket);
  auto who = holder->agent_->identity(Slot::signature);
  if (!who) return who.error();
  holder->reader_ = std::move(who->reader);
  holder->serial_ = std::move(who->serial);
  holder->agent_session_ = who->session;
  holder->pins_ = std::make_unique<client::TokenPins>(holder->label());
  return holder;
}

Result<std::unique_ptr<Holder>> Holder::open(Workplace& place, const std::string& choice) {
  if (choice.starts_with(kAgent)) return open_agent(choice.substr(kAgent.size()));
  if (token::is_token_uri(choice)) return open_module(place, choice);
  if (names_fido(choice)) return open_fido_key(place, choice);
  auto card = open_card(place, choice);
  if (card) {
    // A blank PIV card may be a FIDO2 key as well.
    auto certificate = (*card)->card().certificate(Slot::signature);
    if (certificate || certificate.error().kind != ErrorKind::not_found) return card;
    auto key = open_fido_key(place, (*card)->reader());
    return key ? std::move(key) : std::move(card);
  }
  const auto kind = card.error().kind;
  if (kind != ErrorKind::not_found && kind != ErrorKind::unavailable) return card;
  auto key = open_fido_key(place, choice);
  if (key || key.error().kind != ErrorKind::not_found) return key;
  auto other = open_module(place, choice);
  // What the readers said is nearer to what the person meant than that no module knows better.
  if (!other && other.error().kind == ErrorKind::not_found) return card;
  return other;
}

Result<std::unique_ptr<Holder>> Holder::open_module(Workplace& place, const std::string& choice) {
  auto modules = place.modules();
  if (!modules) return modules.error();
  auto found = (*modules)->find(choice);
  if (!found) return found.error();
  auto holder = std::unique_ptr<Holder>(new Holder());
  holder->reader_ = found->token.name();
  holder->serial_ = found->token.serial;
  holder->module_ = std::move(*found);
  holder->pins_ = std::make_unique<client::TokenPins>(holder->label());
  return holder;
}

Result<std::unique_ptr<Holder>> Holder::open_fido_key(Workplace& place, const std::string& choice) {
  auto found = open_fido(place, choice);
  if (!found) return found.error();
  auto holder = std::unique_ptr<Holder>(new Holder());
  holder->fido_ = found->key;
  holder->reader_ = found->key->name();
  holder->serial_ = found->serial;
  holder->fido_options_ = {found->rp_id, std::move(found->credential), found->serial, {}};
  holder->pins_ = std::make_unique<client::TokenPins>(holder->label());
  return holder;
}

Result<std::unique_ptr<Holder>> Holder::open_card(Workplace& place, const std::string& choice) {
  if (token::is_token_uri(choice))
    return Error{
        ErrorKind::refused,
        "this needs a PIV card in a reader, named by reader or serial: keys and PINs of a token behind a "
        "PKCS#11 module are made with its maker's own tools"};
  auto readers = place.readers();
  if (!readers) return readers.error();
  auto opened = token::open_token(*readers, choice);
  if (!opened) return opened.error();
  auto holder = std::unique_ptr<Holder>(new Holder());
  holder->card_ = opened->card;
  holder->readers_ = *readers;
  holder->reader_ = opened->reader;
  holder->serial_ = opened->serial;
  if (holder->serial_.empty()) {
    auto serial = holder->card_->serial();
    if (!serial) return serial.error();
    holder->serial_ = std::move(*serial);
  }
  holder->pins_ = std::make_unique<client::TokenPins>(holder->label());
  return holder;
}

std::string Holder::reached_through() const {
  if (agent_) return "agent";
  if (fido_) return "FIDO2";
  return module_ ? module_->module->name() : "PIV";
}

void Holder::know_pin(Secret pin) { pins_ = std::make_unique<client::TokenPins>(label(), std::move(pin)); }

std::unique_ptr<token::PivSigner> Holder::signer(Slot slot, Bytes public_key) const {
  token::PivSignerOptions options;
  options.slot = slot;
  options.pin = slot == kAuthoritySlot ? token::PinPolicy::always : token::PinPolicy::standard;
  options.serial = serial_;
  options.public_key = std::move(public_key);
  return std::make_unique<token::PivSigner>(card_, options);
}

std::unique_ptr<token::Signer> Holder::any_signer(Slot slot) const {
  if (agent_) return std::make_unique<NoSigner>();
  if (fido_) return std::make_unique<token::FidoSigner>(fido_, fido_options_);
  if (!module_) return signer(slot);
  token::ModuleSignerOptions options;
  options.use = slot == Slot::authentication ? token::ModuleKeyUse::login : token::ModuleKeyUse::sign;
  if (options.use == token::ModuleKeyUse::sign) {
    options.object = module_->object;
    options.id = module_->id;
  }
  return std::make_unique<token::ModuleSigner>(module_->module, module_->token, std::move(options));
}

token::Signer& Holder::session_signer() {
  if (!session_) session_ = any_signer(Slot::session);
  return *session_;
}

bool Holder::has_session_key() {
  if (agent_) return agent_session_;
  return card_ != nullptr && session_signer().key().ok();
}

Result<client::Signatory> Holder::signatory(Slot slot) {
  if (agent_) {
    auto who = agent_->identity(slot);
    if (!who) return who.error();
    return client::Signatory{std::move(who->person), std::nullopt, {}};
  }
  return client::signatory(*any_signer(slot));
}

Result<std::unique_ptr<token::ClearCard>> Holder::clear_card() const {
  auto channel = readers_->connect(reader_);
  if (!channel) return channel.error();
  return std::make_unique<token::ClearCard>(std::move(*channel));
}

Result<std::unique_ptr<token::Signer>> Holder::clear_signer(ByteView statement,
                                                            const client::Decided& about) const {
  std::unique_ptr<token::Signer> none;
  const auto read = statement::read_statement(statement);
  if (!readers_ || !read) return none;
  const bool decision = read->type == "approval" || read->type == "refusal" || read->type == "export.release";
  if (decision && about.request.empty()) return none;
  auto channel = readers_->connect(reader_);
  if (!channel) return channel.error();
  auto found = token::find_clear_signer(std::move(*channel), serial_, [&](ByteView der) {
    const auto policy = pki::read_key_policy(der);
    return policy && std::find(policy->types.begin(), policy->types.end(), read->type) != policy->types.end();
  });
  if (!found) return found.error();
  return std::unique_ptr<token::Signer>(std::move(*found));
}

Result<evidence::Signature> Holder::sign(ByteView statement, Time now, Slot slot,
                                         const client::Decided& about) {
  if (agent_) return agent_->sign(statement, slot);
  std::unique_ptr<token::Signer> key;
  if (slot == Slot::signature) {
    auto clear = clear_signer(statement, about);
    if (!clear) return clear.error();
    key = std::move(*clear);
  }
  if (!key && slot != Slot::session) key = any_signer(slot);
  auto& signer = key ? *key : session_signer();
  auto signature = client::sign_statement(signer, *pins_, statement, now, about, &memory_);
  if (!signature) pins_->forget();
  return signature;
}

Status Holder::try_key(ByteView text, Slot slot) {
  auto made = any_signer(slot)->sign({text, text}, *pins_);
  if (made) return {};
  pins_->forget();
  return made.error();
}

pki::SignCallback Holder::signs_bytes(Slot slot, Bytes public_key) {
  return [this, slot, key = std::move(public_key)](ByteView bytes) -> Result<Bytes> {
    auto made = signer(slot, key)->sign_raw(bytes, *pins_);
    if (!made) pins_->forget();
    return made;
  };
}

Result<Secret> Holder::agree(ByteView peer_point) {
  auto secret = card_->agree(Slot::key_management, token::Algorithm::p256, peer_point);
  if (secret || secret.error().kind != ErrorKind::authentication) return secret;
  auto pin = pins_->pin({label(), {}, "open an escrow share with slot 9D"});
  if (!pin) return pin.error();
  if (auto verified = card_->verify_pin(*pin); !verified) {
    pins_->forget();
    return verified.error();
  }
  return card_->agree(Slot::key_management, token::Algorithm::p256, peer_point);
}

}  // namespace sceau::tool
