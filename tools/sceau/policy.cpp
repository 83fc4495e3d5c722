#include "policy.h"

#include <algorithm>
#include <charconv>

#include "output.h"
#include "sceau/base/files.h"
#include "sceau/evidence/fido_metadata.h"
#include "sceau/pki/certificate.h"
#include "sceau/registry/policy_file.h"

namespace sceau::tool {

using statement::Value;

Value default_policy(int recovery_k) {
  return statement::Object{
      {"after_age", 86400},
      {"approvals", 1},
      {"clear_sign", 0},
      {"decide_within", 86400},
      {"dominance_percent", 85},
      {"minimum_people", 11},
      {"offline_seconds", 604800},
      {"recovery_k", recovery_k},
      {"request_window", 900},
      {"retention_days",
       statement::Object{{"access", 365}, {"extraction", 1096}, {"registry", 3653}, {"summary", 365}}},
      {"row_limit", 100000000},
      {"session_seconds", 28800},
      {"time_limit", 600}};
}

namespace {

constexpr const char* kAuthorities = "hardware_authorities";
constexpr const char* kOrigins = "origins";
// Those whose value is a text.
constexpr std::string_view kTexts[] = {"rp_id", "counter_step_back", "fido_self_attestation", "u2f_import"};
constexpr const char* kRoots = "attestation_roots";
constexpr const char* kMetadata = "fido_metadata";

Result<pki::Certificate> certificate_in(const std::string& file) {
  auto bytes = read_file(file, 1U << 20U);
  if (!bytes) return bytes.error();
  const bool pem = as_text(*bytes).find("-----BEGIN ") != std::string_view::npos;
  auto certificate = pem ? pki::Certificate::from_pem(as_text(*bytes)) : pki::Certificate::from_der(*bytes);
  if (!certificate) return certificate.error().within(file);
  return certificate;
}

// A certificate's digest: as it stands, or of the certificate in that file, which is then sent along.
Result<Digest> authority_digest(const std::string& text, std::vector<Bytes>* blobs = nullptr) {
  if (auto digest = digest_from_hex(text)) return digest;
  auto certificate = certificate_in(text);
  if (!certificate) return certificate.error();
  if (blobs != nullptr) blobs->push_back(certificate->der());
  return certificate->digest();
}

// The service's file, checked by whoever sets the policy: what stays is small enough for a ledger, and signed
// by two administrators.
Result<Value> metadata_digest(const std::string& file, PolicyFiles& files) {
  if (files.metadata_root.empty())
    return Error{
        ErrorKind::invalid,
        "fido_metadata needs --metadata-root FILE: the root that the FIDO Metadata Service's certificate "
        "leads to"};
  auto root_bytes = read_file(files.metadata_root, 1U << 20U);
  if (!root_bytes) return root_bytes.error();
  auto roots = pki::Certificate::all_from_pem(as_text(*root_bytes));
  if (!roots) return roots.error().within(files.metadata_root);
  auto bytes = read_file(file, evidence::max_metadata_file_bytes);
  if (!bytes) return bytes.error();
  auto metadata = evidence::read_metadata_file(*bytes, *roots, files.now);
  if (!metadata) return metadata.error().within(file);
  Bytes kept = evidence::serialise(*metadata);
  if (kept.size() > evidence::max_metadata_bytes)
    return Error{ErrorKind::invalid, file + ": what it says of FIDO2 models does not fit a ledger's entry"};
  const Digest digest = sha256(kept);
  files.blobs.push_back(std::move(kept));
  return Value(digest);
}

// "ONE,TWO"; empty for none.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// "FILE,DIGEST": each a certificate of an authority; empty for none.
Result<Value> authority_list(const std::string& text, std::vector<Bytes>* blobs = nullptr) {
  std::vector<Digest> digests;
  for (const auto& part : parts_of(text)) {
    auto digest = authority_digest(part, blobs);
    if (!digest) return digest.error();
    digests.push_back(*digest);
  }
  return Value(statement::digests(digests));
}

// What is no number: nothing for any other name.
Result<std::optional<Value>> value_of(const std::string& name, const std::string& text, PolicyFiles& files) {
  if (name == kMetadata) {
    auto digest = metadata_digest(text, files);
    if (!digest) return digest.error();
    return std::optional(std::move(*digest));
  }
  if (name == kAuthorities || name == kRoots) {
    auto list = authority_list(text, name == kRoots ? &files.blobs : nullptr);
    if (!list) return list.error();
    return std::optional(std::move(*list));
  }
  if (name == kOrigins) return std::optional(Value(statement::texts(parts_of(text))));
  if (std::ranges::find(kTexts, name) == std::end(kTexts)) return std::optional<Value>();
  if (text.empty()) return Error{ErrorKind::invalid, "'" + name + "' needs a value, as " + name + "=VALUE"};
  return std::optional(Value(text));
}

// A whole file: what it says that a policy.set says too, and the file itself beside it.
Status add_file(Value& policy, const std::string& path, PolicyFiles& files) {
  auto text = read_file(path, registry::longest_policy_file + 1);
  if (!text) return text.error();
  auto file = registry::read_policy_file(as_text(*text));
  if (!file) return file.error().within(path);
  for (auto& [name, value] : file->settings) {
    Value& place = policy.as_object()[name];
    if (!value.is_object() || !place.is_object()) {
      place = std::move(value);
      continue;
    }
    for (auto& [inner, member] : value.as_object()) {
      place.as_object().insert_or_assign(inner, std::move(member));
    }
  }
  policy.as_object().insert_or_assign("rules", Value(sha256(*text)));
  files.blobs.push_back(std::move(*text));
  return {};
}

// "NAME=NUMBER", or "NAME.INNER=NUMBER", of a member that is there.
Status set_number(statement::Object& policy, std::string name, const std::string& text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return Error{ErrorKind::invalid,
                 "'" + name + "' is not given as NAME=NUMBER: 'sceau policy show' lists the names"};
  }
  const Error unknown{ErrorKind::invalid,
                      "policy has no '" + name + "': 'sceau policy show' lists the names"};
  auto* object = &policy;
  if (const auto dot = name.find('.'); dot != std::string::npos) {
    const auto inner = object->find(name.substr(0, dot));
    if (inner == object->end() || !inner->second.is_object()) return unknown;
    object = &inner->second.as_object();
    name.erase(0, dot + 1);
  }
  const auto member = object->find(name);
  if (member == object->end() || !member->second.is_int()) return unknown;
  member->second = Value(number);
  return {};
}

bool is_file(const std::string& change) {
  return change.ends_with(".toml") && change.find('=') == std::string::npos;
}

}  // namespace

