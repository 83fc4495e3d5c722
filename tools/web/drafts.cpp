#include "drafts.h"

#include "sceau/base/uuid.h"
#include "sceau/ledger/ledger.h"
#include "sceau/registry/registry.h"
#include "sceau/statement/lines.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/value.h"

namespace sceau::web {
namespace {

using statement::Object;
using statement::Value;

// The fields that a draft is asked for with, and no other.
Status only(const Value& asked, std::initializer_list<std::string_view> fields) {
  for (const std::string_view field : fields) {
    if (auto text = statement::text_field(asked, field); !text) return text.error();
  }
  if (asked.as_object().size() == fields.size()) return {};
  return Error{ErrorKind::invalid, "it has a field that is not known"};
}

// What is held of an answer: a release is for exactly that.
Result<Object> held_file(const gate::RequestView& view) {
  Object file;
  for (const char* field : {"bytes", "name", "sha256"}) {
    const auto found = view.held.find(field);
    if (found == view.held.end() || view.state != "quarantined")
      return Error{ErrorKind::refused, "request " + to_hex(view.digest) + " has no answer in quarantine"};
    file.emplace(field, found->second);
  }
  return file;
}

}  // namespace

std::string Drafts::rp_id() const {
  std::string id;
  gate_.with_registry([&](const registry::Registry& registry) { id = registry.policy().rp_id; });
  return id;
}

Result<statement::Statement> Drafts::write(std::string_view type, const std::string& by,
                                           statement::Value body) const {
  auto head = gate_.ledger().head();
  if (!head) return head.error();
  statement::Statement draft;
  draft.type = type;
  draft.realm = gate_.config().realm;
  draft.id = uuid_v7(clock_, random_);
  draft.by = by;
  draft.at = clock_.now();
  draft.until = draft.at + kDraftWindow;
  draft.after = {head->size, head->root};
  draft.body = std::move(body);
  return draft;
}

Result<std::string> Drafts::login(const Value& asked) const {
  if (auto form = only(asked, {"by", "type"}); !form) return form.error();
  const std::string by = asked.find("by")->as_text();
  if (!statement::is_registry_id(by)) return Error{ErrorKind::invalid, "\"by\" is no registry id"};
  auto draft = write("login", by, Object{{"audience", gate_.config().gate}});
  if (!draft) return draft.error();
  auto bytes = statement::write_statement(*draft);
  if (!bytes) return bytes.error();
  return statement::to_canonical(Object{{"lines", statement::shown_lines(*draft)},
                                        {"rp_id", rp_id()},
                                        {"statement", to_base64(*bytes)},
                                        {"type", "login"}});
}

Result<std::string> Drafts::decision(const Value& asked, const std::string& type,
                                     const gate::Caller& caller) const {
  const bool refusing = type == "refusal";
  auto form = refusing ? only(asked, {"reason", "request", "type"}) : only(asked, {"request", "type"});
  if (!form) return form.error();
  auto digest = statement::digest_field(asked, "request");
  if (!digest) return digest.error();
  auto view = gate_.request(caller, *digest);
  if (!view) return view.error();
  auto request = statement::read_statement(view->statement);
  if (!request)
    return Error{ErrorKind::not_found, "the content of request " + to_hex(*digest) + " was erased"};
  Object body{{"evidence", view->evidence}, {"request", *digest}};
  if (refusing) body.emplace("reason", asked.find("reason")->as_text());
  if (type == "export.release") {
    auto file = held_file(*view);
    if (!file) return file.error();
    body.emplace("files", statement::Array{std::move(*file)});
  }
  auto draft = write(type, caller.person, std::move(body));
  if (!draft) return draft.error();
  auto bytes = statement::write_statement(*draft);
  if (!bytes) return bytes.error();
  return statement::to_canonical(Object{{"lines", statement::shown_lines(*draft, &*request)},
                                        {"may_sign", !caller.reads_only},
                                        {"request_statement", to_base64(view->statement)},
                                        {"rp_id", rp_id()},
                                        {"signers", statement::texts(view->signers)},
                                        {"statement", to_base64(*bytes)},
                                        {"type", type}});
}

Result<std::string> Drafts::make(const std::string& asked, const Result<gate::Caller>& caller) {
  const std::string doing = "making a statement to sign";
  auto value = statement::parse_wire(as_bytes(asked), kDraftLimit);
  if (!value) return value.error().within(doing);
  auto type = statement::text_field(*value, "type");
  if (!type) return type.error().within(doing);
  if (*type != "login" && *type != "approval" && *type != "refusal" && *type != "export.release") {
    return Error{ErrorKind::invalid,
                 doing + ": a page signs login, approval, refusal and export.release alone"};
  }
  if (*type != "login" && !caller) return caller.error();
  auto draft = *type == "login" ? login(*value) : decision(*value, *type, *caller);
  if (!draft) return draft.error().within(doing);
  return draft;
}

}  // namespace sceau::web
