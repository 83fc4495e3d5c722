#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/client/enrolment.h"
#include "terms.h"
#include "tokens.h"

namespace sceau::tool {
namespace {

using statement::Value;

struct Recovery {
  int threshold = 1;
  std::vector<token::Recipient> recipients;
};

// Who can open escrow, from the gate's state: everybody but the holder, if that leaves enough.
Result<Recovery> recovery_of(const client::GateState& state, const std::string& holder) {
  auto policy = statement::object_field(state.all, "policy");
  auto people = statement::array_field(state.all, "recovery");
  if (!policy) return policy.error();
  if (!people) return people.error();
  auto threshold = statement::int_field(**policy, "recovery_k");
  if (!threshold) return threshold.error();
  Recovery recovery;
  recovery.threshold = static_cast<int>(*threshold);
  for (const bool with_holder : {false, true}) {
    recovery.recipients.clear();
    for (const auto& person : (*people)->as_array()) {
      auto key = statement::base64_field(person, "public_key");
      if (!key) return key.error();
      const auto id = field_text(person, "person");
      if (with_holder || id != holder) recovery.recipients.push_back({id, std::move(*key)});
    }
    if (recovery.recipients.size() >= static_cast<std::size_t>(recovery.threshold)) return recovery;
  }
  return Error{ErrorKind::refused, "policy asks for " + std::to_string(recovery.threshold) +
                                       " recovery people and " + std::to_string(recovery.recipients.size()) +
                                       " administrators have recovery keys: enrol another administrator"};
}

Result<NewHolder> registered(Workplace& place, const std::string& person) {
  auto entry = registry_entry(place, "people", "person", person);
  if (!entry) {
    return Error{entry.error().kind,
                 "nobody is registered as '" + person + "': add them with 'sceau person add'"};
  }
  return NewHolder{person, field_text(*entry, "name"), field_text(*entry, "organisation")};
}

// Written before the card learns its new secrets, so that they cannot be lost with this process.
Status keep_escrow(const std::string& file, const Value& escrow, const std::string& serial,
                   const std::string& person) {
  return write_file(file + ".escrow",
                    statement::to_canonical_bytes(
                        statement::Object{{"escrow", escrow}, {"person", person}, {"serial", serial}}),
                    0600);
}

Result<std::unique_ptr<Holder>> open_blank(Workplace& place, const TokenInitOptions& options) {
  auto holder = Holder::open_card(place, options.token);
  if (!holder) return holder;
  if (options.erase) {
    place.output.step("erasing " + (*holder)->label());
    if (auto erased = token::erase((*holder)->card(), place.random); !erased) return erased.error();
  }
  if (auto blank = check_blank(**holder); !blank) return blank.error();
  return holder;
}

}  // namespace

Result<Authority> authority_of(Workplace& place, Holder& holder) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto key = holder.card().metadata(kAuthoritySlot);
  if (!key) {
    return Error{ErrorKind::not_found, "token " + holder.label() +
                                           " holds no authority's key (slot 83): name the "
                                           "administrator's token that does"};
  }
  auto authorities = statement::array_field((*connection)->state.all, "authorities");
  if (!authorities) return authorities.error();
  for (const auto& entry : (*authorities)->as_array()) {
    auto der = (*connection)->gate->get_bytes("/blobs/" + field_text(entry, "certificate"));
    if (!der) return der.error();
    auto certificate = pki::Certificate::from_der(*der);
    if (!certificate) return certificate.error();
    if (certificate->spki() == key->public_key) {
      return Authority{{*certificate, holder.signs_bytes(kAuthoritySlot, key->public_key)}, entry};
    }
  }
  return Error{ErrorKind::not_found, "the authority whose key is in token " + holder.label() +
                                         " is not trusted here: add it with 'sceau ca init'"};
}

Status initialise_token(Workplace& place, const TokenInitOptions& options) {
  if (options.authority.empty())
    return Error{ErrorKind::invalid,
                 "--authority is missing: name the administrator's token that holds the authority's key (a "
                 "FIDO2 key, which needs none, is made with --fido2)"};
  auto holder = open_blank(place, options);
  if (!holder) return holder.error();
  auto keeper = Holder::open_card(place, options.authority);
  if (!keeper) return keeper.error();
  if ((*keeper)->reader() == (*holder)->reader()) {
    return Error{ErrorKind::invalid, "--token and --authority name the same token"};
  }
  if (auto session = log_in(place, **keeper); !session) return session;
  auto who = registered(place, options.person);
  if (!who) return who.error();
  auto authority = authority_of(place, **keeper);
  if (!authority) return authority.error();
  auto recovery = recovery_of(place.connect().value()->state, options.person);
  if (!recovery) return recovery.error();
  auto pin = choose_pin(**holder, options.person);
  if (!pin) return pin.error();

  const auto serial = (*holder)->serial();
  Value escrow;
  token::InitialiseOptions initialise;
  initialise.keys = key_plans({options.touch, options.authority_key});
  initialise.keep = [&](const token::TokenSecrets& secrets) -> Status {
    auto sealed =
        seal_escrow(place, secrets, recovery->threshold, recovery->recipients, {serial, options.person});
    if (!sealed) return sealed.error();
    escrow = *sealed;
    return keep_escrow(options.file, escrow, serial, options.person);
  };
  place.output.step("making keys in " + (*holder)->label());
  auto made = token::initialise((*holder)->card(), *pin, initialise, place.random);
  if (!made) return made.error().within("token " + (*holder)->label());
  auto description =
      certify(place, **holder, *made, *who, authority->issuer, place.clock.now() + options.days * kDay);
  if (!description) return description.error();
  if (options.clear_sign) {
    auto added = add_clear_sign_key(place, **holder, *pin, *who, authority->issuer,
                                    place.clock.now() + options.days * kDay, *description);
    if (!added) return added;
  }
  const client::Enrolment enrolment{options.person, description->token, escrow, description->blobs};
  if (auto written = write_file(options.file, client::write_enrolment(enrolment)); !written) return written;
  std::error_code ignored;
  std::filesystem::remove(options.file + ".escrow", ignored);
  place.output.result(
      statement::Object{{"file", options.file}, {"person", options.person}, {"serial", made->serial}},
      "token " + made->serial + " is " + options.person + "'s (" + who->name + "); enrol it with " +
          options.file);
  return {};
}

}  // namespace sceau::tool
