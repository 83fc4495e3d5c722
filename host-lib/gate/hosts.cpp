// Machines where people log in by card: each fetches a copy of what the registry says of it, with a pass that
// an administrator got for it when it joined.
//
// A pass is the gate's own signature over the realm and the machine's name: the gate keeps no list, and a
// pass ends with the gate's key, as the trust of those machines does. What is signed begins like no statement
// and no CMS attributes do, so it can be taken for neither.
#include <openssl/evp.h>

#include "sceau/base/handle.h"
#include "sceau/registry/host_copy.h"
#include "sceau/statement/schema.h"
#include "state.h"

namespace sceau::gate {
namespace {

Bytes pass_text(const std::string& realm, std::string_view host) {
  Bytes text = to_bytes(std::string_view("sceau host pass v1\n"));
  append(text, as_bytes(realm));
  text.push_back('\n');
  append(text, as_bytes(host));
  text.push_back('\n');
  return text;
}

bool is_pass(const pki::Certificate& gate, ByteView text, std::string_view bearer) {
  const auto signature = from_base64(bearer);
  if (!signature || signature->empty()) return false;
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, gate.public_key()) == 1 &&
         EVP_DigestVerify(context.get(), signature->data(), signature->size(), text.data(), text.size()) == 1;
}

Status check_name(std::string_view host) {
  if (statement::is_registry_id(host)) return {};
  return Error{ErrorKind::invalid, "making a machine's copy: a machine is named by a registry id"};
}

}  // namespace

Result<std::string> Gate::host_pass_document(const Caller& caller, std::string_view host) const {
  if (auto named = check_name(host); !named) return named.error();
  if (caller.reads_only) return reads_only("letting a machine join");
  if (!caller.administrator) {
    return Error{ErrorKind::refused, "letting " + std::string(host) + " join: " + caller.person +
                                         " is no administrator: have one do it"};
  }
  auto pass = state_->keys.gate.sign(pass_text(state_->config.realm, host));
  if (!pass) return pass.error();
  return statement::to_canonical(statement::Object{{"pass", to_base64(*pass)}});
}

Result<std::string> Gate::host_copy_document(std::string_view host, std::string_view bearer) {
  if (auto named = check_name(host); !named) return named.error();
  if (!is_pass(state_->keys.certificate, pass_text(state_->config.realm, host), bearer)) {
    if (auto person = caller(bearer); !person || person->reads_only) {
      return Error{ErrorKind::authentication,
                   "making the copy for " + std::string(host) +
                       ": this is not its pass: join again with 'sceau host join'"};
    }
  }
  return signed_copy(host);
}

Result<std::string> Gate::signed_copy(std::string_view host) const {
  const ledger::Ledger& log = state_->recorder.log();
  const Time now = state_->recorder.now();
  auto copy = state_->recorder.read([&](const registry::Registry& registry) -> Result<registry::HostCopy> {
    auto made =
        registry::make_host_copy(registry, host, now, [&](const Digest& digest) { return log.blob(digest); });
    if (!made) return made;
    auto checkpoint = log.checkpoint_at(registry.size());
    if (!checkpoint) return checkpoint.error();
    made->checkpoint = std::move(*checkpoint);
    return made;
  });
  if (!copy) return copy.error().within("making the copy for " + std::string(host));
  copy->gate = state_->config.gate;
  const Bytes bytes = registry::write_host_copy(*copy);
  auto evidence = sign(state_->keys, state_->config.gate, bytes, now);
  if (!evidence) return evidence.error().within("signing the copy for " + std::string(host));
  return to_text(registry::write_signed_host_copy(bytes, evidence::serialise(*evidence)));
}

}  // namespace sceau::gate
