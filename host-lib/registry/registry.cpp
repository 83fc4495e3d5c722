#include "sceau/registry/registry.h"

#include <algorithm>
#include <array>

#include "asking.h"

namespace sceau::registry {

namespace {

template <typename Map, typename Key>
auto find_in(const Map& map, const Key& key) -> decltype(&map.find(key)->second) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

template <typename Map>
auto values_of(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& [key, value] : map) values.push_back(value);
  return values;
}

template <typename T>
std::vector<const T*> sorted_pointers(const TextMap<T>& map) {
  std::map<std::string_view, const T*> sorted;
  for (const auto& [id, value] : map) sorted[id] = &value;
  std::vector<const T*> pointers;
  pointers.reserve(sorted.size());
  for (const auto& [id, pointer] : sorted) pointers.push_back(pointer);
  return pointers;
}

constexpr std::array<std::string_view, 9> kBlobFields{
    "attestation", "attestation_chain", "attestation_roots", "catalogue", "certificate",
    "crl",         "fido_metadata",     "journal",           "rules"};

void add_digests(const statement::Value& value, bool names_blobs, std::vector<Digest>& digests) {
  if (value.is_array()) {
    for (const statement::Value& item : value.as_array()) add_digests(item, names_blobs, digests);
  } else if (value.is_object()) {
    for (const auto& [key, item] : value.as_object()) {
      add_digests(item, std::ranges::find(kBlobFields, key) != kBlobFields.end(), digests);
    }
  } else if (names_blobs && value.is_text()) {
    if (const auto digest = digest_from_hex(value.as_text())) digests.push_back(*digest);
  }
}

}  // namespace

Result<Submission> read_submission(ByteView statement_bytes, ByteView evidence_bytes) {
  auto statement = statement::read_statement(statement_bytes);
  if (!statement) return statement.error();
  auto evidence = evidence::parse(evidence_bytes);
  if (!evidence) return evidence.error();
  return Submission{std::move(*statement), std::move(*evidence), statement::digest(statement_bytes),
                    evidence::digest(evidence_bytes)};
}

std::vector<Digest> named_blobs(const statement::Statement& statement) {
  std::vector<Digest> digests;
  // A result names the catalogue that it ran under, which is in the ledger since its source.add.
  if (statement.type != "extraction.result") add_digests(statement.body, false, digests);
  return digests;
}

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;

Authentication Registry::authenticate(const Submission& submission, const Context& context) const {
  return registry::authenticate(*state_, submission, context);
}

Judgement Registry::judge(const Submission& submission, const Authentication& authentication,
                          const Context& context) const {
  return registry::judge(*state_, submission, authentication, context);
}

Judgement Registry::check(const Submission& submission, const Context& context) const {
  return judge(submission, authenticate(submission, context), context);
}

Status Registry::check_step(const Digest& request, RequestState next, Time now) const {
  return registry::check_step(*state_, request, next, now);
}

Status Registry::check_begin(const Submission& admitted, Time now) const {
  return registry::check_begin(*state_, admitted, now);
}

Status Registry::check_goes_on(const Digest& request, Time now) const {
  const auto found = state_->requests.find(request);
  if (found == state_->requests.end()) return refusal("no such request is known here");
  return check_still_allowed(*state_, found->second, now);
}

Status Registry::apply(const Record& record, const std::function<Result<Bytes>(const Digest&)>& blob) {
  return registry::apply(*state_, record, blob);
}

std::uint64_t Registry::size() const { return state_->entries.size(); }
bool Registry::has_genesis() const { return state_->genesis; }
const std::string& Registry::realm() const { return state_->realm; }
bool Registry::single() const { return state_->single; }
const Policy& Registry::policy() const { return state_->policy; }

