// Signatures over tests/vectors/evidence/statement.json, from strangers: evidence and detached CMS.
//
// Whatever this verifier takes, OpenSSL's CMS_verify takes as well.
#include <string>

#include "forge.h"
#include "fuzz.h"
#include "sceau/base/files.h"
#include "sceau/client/receipt.h"
#include "sceau/evidence/verifier.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

struct Known {
  Bytes statement;
  pki::TrustStore trust;

  static const Known& get() {
    static const Known known;
    return known;
  }

 private:
  Known() {
    const std::string folder = std::string(SCEAU_TEST_VECTORS) + "/evidence/";
    statement = *read_file(folder + "statement.json");
    trust = *client::read_trust(to_text(*read_file(folder + "roots-and-crls.pem")));
  }
};

void read_as_cms(ByteView file) {
  const auto signers = evidence::read_signers(file);
  const auto one = evidence::read_cades(file);
  require(!one || (signers && signers->size() == 1), "a file with one signer and another number of signers");
  const Known& known = Known::get();
  const evidence::Signature signature{"alice", "cades", to_bytes(file)};
  evidence::Verifier verifier;
  const auto verified =
      verifier.verify(signature, sha256(known.statement), known.trust, pki::KeyUse::sign, test::now_time);
  if (!verified) return;
  require(one.ok(), "a signature that verified unread");
  require(test::openssl_verdict(file, known.statement, known.trust, test::now_time).empty(),
          "a signature that OpenSSL refuses");
  const auto merged = evidence::merge_cades(std::vector<Bytes>{signature.bytes});
  require(merged && evidence::read_cades(*merged).ok(), "a signature that cannot be written for export");
}

void read_as_evidence(ByteView text) {
  const auto read = evidence::parse(text);
  if (!read) return;
  require(evidence::serialise(*read) == to_bytes(text), "evidence with two spellings");
  const Known& known = Known::get();
  static_cast<void>(
      client::verify_evidence(known.statement, *read, known.trust, pki::KeyUse::sign, test::now_time));
  if (read->signatures.size() > 1) {
    std::vector<Bytes> files;
    for (const auto& signature : read->signatures) files.push_back(signature.bytes);
    static_cast<void>(evidence::merge_cades(files));
  }
}

}  // namespace

void evidence(ByteView input) {
  read_as_cms(input);
  read_as_evidence(input);
}

}  // namespace sceau::fuzz
