#include "world.h"

#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "sceau/base/uuid.h"
#include "sceau/evidence/cades.h"
#include "sceau/pki/attestation.h"

namespace sceau::test {
namespace {

constexpr Time kDay = 86400;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "test world: %s\n", why.c_str());
  std::abort();
}

template <typename T>
T must_have(Result<T> result, const char* what) {
  if (!result) stop(std::string(what) + ": " + result.error().message);
  return std::move(result).value();
}

}  // namespace

ledger::NoteSigner log_signer() {
  return must_have(ledger::NoteSigner::from_seed(kRealm, Secret(Bytes(32, 7))), "checkpoint key");
}

// Keys and signatures of a beginning are made once in a process; each world starts from a copy.
World::World(Until until, bool single, Time now) : clock(now), random(2), maker(now) {
  static std::map<std::tuple<Until, bool, Time>, std::unique_ptr<World>> beginnings;
  auto& beginning = beginnings[{until, single, now}];
  if (!beginning) beginning.reset(new World(Making(), until, single, now));
  maker = beginning->maker;
  vendor = beginning->vendor;
  authority_key = beginning->authority_key;
  gate_key = beginning->gate_key;
  authority = beginning->authority;
  gate_certificate = beginning->gate_certificate;
  log = beginning->log;
  cards = beginning->cards;
  blobs = beginning->blobs;
  for (const ledger::Entry& entry : beginning->entries) append(entry);
}

World::World(Making /*making*/, Until until, bool single, Time now) : clock(now), maker(now) {
  log = log_signer().vkey();
  authority =
      must_have(pki::self_sign_authority(authority_key.spki(), {"Test authority", "", "cnam"},
                                         {now - kDay, now + 4000 * kDay}, authority_key.signer(), random),
                "authority");
  put_blob(authority->der());
  put_blob(maker.root().der());
  put_blob(vendor.maker.der());
  gate_certificate =
      must_have(pki::self_signed_gate(gate_key, "gate", {now - kDay, now + 4000 * kDay}, random), "gate");
  put_blob(gate_certificate->der());
  put_blob(crl(now + 3000 * kDay, 1));
  cards.emplace("ada", make_card("ada", "1001"));
  cards.emplace("bea", make_card("bea", "1002"));
  if (until >= Until::genesis) begin(single);
  if (until >= Until::people) add_people();
  if (until >= Until::project) add_project();
}

Card World::make_card(const std::string& person, const std::string& serial) {
  const auto key = [&](const char* slot, int pin, std::optional<pki::KeyUse> use,
                       const Maker::Token& token) -> CardKey {
    CardKey made{must_have(pki::SoftwareKey::generate(), "key"), std::nullopt, {}};
    if (use) made.certificate = issue(made.key, person, *use);
    made.attestation = maker.attest(token, made.key.spki(), {serial, slot, pin, 1});
    put_blob(made.attestation);
    return made;
  };
  Maker::Token token = maker.make_token(serial);
  put_blob(token.certificate);
  CardKey sign = key("9c", pki::pin_policy_always, pki::KeyUse::sign, token);
  CardKey login = key("9a", pki::pin_policy_once, pki::KeyUse::login, token);
  CardKey recovery = key("9d", pki::pin_policy_once, std::nullopt, token);
  return {person, serial, std::move(token), std::move(sign), std::move(login), std::move(recovery)};
}

pki::Certificate World::issue(const pki::SoftwareKey& key, const std::string& person, pki::KeyUse use,
                              Time days) {
  auto certificate =
      must_have(pki::issue(*authority, key.spki(), {"Person " + person, person, "cnam"}, use,
                           {clock.now() - kDay, clock.now() + days * kDay}, authority_key.signer(), random),
                "certificate");
  put_blob(certificate.der());
  return certificate;
}

Bytes World::crl(Time next_update, std::uint64_t number, const std::vector<pki::Certificate>& revoked) {
  std::vector<pki::Revoked> list;
  for (const auto& certificate : revoked) {
    list.push_back({certificate.serial_number(), clock.now(), pki::RevocationReason::key_compromise});
  }
  return must_have(pki::issue_crl(*authority, list, number, clock.now(), next_update, authority_key.signer()),
                   "CRL");
}

Digest World::put_blob(const Bytes& bytes) {
  const Digest digest = sha256(bytes);
  blobs.emplace(digest, bytes);
  return digest;
}

