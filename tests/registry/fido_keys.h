// A world with a FIDO2 key of dora's, which tests enrol, and sign and ask with.
#pragma once

#include "check.h"
#include "sceau/evidence/fido_attestation.h"
#include "world.h"

#include <CppUTest/TestHarness.h>

namespace sceau::test {

inline evidence::Signature by_key(const Authenticator& key, const std::string& person, ByteView statement) {
  return {person, evidence::webauthn_kind, serialise(key.assertion(sha256(statement)))};
}

// The base of groups of tests.
struct FidoWorld : Utest {
  World world;
  Authenticator key{world.vendor.sibling("dora's credential")};

  Object token_of(const Authenticator& made, const std::string& realm = kRealm,
                  const std::string& person = "dora") {
    Authenticator making = made;
    making.flags |= 0x40U;
    const Bytes attestation = serialise(making.attestation(evidence::enrolment_challenge(realm, person)));
    const Object one{{"use", "sign"},
                     {"slot", "fido2"},
                     {"public_key", to_base64(made.public_key())},
                     {"credential", to_base64(made.credential)},
                     {"attestation", world.put_blob(attestation)}};
    return {{"serial", evidence::fido_serial(made.credential)},
            {"kind", "fido2"},
            {"keys", Array{Value(one)}},
            {"attestation_chain", Array{}}};
  }
  static Object& key_of(Object& token) { return token["keys"].as_array().front().as_object(); }

  Bytes enrolment(const Object& token) {
    return world.write("token.enrol", "dora", Object{{"person", "dora"}, {"token", token}});
  }
  Bytes signed_by(const Authenticator& made, ByteView statement,
                  const std::vector<std::string>& others = {}) {
    evidence::Evidence evidence{{by_key(made, "dora", statement)}};
    for (const std::string& other : others) {
      evidence.signatures.push_back(world.signature_of(statement, world.card(other)));
    }
    return evidence::serialise(evidence);
  }
  registry::Judgement enrol(const Object& token) { return enrol(token, key); }
  registry::Judgement enrol(const Object& token, const Authenticator& signer) {
    const Bytes statement = enrolment(token);
    return world.ask(statement, signed_by(signer, statement, {"bea", "ada"}));
  }
  void must_enrol(const Authenticator& made) {
    const Bytes statement = enrolment(token_of(made));
    CHECK_ACCEPTED(world.submit(statement, signed_by(made, statement, {"bea", "ada"})).judgement);
  }
  Bytes request(const std::string& kind = "aggregate") {
    return world.write("extraction.request", "dora", world.request_body(kind));
  }
  Submitted ask_with(const Authenticator& made) {
    const Bytes statement = request();
    return world.submit(statement, signed_by(made, statement));
  }
};

}  // namespace sceau::test
