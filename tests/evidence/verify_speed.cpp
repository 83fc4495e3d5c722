// Verifies evidence for some seconds of this process's own time and prints how many a second: from the bytes
// of statement and evidence to the answer, all checks included, certificate path remembered. Usage:
// sceau-verify-speed SECONDS
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#include "crafted.h"
#include "sceau/evidence/verifier.h"

using namespace sceau;
using namespace sceau::test;

namespace {

struct Case {
  Bytes statement;
  Bytes evidence;
};

// User time, as `openssl speed` counts it.
double seconds_used() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) / 1e6;
}

bool verify(const Case& one, evidence::Verifier& verifier, const pki::TrustStore& trust) {
  const auto evidence = evidence::parse(one.evidence);
  if (!evidence) return false;
  const Digest digest = sha256(one.statement);
  return verifier.verify(evidence->signatures[0], digest, trust, pki::KeyUse::sign, now_time).ok();
}

std::vector<Case> make_cases(const pki::Certificate& certificate, const Key& key) {
  std::vector<Case> cases;
  for (int i = 0; i < 64; ++i) {
    const Bytes statement = to_bytes(as_bytes(std::string(800, 'x') + std::to_string(i)));
    const Bytes attributes = evidence::signed_attributes(sha256(statement), certificate, now_time + i);
    const auto file = evidence::assemble_cades(certificate, {}, attributes, *signer_of(key)(attributes));
    cases.push_back({statement, evidence::serialise({{{"alice", "cades", *file}}})});
  }
  return cases;
}

}  // namespace

int main(int count, char** arguments) {
  const double wanted = count == 2 ? std::strtod(arguments[1], nullptr) : 1.0;
  const Key root_key = craft_key("P-256");
  const Key key = craft_key("P-256");
  const auto root = craft({.name = "Authority",
                           .person = "",
                           .key = root_key,
                           .key_usage = "critical,keyCertSign,cRLSign",
                           .basic_constraints = "critical,CA:TRUE"});
  const auto alice = craft({.key = key, .issuer = &root, .issuer_key = root_key});
  pki::TrustStore trust;
  if (!trust.add_authority(root) || !trust.add_crl(craft_crl(root, root_key, {}, 1))) return 1;
  const auto cases = make_cases(alice, key);
  evidence::Verifier verifier;
  long done = 0;
  const double begin = seconds_used();
  double used = 0;
  while (used < wanted) {
    for (const Case& one : cases) {
      if (!verify(one, verifier, trust)) return 1;
      ++done;
    }
    used = seconds_used() - begin;
  }
  std::printf("%.1f\n", static_cast<double>(done) / used);
  return 0;
}
