// FIDO2 keys as tokens: listed, opened, and whose they are.
#include "handles.h"
#include "sceau/evidence/fido_attestation.h"

namespace sceau::abi {
namespace {

std::vector<std::shared_ptr<token::FidoKey>> keys_here(const std::string& choice) {
  if (choice.starts_with("/")) return {std::make_shared<token::FidoKey>(choice, choice)};
  auto readers = token::Readers::open();
  return token::fido_keys(readers ? &*readers : nullptr);
}

std::string describe(const std::vector<FidoFound>& found) {
  std::string text;
  for (const auto& one : found)
    text.append(text.empty() ? "" : ", ")
        .append(one.serial())
        .append(" on \"")
        .append(one.key->name())
        .append("\"");
  return text;
}

}  // namespace

std::string FidoFound::serial() const { return evidence::fido_serial(credential.id); }

bool names_fido(const std::string& choice) { return choice.starts_with("fido2-") || choice.starts_with("/"); }

std::vector<FidoFound> fido_tokens(const sceau_t& context, const std::string& choice, std::string* problem) {
  std::vector<FidoFound> found;
  for (const auto& key : keys_here(choice)) {
    auto credentials = key->credentials(context.relying_party);
    if (!credentials && problem != nullptr) *problem = credentials.error().message;
    if (!credentials) continue;
    for (auto& one : *credentials) found.push_back({key, std::move(one)});
  }
  return found;
}

Result<std::unique_ptr<sceau_token_t>> open_fido(sceau_t& context, const std::string& choice) {
  std::string problem;
  auto found = fido_tokens(context, choice, &problem);
  const std::string there = describe(found);
  if (!choice.empty() && !choice.starts_with("/"))
    std::erase_if(found, [&](const FidoFound& one) {
      return one.serial() != choice && one.key->name().find(choice) == std::string::npos;
    });
  if (found.size() > 1)
    return Error{ErrorKind::invalid,
                 "several FIDO2 credentials are meant: choose one by its serial: " + there};
  if (found.empty() && !problem.empty()) return Error{ErrorKind::unavailable, problem};
  if (found.empty())
    return Error{ErrorKind::not_found, "no FIDO2 key here holds a credential \"" + choice + "\" for " +
                                           context.relying_party +
                                           (there.empty() ? "" : ": there are " + there) +
                                           ": plug it in, or see sceau_set_relying_party"};
  auto made = std::make_unique<sceau_token_t>();
  made->reader = found.front().key->name();
  made->serial = found.front().serial();
  made->fido = std::move(found.front());
  return made;
}

Result<client::FidoKeys> enrolled_fido_keys(sceau_gate_t& gate) {
  auto policy = statement::object_field(gate.state.all, "policy");
  if (!policy) return policy.error();
  auto party = client::relying_party(**policy);
  if (!party) return party.error();
  auto document = gate.client->get("/registry/tokens");
  if (!document) return document.error();
  auto tokens = statement::array_field(*document, "tokens");
  if (!tokens) return tokens.error();
  return client::fido_keys(std::move(*party), (*tokens)->as_array());
}

}  // namespace sceau::abi

using namespace sceau::abi;

int sceau_set_relying_party(sceau_t* context, const char* id) {
  if (context == nullptr || id == nullptr || *id == '\0')
    return argument(context, "sceau_set_relying_party: NULL, or no name");
  return guarded(context, [&]() -> sceau::Status {
    context->relying_party = id;
    return {};
  });
}

int sceau_set_fido_keys(sceau_t* context, const uint8_t* keys, size_t size) {
  if (context == nullptr || (keys == nullptr && size != 0))
    return argument(context, "sceau_set_fido_keys: NULL");
  return guarded(context, [&]() -> sceau::Status {
    if (size == 0) {
      context->fido_keys = {};
      return {};
    }
    auto read = sceau::client::read_fido_keys({keys, size});
    if (!read) return read.error().within("the public keys of FIDO2 keys");
    context->fido_keys = std::move(*read);
    return {};
  });
}
