#include "sceau/evidence/fido_metadata.h"

#include <algorithm>

#include "sceau/statement/value.h"

namespace sceau::evidence {
namespace {

using statement::Array;
using statement::Object;
using statement::Value;

Error unreadable(const std::string& what) {
  return {ErrorKind::invalid, "reading FIDO metadata as a ledger keeps it: " + what};
}

Result<std::vector<pki::Certificate>> read_roots(const Value& value) {
  auto items = statement::array_field(value, "roots");
  if (!items) return unreadable(items.error().message);
  std::vector<pki::Certificate> roots;
  for (const Value& item : (*items)->as_array()) {
    if (!item.is_text()) return unreadable("a root is no text");
    auto der = from_base64(item.as_text());
    if (!der) return unreadable(der.error().message);
    auto root = pki::Certificate::from_der(*der);
    if (!root) return root.error();
    roots.push_back(std::move(*root));
  }
  return roots;
}

Result<FidoModel> read_model(const Value& value, const std::vector<pki::Certificate>& roots, Aaguid& name) {
  auto aaguid = statement::text_field(value, "aaguid");
  auto trouble = statement::text_field(value, "trouble");
  auto places = statement::array_field(value, "roots");
  if (!aaguid || !trouble || !places) return unreadable("a model lacks a field");
  const auto bytes = from_hex(*aaguid);
  if (!bytes || bytes->size() != name.size()) return unreadable("an AAGUID is none");
  std::ranges::copy(*bytes, name.begin());
  FidoModel model{{}, std::move(*trouble)};
  for (const Value& place : (*places)->as_array()) {
    if (!place.is_int() || place.as_int() < 0 || static_cast<std::size_t>(place.as_int()) >= roots.size())
      return unreadable("a model names a root that is not there");
    model.roots.push_back(roots[static_cast<std::size_t>(place.as_int())]);
  }
  return model;
}

}  // namespace

const FidoModel* FidoMetadata::find(const Aaguid& model) const {
  const auto found = models.find(model);
  return found == models.end() ? nullptr : &found->second;
}

Bytes serialise(const FidoMetadata& metadata) {
  std::map<Digest, std::int64_t> places;
  Array roots;
  Array models;
  for (const auto& [aaguid, model] : metadata.models) {
    Array named;
    for (const pki::Certificate& root : model.roots) {
      const auto [place, fresh] = places.emplace(root.digest(), static_cast<std::int64_t>(places.size()));
      if (fresh) roots.emplace_back(to_base64(root.der()));
      named.emplace_back(place->second);
    }
    models.emplace_back(
        Object{{"aaguid", to_hex(aaguid)}, {"roots", std::move(named)}, {"trouble", model.trouble}});
  }
  return statement::to_canonical_bytes(Object{{"models", std::move(models)},
                                              {"next_update", to_rfc3339(metadata.next_update)},
                                              {"no", metadata.number},
                                              {"roots", std::move(roots)}});
}

Result<FidoMetadata> read_fido_metadata(ByteView bytes) {
  const auto value = statement::parse_wire(bytes, max_metadata_bytes);
  if (!value) return unreadable(value.error().message);
  auto number = statement::int_field(*value, "no");
  auto next = statement::time_field(*value, "next_update");
  auto models = statement::array_field(*value, "models");
  if (!number || !next || !models) return unreadable("a field is missing");
  auto roots = read_roots(*value);
  if (!roots) return roots.error();
  FidoMetadata metadata{*number, *next, {}};
  for (const Value& item : (*models)->as_array()) {
    Aaguid name{};
    auto model = read_model(item, *roots, name);
    if (!model) return model.error();
    metadata.models.insert_or_assign(name, std::move(*model));
  }
  if (!std::ranges::equal(serialise(metadata), bytes)) return unreadable("it is not what was written");
  return metadata;
}

}  // namespace sceau::evidence
