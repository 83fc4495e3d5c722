// What is signed about a token: its enrolment, and its state afterwards.
#include "fido.h"
#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/client/enrolment.h"
#include "tokens.h"

namespace sceau::tool {
namespace {

using statement::Value;

struct EnrolAct {
  std::string type;
  Value body;
  std::string done;
};

EnrolAct enrol_act(const client::Enrolment& enrolment, const EnrolOptions& options) {
  statement::Object body{{"person", enrolment.person}, {"token", enrolment.token}};
  if (enrolment.escrow.is_object() && !enrolment.escrow.as_object().empty())
    body.emplace("escrow", enrolment.escrow);
  const auto what = "token " + field_text(enrolment.token, "serial") + " of " + enrolment.person;
  if (options.renew) return {"token.renew", std::move(body), what + " is renewed"};
  if (options.replaces.empty()) return {"token.enrol", std::move(body), what + " is enrolled"};
  body.emplace("replaces", options.replaces);
  body.emplace("reason", options.reason);
  return {"token.replace", std::move(body), what + " is enrolled, and replaces " + options.replaces};
}

Result<client::Enrolment> read_enrolment_file(const std::string& file) {
  auto bytes = read_file(file, 1U << 20U);
  if (!bytes) return bytes.error();
  auto enrolment = client::read_enrolment(*bytes);
  if (!enrolment) return enrolment.error().within(file);
  return enrolment;
}

}  // namespace

Status enrol_token(Workplace& place, const EnrolOptions& options) {
  auto enrolment =
      options.file.empty() ? describe_module_token(place, options.token) : read_enrolment_file(options.file);
  if (!enrolment) return enrolment.error();
  auto act = enrol_act(*enrolment, options);
  ActRequest request{act.type, std::move(act.body), {}, enrolment->blobs, act.done};
  request.signers.push_back(options.token.empty() ? field_text(enrolment->token, "serial") : options.token);
  if (!options.previous.empty()) request.signers.push_back(options.previous);
  request.signers.insert(request.signers.end(), options.administrators.begin(), options.administrators.end());
  return perform(place, std::move(request));
}

Status set_token_state(Workplace& place, const TokenStateOptions& options) {
  const auto word = options.type == "token.suspend"  ? "suspended"
                    : options.type == "token.revoke" ? "revoked"
                                                     : "active again";
  return perform(place, {options.type,
                         statement::Object{{"reason", options.reason}, {"serial", options.serial}},
                         options.administrators,
                         {},
                         "token " + options.serial + " is " + word});
}

Status change_pin(Workplace& place, const std::string& choice) {
  if (names_fido(choice)) return change_fido_pin(place, choice);
  auto holder = Holder::open_card(place, choice);
  if (!holder) return holder.error();
  auto old_pin = client::ask_secret("Current PIN of token " + (*holder)->label() + ": ");
  if (!old_pin) return old_pin.error();
  auto new_pin = client::ask_new_secret("PIN of token " + (*holder)->label() + " (6 to 8 digits)");
  if (!new_pin) return new_pin.error();
  if (auto allowed = token::check_new_pin(*new_pin); !allowed) return allowed;
  if (auto changed = (*holder)->card().change_pin(*old_pin, *new_pin); !changed) return changed;
  place.output.result(statement::Object{{"serial", (*holder)->serial()}},
                      "token " + (*holder)->serial() + " has its new PIN");
  return {};
}

}  // namespace sceau::tool
