// Bytes sealed for a symmetric key, and what becomes of them when anybody changes them. Certificates' part is
// tested with the gate's (tests/gate/parameters_test.cpp), and OpenSSL's command opens them in
// tests/e2e/story_parameters.py.
#include "sceau/pki/sealed.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(SealedBytes) {
  Secret key = Secret(Bytes(32, 5)), other = Secret(Bytes(32, 6));
  std::string text = "who is meant";
};

TEST(SealedBytes, AreOpenedByTheirKeyAlone) {
  const Bytes sealed = *pki::seal_for(as_bytes(text), {}, key);
  CHECK(to_text(sealed).find(text) == std::string::npos);
  CHECK(to_text(*pki::open_sealed(sealed, key)) == text);
  CHECK(pki::open_sealed(sealed, other).error().kind == ErrorKind::not_found);
  CHECK(pki::open_sealed_with(sealed, Secret(as_bytes("no key"))).error().kind == ErrorKind::invalid);
  CHECK(*pki::seal_for(as_bytes(text), {}, key) != sealed);
}

TEST(SealedBytes, AreNotOpenedOnceAnyBitIsChanged) {
  const Bytes sealed = *pki::seal_for(as_bytes(text), {}, key);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    const auto opened = pki::open_sealed(changed, key);
    CHECK(!opened || to_text(*opened) == text);  // a version's number, and such, says nothing
  }
  CHECK_FALSE(pki::open_sealed({}, key).ok());
}
