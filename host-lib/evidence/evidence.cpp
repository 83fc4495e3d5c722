#include "sceau/evidence/evidence.h"

#include "sceau/statement/schema.h"
#include "sceau/statement/value.h"

namespace sceau::evidence {

namespace {

using statement::Value;

Error bad_evidence(const std::string& what) { return {ErrorKind::invalid, "reading evidence: " + what}; }

Result<Signature> read_signature(const Value& item) {
  const auto person = statement::text_field(item, "person");
  if (!person) return bad_evidence(person.error().message);
  const auto kind = statement::text_field(item, "kind");
  if (!kind) return bad_evidence(kind.error().message);
  auto bytes = statement::base64_field(item, "bytes");
  if (!bytes) return bad_evidence(bytes.error().message);
  if (item.as_object().size() != 3)
    return bad_evidence("a signature has the fields bytes, kind, person and no other");
  if (!statement::is_registry_id(*person)) return bad_evidence("\"person\" must be a registry id");
  if (*kind != cades_kind && *kind != webauthn_kind)
    return bad_evidence("kind \"" + *kind + "\" is not known: use cades or webauthn");
  if (bytes->empty()) return bad_evidence("a signature without bytes");
  return Signature{*person, *kind, std::move(*bytes)};
}

}  // namespace

Bytes serialise(const Evidence& evidence) {
  statement::Array items;
  for (const Signature& signature : evidence.signatures) {
    items.emplace_back(statement::Object{
        {"person", signature.person}, {"kind", signature.kind}, {"bytes", to_base64(signature.bytes)}});
  }
  return statement::to_canonical_bytes(statement::Object{{"signatures", std::move(items)}});
}

Result<Evidence> parse(ByteView bytes) {
  const auto value = statement::parse_wire(bytes, max_evidence_bytes);
  if (!value) return value.error().within("reading evidence");
  const auto items = statement::array_field(*value, "signatures");
  if (!items) return bad_evidence(items.error().message);
  if (value->as_object().size() != 1) return bad_evidence("the only field is \"signatures\"");
  const auto& list = (*items)->as_array();
  if (list.empty())
    return bad_evidence("nobody has signed: sign the statement with a token and send it again");
  if (list.size() > max_signatures) return bad_evidence("it holds more than 8 signatures");
  Evidence evidence;
  for (const Value& item : list) {
    auto signature = read_signature(item);
    if (!signature) return signature.error();
    for (const Signature& other : evidence.signatures) {
      // One person may sign with two keys: a renewal, by the new and by the earlier one.
      if (other == *signature)
        return bad_evidence("the signature of \"" + other.person + "\" is there twice");
    }
    evidence.signatures.push_back(std::move(*signature));
  }
  return evidence;
}

Digest digest(ByteView evidence_bytes) { return sha256(evidence_bytes); }

}  // namespace sceau::evidence
