#include "init.h"

#include <algorithm>

#include "act.h"
#include "personalise.h"
#include "policy.h"
#include "sceau/base/files.h"
#include "sceau/gate/gate.h"
#include "sceau/ledger/ledger.h"
#include "sceau/pki/crl.h"
#include "sceau/statement/schema.h"
#include "terms.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;
using statement::Value;

// One administrator, from the command line to her enrolled token.
struct Seat {
  NewHolder who;
  std::string reader;
  std::unique_ptr<Holder> holder;
  Secret pin;
  const token::TokenSecrets* secrets = nullptr;  // while they are being escrowed
  token::InitialisedToken made;
  Value escrow;
  TokenDescription description;
};

struct Plan {
  std::string organisation, organisation_name;
  std::vector<Seat> seats;
  std::vector<pki::Certificate> roots;
  int recovery_k = 2;
};

// "ID" or "ID=NAME".
std::pair<std::string, std::string> named(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) return {text, text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Result<Seat> read_seat(const std::string& text, const std::string& organisation) {
  const auto at = text.rfind('@');
  if (at == std::string::npos) {
    return Error{ErrorKind::invalid, "--administrator " + text + " names no reader: say ID=NAME@READER"};
  }
  const auto [person, name] = named(text.substr(0, at));
  Seat seat;
  seat.who = {person, name, organisation};
  seat.reader = text.substr(at + 1);
  if (!statement::is_registry_id(person)) {
    return Error{ErrorKind::invalid, "'" + person +
                                         "' cannot be a person's id: lower-case letters, digits, "
                                         "'.', '_' and '-' can"};
  }
  return seat;
}

Result<std::vector<pki::Certificate>> read_roots(const std::vector<std::string>& files) {
  std::vector<pki::Certificate> roots;
  for (const auto& file : files) {
    auto bytes = read_file(file, 1U << 20U);
    if (!bytes) return bytes.error();
    auto read = pki::Certificate::all_from_pem(as_text(*bytes));
    if (!read) return read.error().within(file);
    roots.insert(roots.end(), read->begin(), read->end());
  }
  if (roots.empty()) {
    return Error{
        ErrorKind::invalid,
        "no --attestation-root: name the PEM file of the maker whose tokens you trust (for simulated "
        "tokens, what 'sceau-token --print-attestation-root' prints)"};
  }
  return roots;
}

Result<Plan> read_plan(const InitOptions& options) {
  Plan plan;
  std::tie(plan.organisation, plan.organisation_name) = named(options.organisation);
  if (options.administrators.size() < 2 && !options.single) {
    return Error{ErrorKind::invalid,
                 "a home begins with at least two administrators, so that none can act alone: "
                 "say --administrator twice (--single is for trying things out)"};
  }
  for (const auto& text : options.administrators) {
    auto seat = read_seat(text, plan.organisation);
    if (!seat) return seat.error();
    plan.seats.push_back(std::move(*seat));
  }
  auto roots = read_roots(options.attestation_roots);
  if (!roots) return roots.error();
  plan.roots = std::move(*roots);
  const auto people = static_cast<int>(plan.seats.size());
  plan.recovery_k = options.recovery_k != 0 ? static_cast<int>(options.recovery_k) : std::min(2, people);
  if (plan.recovery_k > people) {
    return Error{ErrorKind::invalid, "--recovery-k " + std::to_string(plan.recovery_k) +
                                         " needs that many "
                                         "administrators, and there are " +
                                         std::to_string(people)};
  }
  return plan;
}

Status open_seats(Workplace& place, Plan& plan, bool erase) {
  for (auto& seat : plan.seats) {
    auto holder = Holder::open_card(place, seat.reader);
    if (!holder) return holder.error();
    for (const auto& other : plan.seats) {
      if (other.holder && other.holder->reader() == (*holder)->reader()) {
        return Error{ErrorKind::invalid, seat.who.person + " and " + other.who.person +
                                             " were given the same token: each needs one"};
      }
    }
    seat.holder = std::move(*holder);
    if (erase) {
      if (auto erased = token::erase(seat.holder->card(), place.random); !erased) return erased;
    }
    if (auto blank = check_blank(*seat.holder); !blank) return blank;
  }
  for (auto& seat : plan.seats) {
    auto pin = choose_pin(*seat.holder, seat.who.person);
    if (!pin) return pin.error();
    seat.pin = std::move(*pin);
  }
  return {};
}

// Everybody's secrets sealed to all administrators. Every token has its keys by now, and none has changed its
// PUK or management key yet.
Status seal_all(Workplace& place, Plan& plan) {
  std::vector<token::Recipient> recipients;
  for (auto& seat : plan.seats) {
    auto key = seat.holder->card().metadata(token::Slot::key_management);
    if (!key) return key.error();
    recipients.push_back({seat.who.person, key->public_key});
  }
  for (auto& seat : plan.seats) {
    auto escrow = seal_escrow(place, *seat.secrets, plan.recovery_k, recipients,
                              {seat.holder->serial(), seat.who.person});
    if (!escrow) return escrow.error();
    seat.escrow = std::move(*escrow);
  }
  return {};
}

// Initialises the tokens from `index` on. One is finished only when all that follow it have been: the secrets
// of all are sealed at the innermost point, before any card has learned them.
Status initialise_from(Workplace& place, Plan& plan, std::size_t index, bool touch) {
  auto& seat = plan.seats[index];
  place.output.step("making keys in " + seat.holder->label());
  token::InitialiseOptions options;
  options.keys = key_plans({touch, index == 0});
  options.keep = [&](const token::TokenSecrets& secrets) -> Status {
    seat.secrets = &secrets;
    if (index + 1 < plan.seats.size()) return initialise_from(place, plan, index + 1, touch);
    return seal_all(place, plan);
  };
  auto made = token::initialise(seat.holder->card(), seat.pin, options, place.random);
  if (!made) return made.error().within("token " + seat.holder->label());
  seat.made = std::move(*made);
  seat.secrets = nullptr;
  return {};
}

struct NewAuthority {
  Issuer issuer;
  Bytes list;  // its first CRL, DER
};

// The authority whose key is in the first administrator's token.
Result<NewAuthority> make_authority(Workplace& place, Plan& plan) {
  auto& seat = plan.seats.front();
  const auto key = std::find_if(seat.made.keys.begin(), seat.made.keys.end(),
                                [](const token::NewKey& made) { return made.slot == kAuthoritySlot; });
  if (key == seat.made.keys.end()) return Error{ErrorKind::internal, "the authority's key was not made"};
  place.output.step("authority of " + plan.organisation_name);
  const auto sign = seat.holder->signs_bytes(kAuthoritySlot, key->public_key);
  const Time now = place.clock.now();
  auto certificate = pki::self_sign_authority(key->public_key,
                                              {plan.organisation_name + " authority", "", plan.organisation},
                                              {now - 60, now + kAuthorityDays * kDay}, sign, place.random);
  if (!certificate) return certificate.error();
  auto list = pki::issue_crl(*certificate, {}, 1, now - 60, now + kListDays * kDay, sign);
  if (!list) return list.error();
  auto& card = seat.holder->card();
  auto hold = card.hold();
  if (!hold) return hold.error();
  if (auto open = card.authenticate(seat.made.secrets.management_key, place.random); !open)
    return open.error();
  if (auto put = card.put_certificate(kAuthoritySlot, certificate->der()); !put) return put.error();
  return NewAuthority{{*certificate, sign}, std::move(*list)};
}

Value genesis_body(const Plan& plan, const NewAuthority& authority, const gate::NewHome& made, bool single) {
  statement::Array administrators;
  for (const auto& seat : plan.seats) {
    statement::Object entry{{"name", seat.who.name},
                            {"organisation", plan.organisation},
                            {"person", seat.who.person},
                            {"token", seat.description.token}};
    if (!single) entry.emplace("escrow", seat.escrow);
    administrators.emplace_back(std::move(entry));
  }
  std::vector<Digest> roots;
  for (const auto& root : plan.roots) roots.push_back(root.digest());
  return statement::Object{
      {"administrators", std::move(administrators)},
      {"attestation_roots", statement::digests(roots)},
      {"authorities",
       statement::Array{statement::Object{{"certificate", authority.issuer.certificate.digest()},
                                          {"crl", sha256(authority.list)},
                                          {"holder", plan.seats.front().who.person}}}},
      {"log", made.log},
      {"organisations", statement::Array{statement::Object{{"name", plan.organisation_name},
                                                           {"organisation", plan.organisation}}}},
      {"policy", default_policy(plan.recovery_k)},
      {"single", single}};
}

std::vector<Bytes> genesis_blobs(const Plan& plan, const NewAuthority& authority) {
  std::vector<Bytes> blobs{authority.issuer.certificate.der(), authority.list};
  for (const auto& root : plan.roots) blobs.push_back(root.der());
  for (const auto& seat : plan.seats) {
    blobs.insert(blobs.end(), seat.description.blobs.begin(), seat.description.blobs.end());
  }
  return blobs;
}

Status admit(gate::Gate& gate, SignedAct act, std::vector<Bytes> blobs) {
  auto admission = gate.submit({std::move(act.statement), std::move(act.evidence), std::move(blobs)});
  if (!admission) return admission.error();
  if (admission->refusal) return *admission->refusal;
  return {};
}

// The two entries that a home begins with, straight into its ledger: no gate serves it yet. Returns the
// genesis' digest.
Result<Digest> write_beginning(Workplace& place, const gate::Home& home, const InitOptions& options,
                               const Plan& plan, const NewAuthority& authority, const gate::NewHome& made) {
  std::vector<Holder*> signers;
  for (const auto& seat : plan.seats) signers.push_back(seat.holder.get());
  auto genesis = sign_act(place, {options.realm, statement::after_nothing()}, "genesis",
                          genesis_body(plan, authority, made, options.single), signers);
  if (!genesis) return genesis.error();
  const auto digest = statement::digest(genesis->statement);
  gate::GateOptions gate_options;
  gate_options.home = home.folder();
  gate_options.clock = &place.clock;
  gate_options.random = &place.random;
  gate_options.version = "sceau " SCEAU_VERSION;
  auto gate = gate::Gate::open(std::move(gate_options));
  if (!gate) return gate.error();
  if (auto begun = admit(**gate, std::move(*genesis), genesis_blobs(plan, authority)); !begun)
    return begun.error();
  auto head = (*gate)->ledger().head();
  if (!head) return head.error();
  auto enrolment =
      sign_act(place, {options.realm, {head->size, head->root}}, "gate.enrol",
               statement::Object{
                   {"certificate", sha256(made.gate_certificate)}, {"gate", options.gate}, {"log", made.log}},
               signers);
  if (!enrolment) return enrolment.error();
  auto admitted = admit(**gate, std::move(*enrolment), {made.gate_certificate});
  if (!admitted) return admitted.error();
  return digest;
}

Result<gate::HomeConfig> home_config(const InitOptions& options) {
  gate::HomeConfig config;
  config.realm = options.realm;
  config.gate = options.gate;
  if (!options.listen.empty()) config.listen = options.listen;
  for (const auto& source : options.sources) {
    const auto [id, file] = named(source);
    if (id == source || !statement::is_registry_id(id)) {
      return Error{ErrorKind::invalid, "--source " + source + " is not ID=FILE or ID=postgresql://…"};
    }
    auto& place = config.sources[id];
    if (file.starts_with("postgresql://")) {
      place.engine = source::Engine::postgresql;
      place.postgresql.place = file;
      continue;
    }
    std::error_code failed;
    place.file = fs::absolute(file, failed);
  }
  return config;
}

Status keep_roots(const gate::Home& home, const Plan& plan) {
  std::error_code failed;
  fs::create_directories(home.file("anchors"), failed);
  for (const auto& root : plan.roots) {
    const auto file = home.file("anchors") / (to_hex(root.digest()).substr(0, 16) + ".pem");
    if (auto written = write_file(file, as_bytes(root.to_pem())); !written) return written;
  }
  return {};
}

Result<NewAuthority> make_tokens(Workplace& place, Plan& plan, const InitOptions& options) {
  if (auto opened = open_seats(place, plan, options.erase); !opened) return opened.error();
  if (auto made = initialise_from(place, plan, 0, options.touch); !made) return made.error();
  auto authority = make_authority(place, plan);
  if (!authority) return authority;
  for (auto& seat : plan.seats) {
    auto description = certify(place, *seat.holder, seat.made, seat.who, authority->issuer,
                               place.clock.now() + kCertificateDays * kDay);
    if (!description) return description.error();
    seat.description = std::move(*description);
  }
  return authority;
}

// A home that could not be begun: what was made in the folder, and nothing else that was there.
void remove_home(const gate::Home& home) {
  std::error_code ignored;
  for (const char* name : {"sceau.toml", "ledger.db", "ledger.db-wal", "ledger.db-shm", "gate.key",
                           "gate.pem", "checkpoint.key", "pseudonym.key", "lock", "ledger.db.lock"}) {
    fs::remove(home.file(name), ignored);
  }
  for (const char* name : {"anchors", "spool"}) fs::remove_all(home.file(name), ignored);
  fs::remove(home.folder(), ignored);  // only if it is empty now
}

void report_realm(Workplace& place, const InitOptions& options, const Plan& plan, const gate::Home& home,
                  const Digest& genesis) {
  statement::Array people;
  std::string names;
  for (const auto& seat : plan.seats) {
    people.emplace_back(statement::Object{{"person", seat.who.person}, {"serial", seat.holder->serial()}});
    names += (names.empty() ? "" : ", ") + seat.who.person + " (token " + seat.holder->serial() + ")";
  }
  place.output.result(statement::Object{{"administrators", std::move(people)},
                                        {"genesis", genesis},
                                        {"home", home.folder().string()},
                                        {"realm", options.realm}},
                      "home " + home.folder().string() + " of " + options.realm +
                          " is made; its genesis is signed by " + names + "\ngenesis " + to_hex(genesis) +
                          ": auditors keep this digest, it is what they trust\nnext: sceaud --home " +
                          home.folder().string());
  if (options.single) {
    place.output.warning(
        "one administrator alone can enrol, grant and erase here: this is not a home to keep");
  }
}

}  // namespace

Status init(Workplace& place, const InitOptions& options) {
  auto folder = place.home();
  if (!folder) return folder.error();
  const gate::Home home(*folder);
  if (fs::exists(home.file("ledger.db")) || fs::exists(home.file("sceau.toml"))) {
    return Error{ErrorKind::refused,
                 "there is a home in " + folder->string() + " already: name another with --home"};
  }
  auto config = home_config(options);
  if (!config) return config.error();
  auto plan = read_plan(options);
  if (!plan) return plan.error();
  auto authority = make_tokens(place, *plan, options);
  if (!authority) return authority.error();
  place.output.step("home " + folder->string());
  auto made = gate::create_home(home, *config, place.clock, place.random);
  if (!made) return made.error();
  auto begun = write_beginning(place, home, options, *plan, *authority, *made);
  const auto kept = begun ? keep_roots(home, *plan) : Status(begun.error());
  if (!kept) {
    remove_home(home);
    return kept.error().within("the home was not made (begin again with --erase)");
  }
  report_realm(place, options, *plan, home, *begun);
  return {};
}

}  // namespace sceau::tool