Bytes World::write(const std::string& type, const std::string& by, Value body, const Envelope& envelope) {
  statement::Statement statement;
  statement.type = type;
  statement.realm = envelope.realm.value_or(kRealm);
  statement.id = envelope.id.value_or(uuid_v7(clock, random));
  statement.by = by;
  statement.at = envelope.at.value_or(clock.now());
  statement.until = envelope.until.value_or(clock.now() + 900);
  statement.after = envelope.after.value_or(statement::After{entries.size(), roots.back()});
  statement.body = std::move(body);
  return must_have(statement::write_statement(statement), "statement");
}

evidence::Signature World::signature(ByteView statement, const std::string& person,
                                     const pki::SoftwareKey& key, const pki::Certificate& certificate) {
  const Bytes attributes = evidence::signed_attributes(sha256(statement), certificate, clock.now());
  const Bytes signature = must_have(key.sign(attributes), "signature");
  return {person, "cades",
          must_have(evidence::assemble_cades(certificate, {}, attributes, signature), "CMS")};
}

evidence::Signature World::signature_of(ByteView statement, const Card& card) {
  return signature(statement, card.person, card.sign.key, *card.sign.certificate);
}

evidence::Signature World::login_signature(ByteView statement, const Card& card) {
  return signature(statement, card.person, card.login.key, *card.login.certificate);
}

Bytes World::sign(ByteView statement, const std::vector<const Card*>& signers) {
  evidence::Evidence evidence;
  for (const Card* card : signers) evidence.signatures.push_back(signature_of(statement, *card));
  return evidence::serialise(evidence);
}

Bytes World::sign_as_gate(ByteView statement) {
  return evidence::serialise({{signature(statement, "gate", gate_key, *gate_certificate)}});
}

registry::Context World::context() {
  return {clock.now(), entries.size(),
          [this](std::uint64_t size) -> Result<Digest> {
            if (size >= roots.size()) return Error{ErrorKind::not_found, "no such size"};
            return roots[size];
          },
          [this](const Digest& digest) -> Result<Bytes> {
            const auto found = blobs.find(digest);
            if (found == blobs.end()) return Error{ErrorKind::not_found, "no such blob"};
            return found->second;
          }};
}

registry::Judgement World::ask(ByteView statement, ByteView evidence) {
  auto submission = registry::read_submission(statement, evidence);
  if (!submission) {
    registry::Judgement judgement;
    judgement.error = submission.error();
    return judgement;
  }
  return registry.check(*submission, context());
}

registry::Judgement World::ask(const std::string& type, const std::vector<std::string>& people, Value body,
                               const Envelope& envelope) {
  const Bytes statement = write(type, people.front(), std::move(body), envelope);
  std::vector<const Card*> signers;
  for (const std::string& person : people) signers.push_back(&cards.at(person));
  return ask(statement, sign(statement, signers));
}

void World::append(ledger::Entry entry) {
  const auto record = must_have(registry::record_of(entries.size(), entry), "record");
  if (auto applied = registry.apply(record, context().blob); !applied) stop(applied.error().message);
  tree_.append(ledger::leaf_hash(entry.leaf));
  roots.push_back(tree_.root());
  entries.push_back(std::move(entry));
}

void World::rewind(std::size_t size) {
  std::vector<ledger::Entry> kept(
      std::make_move_iterator(entries.begin()),
      std::make_move_iterator(entries.begin() + static_cast<std::ptrdiff_t>(size)));
  entries.clear();
  roots.assign(1, ledger::empty_root());
  tree_ = ledger::Frontier();
  registry = registry::Registry();
  for (ledger::Entry& entry : kept) append(std::move(entry));
}

std::unique_ptr<ledger::Ledger> World::store(const std::filesystem::path& path,
                                             const std::vector<std::size_t>& batches) const {
  auto ledger = must_have(ledger::Ledger::create(path, kRealm, log_signer()), "ledger");
  for (const auto& [digest, bytes] : blobs) must_have(ledger->put_blob(bytes), "blob");
  auto next = entries.begin();
  for (const std::size_t batch : batches) {
    const auto end = next + static_cast<std::ptrdiff_t>(batch);
    must_have(ledger->append({next, end}), "append");
    next = end;
  }
  if (next != entries.end()) must_have(ledger->append({next, entries.end()}), "append");
  return ledger;
}

Submitted World::submit(Bytes statement, Bytes evidence) {
  Submitted submitted{ask(statement, evidence), std::move(statement), std::move(evidence), entries.size()};
  if (submitted.judgement.identified) {
    const auto parsed = must_have(statement::read_statement(submitted.statement), "statement");
    if (parsed.type == "extraction.request") requests_[submitted.digest()] = parsed.body;
    append(must_have(registry::make_entry(clock.now(), parsed.type, submitted.statement, submitted.evidence,
                                          submitted.judgement.verdict, {}, random),
                     "entry"));
  }
  return submitted;
}