Result<Value> changed_policy(Value policy, const std::vector<std::string>& changes, PolicyFiles& files) {
  for (const auto& change : changes) {
    if (is_file(change)) {
      if (auto added = add_file(policy, change, files); !added) return added.error();
      continue;
    }
    const auto equals = change.find('=');
    auto name = change.substr(0, equals);
    const auto text = equals == std::string::npos ? std::string() : change.substr(equals + 1);
    auto other = equals == std::string::npos ? Result<std::optional<Value>>(std::nullopt)
                                             : value_of(name, text, files);
    if (!other) return other.error();
    if (*other) {
      policy.as_object().insert_or_assign(name, std::move(**other));
      continue;
    }
    if (auto set = set_number(policy.as_object(), std::move(name), text); !set) return set.error();
  }
  return policy;
}

std::string policy_text(const Value& policy) {
  std::vector<std::vector<std::string>> rows{{"NAME", "VALUE"}};
  for (const auto& [name, value] : policy.as_object()) {
    if (value.is_int()) rows.push_back({name, std::to_string(value.as_int())});
    if (value.is_text()) rows.push_back({name, shown(value.as_text())});
    if (value.is_array()) {
      for (const auto& item : value.as_array())
        if (item.is_text()) rows.push_back({name, item.as_text()});
    }
    if (!value.is_object()) continue;
    for (const auto& [inner, number] : value.as_object()) {
      if (!number.is_int()) continue;
      std::string whole = name;
      rows.push_back({whole.append(".").append(inner), std::to_string(number.as_int())});
    }
  }
  const Value* listed = policy.find(kAuthorities);
  if (listed == nullptr || !listed->is_array() || listed->as_array().empty())
    rows.push_back({kAuthorities, "none"});
  return table(rows);
}

}  // namespace sceau::tool
