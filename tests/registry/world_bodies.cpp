// The bodies of the statements that a world writes.
#include "../statement/policy_body.h"
#include "world.h"

namespace sceau::test {
namespace {

Value key_value(const char* use, const char* slot, const CardKey& key) {
  Object value{{"use", use},
               {"slot", slot},
               {"public_key", to_base64(key.key.spki())},
               {"attestation", sha256(key.attestation)}};
  if (key.certificate) value["certificate"] = key.certificate->digest();
  return value;
}

}  // namespace

Value World::token_value(const Card& card) {
  return Object{{"serial", card.serial},
                {"kind", "piv"},
                {"keys", Array{key_value("sign", "9C", card.sign), key_value("login", "9A", card.login),
                               key_value("recovery", "9D", card.recovery)}},
                {"attestation_chain", Array{Value(sha256(card.maker.certificate))}}};
}

Value World::escrow_value(int k) const {
  Array shares;
  int index = 0;
  for (const char* person : {"ada", "bea"}) {
    shares.emplace_back(Object{{"to", person}, {"index", ++index}, {"sealed", to_base64(Bytes(40, 3))}});
  }
  return Object{{"k", k}, {"shares", std::move(shares)}};
}

Object World::policy_body() { return test::policy_body(); }

Object World::genesis_body(bool single) const {
  Array administrators;
  for (const char* person : {"ada", "bea"}) {
    if (single && std::string_view(person) == "bea") continue;
    administrators.emplace_back(Object{{"person", person},
                                       {"name", "Person " + std::string(person)},
                                       {"organisation", "cnam"},
                                       {"token", token_value(cards.at(person))}});
  }
  Object policy = policy_body();
  if (single) policy["recovery_k"] = 1;
  Digest first_crl{};
  for (const auto& [digest, bytes] : blobs) {
    if (pki::Crl::from_der(bytes)) first_crl = digest;
  }
  return {{"organisations", Array{Object{{"organisation", "cnam"}, {"name", "Caisse nationale"}},
                                  Object{{"organisation", "lab"}, {"name", "Laboratoire"}}}},
          {"administrators", std::move(administrators)},
          {"single", single},
          {"log", log},
          {"authorities",
           Array{Object{{"certificate", authority->digest()}, {"holder", "ada"}, {"crl", first_crl}}}},
          {"attestation_roots", Array{Value(maker.root().digest()), Value(vendor.maker.digest())}},
          {"policy", std::move(policy)}};
}

Object World::request_body(const std::string& kind) const {
  return {
      {"project", "asthma"},
      {"purpose", "Count people treated for asthma, by year"},
      {"source", "snds"},
      {"kind", kind},
      {"sql", Array{kind == "individual" ? "SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R"
                                         : "SELECT BEN_NAI_ANN, count(DISTINCT BEN_NIR_PSA) AS people FROM "
                                           "IR_BEN_R GROUP BY BEN_NAI_ANN"}},
      {"parameters", Array{}},
      {"output", Object{{"format", "csv"}, {"name", "asthma.csv"}}},
      {"max_rows", 100}};
}

Object World::result_body(const Digest& request, const std::string& outcome) const {
  const bool delivered = outcome == "delivered";
  const registry::Source* source = registry.source("snds");
  Object body{{"request", request},
              {"outcome", outcome},
              {"sql_run", Array{}},
              {"columns", Array{}},
              {"rows", delivered ? 3 : 0},
              {"bytes", delivered ? 42 : 0},
              {"sha256", sha256(as_bytes(delivered ? "rows" : ""))},
              {"exact", true},
              {"pseudonyms", ""},
              {"policy", registry.policy().digest},
              {"catalogue", source == nullptr ? Digest{} : source->catalogue},
              {"gate_version", "test"},
              {"notices", Array{}}};
  const auto asked = requests_.find(request);
  if (complete && asked != requests_.end()) complete(body, asked->second);
  return body;
}

}  // namespace sceau::test
