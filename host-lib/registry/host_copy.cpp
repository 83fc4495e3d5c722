// The copy's bytes, written and read.
#include "sceau/registry/host_copy.h"

#include <algorithm>

#include "sceau/statement/value.h"

namespace sceau::registry {
namespace {

using statement::Array;
using statement::Object;
using statement::Value;

constexpr const char* kType = "host.copy";

template <typename T, typename Write>
Array list_of(const std::vector<T>& items, const Write& write) {
  Array list;
  for (const T& item : items) list.emplace_back(write(item));
  return list;
}

// Fields of one object; the first that is missing or of another kind is remembered.
class Fields {
 public:
  explicit Fields(const Value& object) : object_(object) {}
  [[nodiscard]] bool has(std::string_view key) const { return object_.find(key) != nullptr; }
  std::string text(std::string_view key) { return take(statement::text_field(object_, key)); }
  Time time(std::string_view key) { return take(statement::time_field(object_, key)); }
  Bytes bytes(std::string_view key) { return take(statement::base64_field(object_, key)); }
  Digest digest(std::string_view key) { return take(statement::digest_field(object_, key)); }
  template <typename T, typename Read>
  std::vector<T> list(std::string_view key, const Read& read) {
    std::vector<T> items;
    auto array = statement::array_field(object_, key);
    if (!array) return note(array.error()), items;
    for (const Value& value : (*array)->as_array()) {
      Fields fields(value);
      items.push_back(read(fields));
      if (fields.problem_) note(*fields.problem_);
    }
    return items;
  }
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }
  std::vector<std::string> texts(std::string_view key) { return take(statement::texts_field(object_, key)); }
  void note(const Error& error) {
    if (!problem_) problem_ = error;
  }

 private:
  template <typename T>
  T take(Result<T> field) {
    if (field) return std::move(*field);
    note(field.error());
    return T{};
  }
  const Value& object_;
  std::optional<Error> problem_;
};

Object write_authority(const HostCopy::Authority& one) {
  return {{"certificate", to_base64(one.certificate)}, {"crl", to_base64(one.crl)}};
}
Object write_person(const HostCopy::Person& one) {
  return {{"person", one.id}, {"until", to_rfc3339(one.until)}};
}
Object write_key(const HostCopy::Key& one) {
  return {
      {"serial", one.serial}, {"person", one.person}, {"state", one.state}, {"certificate", one.certificate}};
}
Object write_account(const HostCopy::Account& one) {
  return {{"account", one.account}, {"person", one.person}, {"until", to_rfc3339(one.until)}};
}

Object write_fido_key(const HostCopy::FidoKey& one) {
  Object object{{"serial", one.serial},
                {"person", one.person},
                {"state", one.state},
                {"credential", one.credential},
                {"public_key", to_base64(one.public_key)}};
  if (one.rp_id.empty()) return object;
  object.emplace("rp_id", one.rp_id);
  object.emplace("id", to_base64(one.id));
  return object;
}

Error bad_copy(const std::string& what) {
  return {ErrorKind::invalid,
          "the copy of the registry " + what + ": fetch it again with 'sceau host refresh'"};
}

void read_fido(const Value& object, HostCopy& copy, Fields& whole) {
  Fields fields(object);
  copy.rp_id = fields.text("rp_id");
  copy.origins = fields.texts("origins");
  copy.fido_keys = fields.list<HostCopy::FidoKey>("keys", [](Fields& one) {
    HostCopy::FidoKey key{one.text("serial"), one.text("person"), one.text("state"), one.digest("credential"),
                          one.bytes("public_key")};
    if (!one.has("rp_id")) return key;
    key.rp_id = one.text("rp_id");
    key.id = one.bytes("id");
    return key;
  });
  if (fields.problem()) whole.note(*fields.problem());
}

}  // namespace

Bytes write_host_copy(const HostCopy& copy) {
  Object object{{"sceau", 1},
                {"type", kType},
                {"realm", copy.realm},
                {"gate", copy.gate},
                {"host", copy.host},
                {"at", to_rfc3339(copy.at)},
                {"until", to_rfc3339(copy.until)},
                {"checkpoint", copy.checkpoint},
                {"authorities", list_of(copy.authorities, write_authority)},
                {"people", list_of(copy.people, write_person)},
                {"keys", list_of(copy.keys, write_key)},
                {"accounts", list_of(copy.accounts, write_account)}};
  if (!copy.fido_keys.empty()) {
    object.emplace("fido2", Object{{"keys", list_of(copy.fido_keys, write_fido_key)},
                                   {"origins", statement::texts(copy.origins)},
                                   {"rp_id", copy.rp_id}});
  }
  return statement::to_canonical_bytes(Value(std::move(object)));
}

Result<HostCopy> read_host_copy(ByteView bytes) {
  auto value = statement::parse_wire(bytes, kLargestHostCopy);
  if (!value) return bad_copy("cannot be read: " + value.error().message);
  Fields fields(*value);
  if (fields.text("type") != kType) return bad_copy("is none");
  HostCopy copy;
  copy.realm = fields.text("realm");
  copy.gate = fields.text("gate");
  copy.host = fields.text("host");
  copy.at = fields.time("at");
  copy.until = fields.time("until");
  copy.checkpoint = fields.text("checkpoint");
  copy.authorities = fields.list<HostCopy::Authority>("authorities", [](Fields& one) {
    return HostCopy::Authority{one.bytes("certificate"), one.bytes("crl")};
  });
  copy.people = fields.list<HostCopy::Person>("people", [](Fields& one) {
    return HostCopy::Person{one.text("person"), one.time("until")};
  });
  copy.keys = fields.list<HostCopy::Key>("keys", [](Fields& one) {
    return HostCopy::Key{one.text("serial"), one.text("person"), one.text("state"),
                         one.digest("certificate")};
  });
  copy.accounts = fields.list<HostCopy::Account>("accounts", [](Fields& one) {
    return HostCopy::Account{one.text("account"), one.text("person"), one.time("until")};
  });
  if (const Value* fido = value->find("fido2"); fido != nullptr) read_fido(*fido, copy, fields);
  if (fields.problem()) return bad_copy("breaks its format: " + fields.problem()->message);
  if (!std::ranges::equal(write_host_copy(copy), bytes)) return bad_copy("has unknown fields");
  return copy;
}

Bytes write_signed_host_copy(ByteView copy, ByteView evidence) {
  return statement::to_canonical_bytes(Object{{"copy", to_base64(copy)}, {"evidence", to_base64(evidence)}});
}

Result<SignedHostCopy> read_signed_host_copy(ByteView bytes) {
  auto value = statement::parse_wire(bytes, 2 * kLargestHostCopy);
  if (!value) return bad_copy("cannot be read: " + value.error().message);
  Fields fields(*value);
  SignedHostCopy signed_copy{fields.bytes("copy"), fields.bytes("evidence")};
  if (fields.problem()) return bad_copy("breaks its format: " + fields.problem()->message);
  return signed_copy;
}

}  // namespace sceau::registry