Submitted World::submit(const std::string& type, const std::vector<std::string>& people, Value body,
                        const Envelope& envelope) {
  Bytes statement = write(type, people.front(), std::move(body), envelope);
  std::vector<const Card*> signers;
  for (const std::string& person : people) signers.push_back(&cards.at(person));
  Bytes evidence = sign(statement, signers);
  return submit(std::move(statement), std::move(evidence));
}

Submitted World::must(const std::string& type, const std::vector<std::string>& people, Value body) {
  Submitted submitted = submit(type, people, std::move(body));
  if (!submitted.judgement.accepted()) stop(type + " was refused: " + submitted.judgement.error->message);
  return submitted;
}

std::uint64_t World::force(const std::string& type, Bytes statement, Bytes evidence,
                           const std::string& state) {
  registry::Verdict verdict;
  verdict.state = state;
  if (auto submission = registry::read_submission(statement, evidence)) {
    verdict.crls = registry.authenticate(*submission, context()).crls;
  }
  append(
      must_have(registry::make_entry(clock.now(), type, statement, evidence, verdict, {}, random), "entry"));
  return entries.size() - 1;
}

std::uint64_t World::step(const Digest& request, registry::RequestState state, Object details) {
  append(must_have(registry::make_step(clock.now(), request, state, std::move(details), random), "step"));
  return entries.size() - 1;
}

Submitted World::result(const Digest& request, const std::string& outcome) {
  Bytes statement = write("extraction.result", "gate", result_body(request, outcome));
  Bytes evidence = sign_as_gate(statement);
  return submit(std::move(statement), std::move(evidence));
}

Submitted World::deliver(const std::string& kind) {
  using registry::RequestState;
  Submitted request = must("extraction.request", {"dora"}, request_body(kind));
  const Digest digest = request.digest();
  if (kind == "individual") {
    must("approval", {"carl"}, Object{{"request", digest}, {"evidence", request.evidence_digest()}});
    step(digest, RequestState::admitted);
  }
  step(digest, RequestState::running);
  step(digest, RequestState::checked, {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
  if (auto delivered = result(digest, "delivered"); !delivered.judgement.accepted()) {
    stop("result: " + delivered.judgement.error->message);
  }
  return request;
}

void World::begin(bool single) {
  std::vector<std::string> people{"ada"};
  if (!single) people.emplace_back("bea");
  must("genesis", people, genesis_body(single));
  must("gate.enrol", people,
       Object{{"gate", "gate"}, {"certificate", gate_certificate->digest()}, {"log", log}});
}

void World::add_person(const std::string& person, const std::string& serial, const std::string& role) {
  const std::string until = to_rfc3339(clock.now() + 1500 * kDay);
  must("person.add", {"bea"},
       Object{{"person", person},
              {"name", "Person " + person},
              {"organisation", "cnam"},
              {"engagement", "staff"},
              {"until", until}});
  const Card& card = cards.insert_or_assign(person, make_card(person, serial)).first->second;
  must("token.enrol", {person, "bea"},
       Object{{"person", person}, {"token", token_value(card)}, {"escrow", escrow_value()}});
  if (role.empty()) return;
  must("role.grant", {"ada", "bea"},
       Object{{"person", person}, {"role", role}, {"organisation", "cnam"}, {"until", until}});
}

void World::add_people() {
  add_person("carl", "1003", "approver");
  add_person("dora", "1004", "agent");
  add_person("erik", "1005");
}

void World::add_project() {
  const Digest catalogue = put_blob(to_bytes(
      std::string_view("format = 1\n[tables.IR_BEN_R]\nperson = \"BEN_NIR_PSA\"\n[tables.IR_BEN_R.columns]\n"
                       "BEN_NIR_PSA = { type = \"text\", label = \"person_key\" }\n"
                       "BEN_NAI_ANN = { type = \"integer\", label = \"potential_identifier\" }\n")));
  must("source.add", {"ada", "bea"},
       Object{{"source", "snds"}, {"engine", "sqlite"}, {"catalogue", catalogue}});
  must("project.open", {"ada"},
       Object{{"project", "asthma"},
              {"title", "Asthma by year of birth"},
              {"sources", Array{"snds"}},
              {"kinds", Array{"aggregate", "individual"}},
              {"from", to_rfc3339(clock.now() - kDay)},
              {"until", to_rfc3339(clock.now() + 1000 * kDay)},
              {"max_rows", 1000}});
  must("project.assign", {"ada"},
       Object{{"project", "asthma"}, {"person", "dora"}, {"until", to_rfc3339(clock.now() + 1000 * kDay)}});
}

}  // namespace sceau::test
