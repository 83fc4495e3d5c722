// Lists of tokens, and the one that is meant.
#include <algorithm>
#include <array>
#include <cstring>

#include "handles.h"
#include "sceau/pki/certificate.h"
#include "sceau/token/fido_user.h"

namespace {

struct ListedToken {
  std::string reader, serial, person, uri, problem;
  int tries = -1;
};

}  // namespace

struct sceau_tokens {
  std::vector<ListedToken> tokens;
};

namespace sceau::abi {
namespace {

using token::Slot;

std::string person_of(ByteView der) {
  auto certificate = pki::Certificate::from_der(der);
  return certificate && !certificate->is_ca() ? certificate->person() : std::string();
}

ListedToken listed(const token::FoundToken& found) {
  ListedToken one{found.reader, found.serial, {}, {}, found.problem, found.tries_left.value_or(-1)};
  for (const auto& key : found.keys)
    if (one.person.empty()) one.person = person_of(key.certificate);
  return one;
}

ListedToken listed(const token::ModuleFound& found) {
  token::TokenUri uri;
  uri.token = found.token.label;
  uri.serial = found.token.serial;
  uri.module_path = found.module->path();
  ListedToken one{found.token.name(), found.token.serial, {}, token::write_token_uri(uri), {}, -1};
  const auto certificates = token::module_certificates(found.module, found.token);
  if (!certificates) one.problem = certificates.error().message;
  for (const auto& certificate : certificates ? *certificates : std::vector<token::ModuleCertificate>())
    if (one.person.empty()) one.person = person_of(certificate.certificate);
  return one;
}

Result<std::vector<ListedToken>> list_all(sceau_t& context) {
  auto readers = token::Readers::open();
  auto cards =
      readers ? token::list_tokens(*readers) : Result<std::vector<token::FoundToken>>(readers.error());
  std::vector<ListedToken> list;
  std::vector<std::string> piv_readers;
  std::vector<const token::FoundToken*> others;
  if (cards) {
    for (const auto& card : *cards) {
      if (card.kind != token::TokenKind::piv) {
        others.push_back(&card);
        continue;
      }
      list.push_back(listed(card));
      piv_readers.push_back(card.reader);
    }
  }
  if (!cards || !others.empty() || !context.module_paths.empty())
    for (const auto& found : modules_of(context).tokens(piv_readers)) list.push_back(listed(found));
  for (const auto* other : others) {
    const auto known =
        std::ranges::any_of(list, [other](const ListedToken& one) { return one.reader == other->reader; });
    if (!known) list.push_back(listed(*other));
  }
  for (const FidoFound& found : fido_tokens(context, {}, nullptr))
    list.push_back({found.key->name(), found.serial(), token::user_of(found.credential.user), {}, {}, -1});
  if (!cards && list.empty()) return cards.error();
  return list;
}

Result<std::unique_ptr<sceau_token_t>> open_card(const std::string& choice) {
  auto readers = token::Readers::open();
  if (!readers) return readers.error();
  auto opened = token::open_token(*readers, choice);
  if (!opened) return opened.error();
  auto made = std::make_unique<sceau_token_t>();
  made->card = opened->card;
  made->reader = opened->reader;
  made->serial = opened->serial;
  // A card that is not PIV shows here.
  if (auto selected = made->card->select(); !selected) return selected.error();
  if (made->serial.empty())
    if (auto serial = made->card->serial()) made->serial = *serial;
  return made;
}

Result<std::unique_ptr<sceau_token_t>> open_module(sceau_t& context, const std::string& choice) {
  auto found = modules_of(context).find(choice);
  if (!found) return found.error();
  auto made = std::make_unique<sceau_token_t>();
  made->reader = found->token.name();
  made->serial = found->token.serial;
  made->module = std::move(*found);
  return made;
}

Result<std::unique_ptr<sceau_token_t>> open_any(sceau_t& context, const std::string& choice) {
  if (token::is_token_uri(choice)) return open_module(context, choice);
  if (names_fido(choice)) return open_fido(context, choice);
  auto card = open_card(choice);
  if (card || (card.error().kind != ErrorKind::not_found && card.error().kind != ErrorKind::unavailable))
    return card;
  auto other = open_module(context, choice);
  if (other || other.error().kind != ErrorKind::not_found) return other;
  auto key = open_fido(context, choice);
  if (!key && key.error().kind == ErrorKind::not_found) return card;
  return key;
}

}  // namespace

token::Modules& modules_of(sceau_t& context) {
  if (!context.modules) context.modules.emplace(context.module_paths);
  return *context.modules;
}

std::unique_ptr<token::Signer> signer_of(const sceau_token_t& token, int use) {
  if (token.fido) {
    token::FidoSignerOptions options{token.context->relying_party, token.fido->credential, token.serial, {}};
    return std::make_unique<token::FidoSigner>(token.fido->key, std::move(options));
  }
  if (token.module) {
    token::ModuleSignerOptions options;
    options.use = use == SCEAU_USE_LOGIN ? token::ModuleKeyUse::login : token::ModuleKeyUse::sign;
    if (use == SCEAU_USE_SIGN) {
      options.object = token.module->object;
      options.id = token.module->id;
    }
    return std::make_unique<token::ModuleSigner>(token.module->module, token.module->token,
                                                 std::move(options));
  }
  token::PivSignerOptions options;
  options.slot = use == SCEAU_USE_LOGIN ? Slot::authentication : Slot::signature;
  options.serial = token.serial;
  return std::make_unique<token::PivSigner>(token.card, std::move(options));
}

Result<Secret> CallbackPins::pin(const token::PinRequest& request) {
  const sceau_t& context = *token_.context;
  if (context.pin == nullptr)
    return Error{ErrorKind::authentication, "token " + token_.reader +
                                                " wants its PIN and the program set no PIN callback: see "
                                                "sceau_set_pin_callback"};
  Secret typed = Secret::sized(256);
  auto* text = reinterpret_cast<char*>(typed.writable().data());
  const int answer = context.pin(context.pin_user, token_.reader.c_str(), purpose_,
                                 request.tries_left.value_or(-1), text, typed.size());
  const std::size_t size = strnlen(text, typed.size());
  if (answer != 0 || size == 0 || size == typed.size())
    return Error{ErrorKind::authentication, "no PIN was given for token " + token_.reader};
  return Secret(typed.view().first(size));
}

}  // namespace sceau::abi