std::vector<Organisation> Registry::organisations() const { return values_of(state_->organisations); }
std::vector<const Person*> Registry::people() const { return sorted_pointers(state_->people); }
const std::vector<Token>& Registry::tokens() const { return state_->tokens; }
std::string Registry::attestation_text(const Token& token) const {
  for (const TokenKey& key : token.keys)
    if (!key.rp_id.empty()) return "not attested (imported from " + key.rp_id + ")";
  if (token.attests_itself) return "not attested (it vouches for itself)";
  if (!token.authority) return "attested";
  for (const pki::Certificate& authority : state_->trust.authorities()) {
    if (authority.digest() == *token.authority)
      return "not attested (authority " + authority.subject_text() + ")";
  }
  return "not attested (authority " + to_hex(*token.authority) + ")";
}

std::vector<const Project*> Registry::projects() const { return sorted_pointers(state_->projects); }
std::vector<Source> Registry::sources() const { return values_of(state_->sources); }
std::vector<AccountBinding> Registry::accounts() const { return values_of(state_->accounts); }
std::vector<Authority> Registry::authorities() const { return values_of(state_->authorities); }
std::vector<GateKey> Registry::gates() const { return values_of(state_->gates); }
std::vector<std::string> Registry::log_keys() const { return state_->log_keys; }

std::vector<RecoveryKey> Registry::recovery_keys(Time now) const {
  std::vector<RecoveryKey> keys;
  for (const Token& token : state_->tokens) {
    if (token.state != TokenState::active || !has_role(token.person, Role::administrator, now)) continue;
    for (const TokenKey& key : token.keys) {
      if (key.purpose == KeyPurpose::recovery) keys.push_back({token.person, token.serial, key.public_key});
    }
  }
  return keys;
}

const Person* Registry::person(std::string_view id) const { return find_in(state_->people, id); }

const Token* Registry::token(std::string_view serial) const {
  const std::size_t* position = find_in(state_->token_by_serial, serial);
  return position == nullptr ? nullptr : &state_->tokens[*position];
}

const Project* Registry::project(std::string_view id) const { return find_in(state_->projects, id); }
const Source* Registry::source(std::string_view id) const { return find_in(state_->sources, id); }
const Request* Registry::request(const Digest& digest) const { return find_in(state_->requests, digest); }

std::shared_ptr<const WorkTables> Registry::workspace(const WorkspaceKey& key) const {
  const auto found = state_->workspaces.find(key);
  return found == state_->workspaces.end() ? nullptr : found->second;
}

std::vector<const Request*> Registry::open_requests() const {
  std::vector<const Request*> requests;
  for (const auto& [entry, digest] : state_->open) requests.push_back(request(digest));
  return requests;
}

std::vector<const Request*> Registry::requests() const {
  std::vector<const Request*> requests;
  for (const auto& [entry, digest] : state_->request_by_entry) requests.push_back(request(digest));
  return requests;
}

bool Registry::has_role(std::string_view person, Role role, std::string_view organisation, Time now) const {
  const Person* found = this->person(person);
  return found != nullptr && registry::has_role(*found, role, organisation, now);
}

bool Registry::has_role(std::string_view person, Role role, Time now) const {
  const Person* found = this->person(person);
  return found != nullptr && registry::has_role(*found, role, now);
}

std::int64_t Registry::approvals_needed(const Request& request, Time now) const {
  return approvals_missing(*state_, request, now);
}

std::int64_t Registry::approvals_counted(const Request& request, Time now) const {
  return std::ranges::count_if(request.approvals, [&](const Decided& approval) {
    return !why_lapsed(*state_, state_->policy, request, approval, now);
  });
}

Explanation Registry::explain(const Question& question, const Policy& policy, Time now) const {
  return registry::explain(*state_, policy, question, now);
}

Result<Policy> Registry::candidate(const statement::Value& policy, const Context& context) const {
  return check_candidate(*state_, policy, context);
}

std::vector<std::uint64_t> Registry::erased() const { return {state_->erased.begin(), state_->erased.end()}; }
const pki::TrustStore& Registry::trust() const { return state_->trust; }

const std::optional<evidence::FidoMetadata>& Registry::fido_metadata() const { return state_->fido_metadata; }
const std::vector<pki::Certificate>& Registry::attestation_roots() const { return state_->attestation_roots; }

std::string Registry::signing_token(const Submission& submission) const {
  return first_serial(*state_, submission);
}

}  // namespace sceau::registry
