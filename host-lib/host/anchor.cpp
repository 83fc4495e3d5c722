// The files that say what is believed: host.json and copy.json.
#include "sceau/evidence/verifier.h"
#include "sceau/host/folder.h"
#include "sceau/ledger/note.h"
#include "sceau/statement/value.h"

namespace sceau::host {
namespace {

using statement::Object;

constexpr std::size_t kLargestAnchor = 65536;

Error corrupt(const std::string& what) { return {ErrorKind::corrupt, what}; }

Error bad_anchor(const std::string& why) {
  return corrupt("host.json cannot be read (" + why + "): join again with 'sceau host join'");
}

Error bad_copy(const std::string& why) {
  return corrupt("the copy of the registry " + why + ": fetch it again with 'sceau host refresh'");
}

Status check_signature(const registry::SignedHostCopy& signed_copy, const Anchor& anchor, Time at) {
  auto evidence = evidence::parse(signed_copy.evidence);
  if (!evidence) return bad_copy("has no signature that can be read: " + evidence.error().message);
  if (evidence->signatures.size() != 1 || evidence->signatures.front().person != anchor.gate) {
    return bad_copy("is not signed by the gate \"" + anchor.gate + "\" alone");
  }
  pki::TrustStore trust;
  trust.add_pinned(anchor.signer);
  evidence::Verifier verifier;
  auto verified =
      verifier.verify(evidence->signatures.front(), sha256(signed_copy.copy), trust, pki::KeyUse::result, at);
  if (!verified) return bad_copy("is not the gate's: " + verified.error().message);
  if (verified->certificate != anchor.signer) return bad_copy("is signed by another gate");
  return {};
}

Result<statement::After> after_of(const registry::HostCopy& copy) {
  auto note = ledger::parse_note(copy.checkpoint);
  if (!note) return bad_copy("has no checkpoint: " + note.error().message);
  auto checkpoint = ledger::parse_checkpoint_text(note->text);
  if (!checkpoint) return bad_copy("has no checkpoint: " + checkpoint.error().message);
  if (checkpoint->origin != copy.realm) return bad_copy("has another log's checkpoint");
  return statement::After{checkpoint->size, checkpoint->root};
}

}  // namespace

Bytes write_anchor(const Anchor& anchor) {
  return statement::to_canonical_bytes(Object{{"gate", anchor.gate},
                                              {"host", anchor.host},
                                              {"pass", anchor.pass},
                                              {"realm", anchor.realm},
                                              {"signer", to_base64(anchor.signer.der())},
                                              {"url", anchor.url}});
}

Result<Anchor> read_anchor(ByteView bytes) {
  auto value = statement::parse_wire(bytes, kLargestAnchor);
  if (!value) return bad_anchor(value.error().message);
  const auto host = statement::text_field(*value, "host");
  const auto realm = statement::text_field(*value, "realm");
  const auto gate = statement::text_field(*value, "gate");
  const auto url = statement::text_field(*value, "url");
  const auto der = statement::base64_field(*value, "signer");
  if (!host || !realm || !gate || !url || !der) return bad_anchor("a field is missing");
  auto signer = pki::Certificate::from_der(*der);
  if (!signer) return bad_anchor(signer.error().message);
  const auto pass = statement::text_field(*value, "pass");
  return Anchor{*host, *realm, *gate, *url, std::move(*signer), pass ? *pass : std::string()};
}

Result<Copy> open_copy(ByteView bytes, const Anchor& anchor) {
  auto signed_copy = registry::read_signed_host_copy(bytes);
  if (!signed_copy) return corrupt(signed_copy.error().message);
  auto content = registry::read_host_copy(signed_copy->copy);
  if (!content) return corrupt(content.error().message);
  if (auto good = check_signature(*signed_copy, anchor, content->at); !good) return good.error();
  if (content->realm != anchor.realm || content->host != anchor.host || content->gate != anchor.gate) {
    return bad_copy("is for \"" + content->host + "\" of \"" + content->realm + "\", and this is \"" +
                    anchor.host + "\" of \"" + anchor.realm + "\"");
  }
  if (content->until <= content->at) return bad_copy("ends before it begins");
  auto after = after_of(*content);
  if (!after) return after.error();
  return Copy{std::move(*content), *after};
}

}  // namespace sceau::host