using namespace sceau::abi;

int sceau_token_list(sceau_t* context, sceau_token_list_t** out) {
  if (out != nullptr) *out = nullptr;
  if (context == nullptr || out == nullptr) return argument(context, "sceau_token_list: NULL");
  return guarded(context, [&]() -> sceau::Status {
    auto list = list_all(*context);
    if (!list) return list.error();
    *out = new sceau_token_list_t{std::move(*list)};
    return {};
  });
}

size_t sceau_token_list_size(const sceau_token_list_t* list) {
  return list == nullptr ? 0 : list->tokens.size();
}

namespace {

const ListedToken* at(const sceau_token_list_t* list, size_t index) {
  return list == nullptr || index >= list->tokens.size() ? nullptr : &list->tokens[index];
}

}  // namespace

const char* sceau_token_list_reader(const sceau_token_list_t* list, size_t index) {
  const auto* one = at(list, index);
  return one == nullptr ? nullptr : one->reader.c_str();
}
const char* sceau_token_list_serial(const sceau_token_list_t* list, size_t index) {
  const auto* one = at(list, index);
  return one == nullptr ? nullptr : one->serial.c_str();
}
const char* sceau_token_list_person(const sceau_token_list_t* list, size_t index) {
  const auto* one = at(list, index);
  return one == nullptr ? nullptr : one->person.c_str();
}
const char* sceau_token_list_uri(const sceau_token_list_t* list, size_t index) {
  const auto* one = at(list, index);
  return one == nullptr ? nullptr : one->uri.c_str();
}
const char* sceau_token_list_problem(const sceau_token_list_t* list, size_t index) {
  const auto* one = at(list, index);
  return one == nullptr ? nullptr : one->problem.c_str();
}
int sceau_token_list_tries(const sceau_token_list_t* list, size_t index) {
  const auto* one = at(list, index);
  return one == nullptr ? -1 : one->tries;
}
void sceau_token_list_free(sceau_token_list_t** list) { release(list); }

int sceau_token_open(sceau_t* context, const char* choice, sceau_token_t** out) {
  if (out != nullptr) *out = nullptr;
  if (context == nullptr || out == nullptr) return argument(context, "sceau_token_open: NULL");
  return guarded(context, [&]() -> sceau::Status {
    auto opened = open_any(*context, choice == nullptr ? std::string() : std::string(choice));
    if (!opened) return opened.error();
    (*opened)->context = context;
    *out = opened->release();
    return {};
  });
}

const char* sceau_token_reader(const sceau_token_t* token) {
  return token == nullptr ? nullptr : token->reader.c_str();
}
const char* sceau_token_serial(const sceau_token_t* token) {
  return token == nullptr ? nullptr : token->serial.c_str();
}

int sceau_token_certificate(sceau_token_t* token, int use, const uint8_t** der, size_t* size) {
  if (token == nullptr) return SCEAU_ERR_ARGUMENT;
  if (der == nullptr || size == nullptr || (use != SCEAU_USE_SIGN && use != SCEAU_USE_LOGIN))
    return argument(token->context, "sceau_token_certificate: NULL, or no such use");
  return guarded(token->context, [&]() -> sceau::Status {
    auto key = signer_of(*token, use)->key();
    if (!key) return key.error();
    if (token->fido)
      return sceau::Error{sceau::ErrorKind::not_found, "FIDO2 key " + token->serial + " has no certificate"};
    token->certificate = std::move(key->certificate);
    *der = token->certificate.data();
    *size = token->certificate.size();
    return {};
  });
}

void sceau_token_close(sceau_token_t** token) { release(token); }
