// Ledgers with FIDO2 keys, by the rules and against them.
#include "sceau/evidence/fido_attestation.h"
#include "story.h"

namespace sceau::test {
namespace {

evidence::Signature by_key(const Authenticator& key, const std::string& person, ByteView statement) {
  return {person, evidence::webauthn_kind, serialise(key.assertion(sha256(statement)))};
}

Object token_of(const Authenticator& key, Object one) {
  one.insert_or_assign("slot", "fido2");
  one.insert_or_assign("public_key", to_base64(key.public_key()));
  one.insert_or_assign("credential", to_base64(key.credential));
  return {{"serial", evidence::fido_serial(key.credential)},
          {"kind", "fido2"},
          {"keys", Array{Value(std::move(one))}},
          {"attestation_chain", Array{}}};
}

struct Holder {
  World& world;
  std::string person;
  Authenticator key;

  Object token(bool by_itself = false) {
    Authenticator making = key;
    making.flags |= 0x40U;
    const Digest question = evidence::enrolment_challenge(kRealm, person);
    const auto made = by_itself ? making.self_attestation(question) : making.attestation(question);
    return token_of(key, {{"use", "sign"}, {"attestation", world.put_blob(serialise(made))}});
  }
  Bytes evidence(ByteView statement, const std::vector<std::string>& others) {
    evidence::Evidence all{{by_key(key, person, statement)}};
    for (const std::string& other : others)
      all.signatures.push_back(world.signature_of(statement, world.card(other)));
    return evidence::serialise(all);
  }
  // Whatever the rules say.
  void admit(const Object& token, const std::vector<std::string>& others = {"ada", "bea"}) {
    const Bytes statement = world.write("token.enrol", person, Object{{"person", person}, {"token", token}});
    world.force("token.enrol", statement, evidence(statement, others), "admitted");
  }
  void enrol() {
    const Bytes statement =
        world.write("token.enrol", person, Object{{"person", person}, {"token", token()}});
    world.submit(statement, evidence(statement, {"ada", "bea"}));
    ++key.counter;
  }
  Submitted sign(const std::string& type, Value body) {
    const Bytes statement = world.write(type, person, std::move(body));
    const auto submitted = world.submit(statement, evidence(statement, {}));
    ++key.counter;
    return submitted;
  }
  void admit(const std::string& type, Value body) {
    const Bytes statement = world.write(type, person, std::move(body));
    world.force(type, statement, evidence(statement, {}), "admitted");
  }
};

Holder dora(World& world) { return {world, "dora", world.vendor.sibling("dora's credential")}; }

void set_policy(World& world, const char* name, Value value) {
  Object policy = World::policy_body();
  policy[name] = std::move(value);
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
}

Bytes metadata(World& world, const std::string& trouble) {
  evidence::Aaguid model{};
  model.fill(0xAA);
  evidence::FidoMetadata known{7, kBegin + kDay, {}};
  known.models[model] = {{world.vendor.maker}, trouble};
  return serialise(known);
}

// Asked by one key, approved by another, logged in, a refusal, a revocation.
void live_with_fido_keys(World& world) {
  Holder asks = dora(world);
  Holder decides{world, "carl", world.vendor.sibling("carl's credential")};
  asks.enrol();
  decides.enrol();
  asks.sign("login", Object{{"audience", "gate"}});
  const auto asked = asks.sign("extraction.request", world.request_body("individual"));
  decides.sign("approval", decision(asked));
  world.step(asked.digest(), registry::RequestState::admitted);
  run_to_delivery(world, asked);
  asks.key.flags = 0x04;
  asks.sign("extraction.request", world.request_body());  // refused: not touched
  asks.key.flags = 0x05;
  world.must("token.revoke", {"bea"},
             Object{{"serial", evidence::fido_serial(asks.key.credential)}, {"reason", "lost"}});
  asks.sign("extraction.request", world.request_body());  // refused
}

void live_with_what_policy_trusts(World& world) {
  Holder stranger{world, "dora", Authenticator("localhost")};
  set_policy(world, "attestation_roots", Array{Value(world.put_blob(stranger.key.maker.der()))});
  stranger.enrol();
  set_policy(world, "fido_metadata", Value(world.put_blob(metadata(world, ""))));
  Holder carl{world, "carl", world.vendor.sibling("carl's credential")};
  carl.enrol();
  set_policy(world, "fido_self_attestation", "allow");
  Holder other{world, "dora", world.vendor.sibling("another")};
  other.admit(other.token(true));
}

struct Imported {
  World& world;
  Authenticator key{"pam://laptop-12"};
  explicit Imported(World& in) : world(in) {
    key.credential = to_bytes("pamu2fcfg's");
    key.origin = "pam://laptop-12";
  }
  void enrol() {
    force(world, "token.enrol", {"ada", "bea"},
          Object{{"person", "dora"}, {"token", token_of(key, {{"use", "login"}, {"rp_id", key.rp_id}})}});
  }
  void log_in(const std::string& audience) {
    const Bytes statement = world.write("login", "dora", Object{{"audience", audience}, {"account", "dora"}});
    world.force("login", statement, evidence::serialise({{by_key(key, "dora", statement)}}), "admitted");
  }
};

void live_with_an_imported_key(World& world) {
  set_policy(world, "u2f_import", "allow");
  Imported imported(world);
  imported.enrol();
  imported.log_in("host:laptop-12");
}

void import_against_policy(World& world) { Imported(world).enrol(); }

void log_in_elsewhere(World& world) {
  set_policy(world, "u2f_import", "allow");
  Imported imported(world);
  imported.enrol();
  imported.log_in("host:laptop-13");
}

void admit_a_strangers_key(World& world) {
  Holder stranger{world, "dora", Authenticator("localhost")};
  stranger.admit(stranger.token());
}

void admit_what_attests_itself(World& world) {
  Holder own = dora(world);
  own.admit(own.token(true));
}

void admit_a_revoked_model(World& world) {
  set_policy(world, "fido_metadata", Value(world.put_blob(metadata(world, "REVOKED"))));
  Holder own = dora(world);
  own.admit(own.token());
}

void admit_on_one_word(World& world) {
  Holder own = dora(world);
  own.admit(own.token(), {"bea"});
}

// A request that is signed with something changed.
std::function<void(World&)> admit_with(void (*change)(Authenticator& key)) {
  return [change](World& world) {
    Holder own = dora(world);
    own.enrol();
    change(own.key);
    own.admit("extraction.request", world.request_body());
  };
}

void step_back_against_policy(World& world) {
  set_policy(world, "counter_step_back", "refuse");
  Holder own = dora(world);
  own.enrol();
  own.key.counter = 9;
  own.sign("extraction.request", world.request_body());
  own.key.counter = 3;
  own.admit("extraction.request", world.request_body());
}

}  // namespace

std::vector<Story> stories_of_fido_keys() {
  return {
      {"fido", false, live_with_fido_keys, {}},
      {"fido-trusted-by-policy", false, live_with_what_policy_trusts, {}},
      {"fido-imported", false, live_with_an_imported_key, {}},
      {"fido-imported-unasked", true, import_against_policy, {}},
      {"fido-imported-elsewhere", true, log_in_elsewhere, {}},
      {"fido-stranger", true, admit_a_strangers_key, {}},
      {"fido-self", true, admit_what_attests_itself, {}},
      {"fido-revoked-model", true, admit_a_revoked_model, {}},
      {"fido-one-word", true, admit_on_one_word, {}},
      {"fido-untouched", true, admit_with([](Authenticator& key) { key.flags = 0x04; }), {}},
      {"fido-unverified", true, admit_with([](Authenticator& key) { key.flags = 0x01; }), {}},
      {"fido-other-origin",
       true,
       admit_with([](Authenticator& key) { key.origin = "https://evil.example"; }),
       {}},
      {"fido-other-party", true, admit_with([](Authenticator& key) { key.rp_id = "evil.example"; }), {}},
      {"fido-stepped-back", true, step_back_against_policy, {}},
  };
}

}  // namespace sceau::test
