// Whose word policy takes for a FIDO2 key's being one: attestation roots, metadata, the key's own.
#include "fido_keys.h"

using namespace sceau;
using namespace sceau::test;

namespace {

struct FidoTrustWorld : FidoWorld {
  void set(const char* name, Value value) {
    Object policy = World::policy_body();
    policy[name] = std::move(value);
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  }
  static Bytes metadata(std::int64_t number, const std::string& trouble, const pki::Certificate& root) {
    evidence::Aaguid model{};
    model.fill(0xAA);
    evidence::FidoMetadata known{number, kBegin + 86400, {}};
    known.models[model] = {{root}, trouble};
    return serialise(known);
  }
  Object self_attested() {
    Authenticator making = key;
    making.flags |= 0x40U;
    Object token = token_of(key);
    key_of(token)["attestation"] =
        world.put_blob(serialise(making.self_attestation(evidence::enrolment_challenge(kRealm, "dora"))));
    return token;
  }
};

}  // namespace

TEST_GROUP_BASE(FidoTrust, FidoTrustWorld){};

TEST(FidoTrust, PolicyAddsRootsToThoseOfTheGenesis) {
  Authenticator stranger("localhost");
  stranger.credential = key.credential;
  CHECK_REFUSED("no path to a configured attestation root", enrol(token_of(stranger), stranger));
  set("attestation_roots", Array{Value(world.put_blob(stranger.maker.der()))});
  CHECK_ACCEPTED(enrol(token_of(stranger), stranger));
  CHECK_ACCEPTED(enrol(token_of(key), key));
  set("attestation_roots", Array{});
  CHECK_REFUSED("no path to a configured attestation root", enrol(token_of(stranger), stranger));
}

TEST(FidoTrust, ARootThatWasNotSentAlongIsNone) {
  Object policy = World::policy_body();
  policy["attestation_roots"] = Array{Value(std::string(64, 'a'))};
  CHECK_REFUSED("was not sent along", world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
  policy = World::policy_body();
  policy["fido_metadata"] = std::string(64, 'a');
  CHECK_REFUSED("was not sent along", world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
}

TEST(FidoTrust, ModelsThatMetadataRevokesAreRefused) {
  set("fido_metadata", Value(world.put_blob(metadata(7, "", world.vendor.maker))));
  CHECK_ACCEPTED(enrol(token_of(key), key));
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
  CHECK_REFUSED("REVOKED", enrol(token_of(key), key));
}

TEST(FidoTrust, MetadataNeverGoesBack) {
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
  Object policy = World::policy_body();
  policy["fido_metadata"] = world.put_blob(metadata(7, "", world.vendor.maker));
  CHECK_REFUSED("number 7, and 8 is known here",
                world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
}

TEST(FidoTrust, MetadataDoesNotGoBackOverAPolicyThatNamesNone) {
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
  set("approvals", 1);
  CHECK_FALSE(world.registry.fido_metadata().has_value());
  Object policy = World::policy_body();
  policy["fido_metadata"] = world.put_blob(metadata(7, "", world.vendor.maker));
  CHECK_REFUSED("number 7, and 8 is known here",
                world.ask("policy.set", {"ada", "bea"}, Object{{"policy", policy}}));
  set("fido_metadata", Value(world.put_blob(metadata(8, "REVOKED", world.vendor.maker))));
}

TEST(FidoTrust, SelfAttestationIsRefusedUnlessPolicyAllowsIt) {
  CHECK_REFUSED("as software could make it", enrol(self_attested(), key));
  set("fido_self_attestation", "allow");
  const Bytes statement = enrolment(self_attested());
  CHECK_ACCEPTED(world.submit(statement, signed_by(key, statement, {"bea", "ada"})).judgement);
  STRCMP_EQUAL("not attested (it vouches for itself)",
               world.registry.attestation_text(world.registry.tokens().back()).c_str());
  set("fido_self_attestation", "refuse");
  key = world.vendor.sibling("another");
  CHECK_REFUSED("as software could make it", enrol(self_attested(), key));
}
