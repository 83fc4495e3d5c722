#include "sceau/client/enrolment.h"

#include <set>

#include "sceau/base/digest.h"

namespace sceau::client {
namespace {

using statement::Value;

constexpr std::size_t kLargestEnrolment = 1U << 20U;

Error not_one(const std::string& why) {
  return {ErrorKind::invalid,
          "this is not an enrolment file (" + why + "): make one with 'sceau token init -o FILE'"};
}

// Every digest that TOKEN names.
std::vector<std::string> named_by(const Value& token) {
  std::vector<std::string> names;
  if (const Value* keys = token.find("keys"); keys != nullptr && keys->is_array()) {
    for (const auto& key : keys->as_array()) {
      for (const char* field : {"certificate", "attestation"}) {
        const Value* name = key.find(field);
        if (name != nullptr && name->is_text()) names.push_back(name->as_text());
      }
    }
  }
  if (const Value* chain = token.find("attestation_chain"); chain != nullptr && chain->is_array()) {
    for (const auto& name : chain->as_array()) {
      if (name.is_text()) names.push_back(name.as_text());
    }
  }
  return names;
}

}  // namespace

Bytes write_enrolment(const Enrolment& enrolment) {
  statement::Array blobs;
  for (const auto& blob : enrolment.blobs) blobs.emplace_back(to_base64(blob));
  auto bytes = statement::to_canonical_bytes(statement::Object{{"blobs", std::move(blobs)},
                                                               {"escrow", enrolment.escrow},
                                                               {"person", enrolment.person},
                                                               {"sceau", 1},
                                                               {"token", enrolment.token}});
  return bytes;
}

Result<Enrolment> read_enrolment(ByteView bytes) {
  auto value = statement::parse_wire(bytes, kLargestEnrolment);
  if (!value) return not_one(value.error().message);
  auto person = statement::text_field(*value, "person");
  auto token = statement::object_field(*value, "token");
  auto escrow = statement::object_field(*value, "escrow");
  auto blobs = statement::texts_field(*value, "blobs");
  if (!person) return not_one(person.error().message);
  if (!token) return not_one(token.error().message);
  if (!escrow) return not_one(escrow.error().message);
  if (!blobs) return not_one(blobs.error().message);
  Enrolment enrolment{*person, **token, **escrow, {}};
  std::set<std::string> have;
  for (const auto& text : *blobs) {
    auto blob = from_base64(text);
    if (!blob) return not_one("a blob is not base64");
    have.insert(to_hex(sha256(*blob)));
    enrolment.blobs.push_back(std::move(*blob));
  }
  for (const auto& name : named_by(enrolment.token)) {
    if (!have.contains(name)) return not_one("it names " + name + " and does not hold it");
  }
  return enrolment;
}

}  // namespace sceau::client
