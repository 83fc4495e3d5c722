#include "sceau/evidence/evidence.h"

#include "sceau/statement/schema.h"
#include "sceau/statement/value.h"

namespace sceau::evidence {

namespace {

using statement::Value;

Error wrong(const std::string& what) { return {ErrorKind::invalid, "reading evidence: " + what}; }

Result<Signature> read_signature(const Value& item) {
  const auto person = statement::text_field(item, "person");
  if (!person) return wrong(person.error().message);
  const auto kind = statement::text_field(item, "kind");
  if (!kind) return wrong(kind.error().message);
  auto bytes = statement::base64_field(item, "bytes");
  if (!bytes) return wrong(bytes.error().message);
  if (item.as_object().size() != 3)
    return wrong("a signature has the fields bytes, kind, person and no other");
  if (!statement::is_registry_id(*person)) return wrong("\"person\" must be a registry id");
  if (*kind != "cades") return wrong("kind \"" + *kind + "\" is not known: use cades");
  if (bytes->empty()) return wrong("a signature without bytes");
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
  if (!items) return wrong(items.error().message);
  if (value->as_object().size() != 1) return wrong("the only field is \"signatures\"");
  const auto& list = (*items)->as_array();
  if (list.empty()) return wrong("nobody has signed: sign the statement with a token and send it again");
  if (list.size() > max_signatures) return wrong("it holds more than 8 signatures");
  Evidence evidence;
  for (const Value& item : list) {
    auto signature = read_signature(item);
    if (!signature) return signature.error();
    for (const Signature& other : evidence.signatures) {
      // One person may sign with two keys: a renewal, by the new and by the earlier one.
      if (other == *signature) return wrong("the signature of \"" + other.person + "\" is there twice");
    }
    evidence.signatures.push_back(std::move(*signature));
  }
  return evidence;
}

Digest digest(ByteView evidence_bytes) { return sha256(evidence_bytes); }

}  // namespace sceau::evidence
