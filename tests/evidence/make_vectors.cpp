// Writes the signature files of tests/vectors/evidence, good and hostile, with what this verifier and stock
// OpenSSL say of each, and the hostile DER of tests/vectors/pki. Usage: sceau-make-vectors VECTORS
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "hostile_der.h"
#include "sceau/base/files.h"
#include "sceau/evidence/verifier.h"
#include "sceau/pki/der.h"

using namespace sceau;
using namespace sceau::test;
using pki::der;

namespace {

const Bytes algorithm_null{0x05, 0x00};

class Maker {
 public:
  explicit Maker(std::filesystem::path folder)
      : folder_(std::move(folder)),
        cast_(*read_file(folder_ / "statement" / "good" / "extraction-request.json")) {
    std::filesystem::create_directories(folder_ / "evidence" / "files");
  }

  void run() {
    good();
    wrong_attributes();
    wrong_times();
    wrong_forms();
    wrong_algorithms();
    wrong_signatures();
    wrong_certificates();
    wrong_signers();
    two_signers();
    finish();
    write_hostile_der(cast_, folder_ / "pki" / "hostile");
  }

 private:
  void add(const std::string& name, const Bytes& file) {
    evidence::Verifier verifier;
    const auto ours = verifier.verify({"alice", "cades", file}, sha256(cast_.statement), cast_.trust,
                                      pki::KeyUse::sign, now_time);
    const std::string stock = openssl_verdict(file, cast_.statement, cast_.trust, now_time);
    lines_ += std::string(ours ? "accept" : "refuse") + "\t" + (stock.empty() ? "accept" : "refuse") + "\t" +
              name + "\t" + (ours ? "-" : ours.error().message) + "\n";
    write(folder_ / "evidence" / "files" / (name + ".p7s"), file);
  }
  static void write(const std::filesystem::path& path, ByteView bytes) {
    if (!write_file(path, bytes)) std::abort();
  }

  void good() {
    add("ecdsa-p256", cast_.alice().build());
    const Key p384 = craft_key("P-384");
    const auto on_p384 = craft(cast_.person("P-384", p384));
    add("ecdsa-p384", cast_.forge(on_p384, p384).build());
    const Key rsa = craft_key("RSA");
    const auto with_rsa = craft(cast_.person("RSA", rsa));
    const Bytes attributes = evidence::signed_attributes(sha256(cast_.statement), with_rsa, now_time);
    for (const bool pss : {false, true}) {
      const auto algorithm =
          pss ? evidence::SignatureAlgorithm::rsa_pss_sha256 : evidence::SignatureAlgorithm::rsa_pkcs1_sha256;
      add(pss ? "rsa-pss" : "rsa-pkcs1",
          *evidence::assemble_cades(with_rsa, {}, attributes, sign_with(rsa, attributes, EVP_sha256(), pss),
                                    algorithm));
    }
    Forge custom = cast_.alice();
    custom.attributes.push_back(token_statement_attribute());
    add("token-statement", custom.build());
    Plan plan = cast_.person("Carol", cast_.key);
    plan.issuer = &cast_.middle;
    plan.issuer_key = cast_.middle_key;
    const auto carol = craft(plan);
    Forge chained = cast_.forge(carol, cast_.key);
    chained.certificates.push_back(cast_.middle.der());
    add("with-chain", chained.build());
    for (const bool high : {false, true}) {
      Forge other = cast_.alice();
      other.change_signature = [high](const Bytes& signature) {
        return with_numbers(signature, [high](BIGNUM*, BIGNUM* s, const BIGNUM* order) {
          BIGNUM* half = BN_dup(order);
          BN_rshift1(half, half);
          if ((BN_cmp(s, half) > 0) != high) BN_sub(s, order, s);
          BN_free(half);
        });
      };
      add(high ? "high-s" : "low-s", other.build());
    }
  }

  void wrong_attributes() {
    Forge f = cast_.alice();
    f.attributes[1] = message_digest_attribute(sha256(as_bytes("another statement")));
    add("other-statement", f.build());
    f = cast_.alice();
    f.attributes[3] = signing_certificate_attribute(sha256(as_bytes("another certificate")));
    add("wrong-certificate-hash", f.build());
    const char* names[] = {"content-type", "message-digest", "signing-time", "signing-certificate"};
    for (std::size_t i = 0; i < 4; ++i) {
      f = cast_.alice();
      f.attributes.erase(f.attributes.begin() + static_cast<std::ptrdiff_t>(i));
      add(std::string("missing-") + names[i], f.build());
      f = cast_.alice();
      f.attributes.push_back(f.attributes[i]);
      add(std::string("duplicate-") + names[i], f.build());
    }
    f = cast_.alice();
    f.attributes.push_back(message_digest_attribute(sha256(as_bytes("another statement"))));
    add("two-message-digests", f.build());
    f = cast_.alice();
    std::swap(f.attributes[1], f.attributes[3]);
    f.sort_attributes = false;
    add("attributes-not-in-der-order", f.build());
    f = cast_.alice();
    f.attributes.push_back(attribute({0x2A, 0x03, 0x04}, der(0x04, Bytes{1})));
    add("unknown-signed-attribute", f.build());
    f = cast_.alice();
    f.attributes[0] = attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03},
                                der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02}));
    add("content-type-not-data", f.build());
    f = cast_.alice();
    const Bytes digest = der(0x04, f.statement);
    f.attributes[1] = der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04}),
                                 der(0x31, {digest, digest})});
    add("two-values-in-an-attribute", f.build());
    f = cast_.alice();
    f.attributes.clear();
    f.change_signature = [this](const Bytes&) {
      return sign_with(cast_.key, cast_.statement, EVP_sha256(), false);
    };
    add("no-signed-attributes", f.build());
  }

  void wrong_times() {
    Forge f = cast_.alice();
    f.attributes[2] = signing_time_attribute("2611220930Z");
    add("signing-time-without-seconds", f.build());
    f = cast_.alice();
    f.attributes[2] = signing_time_attribute("261322093000Z");
    add("signing-time-in-month-13", f.build());
    f = cast_.alice();
    f.attributes[2] = attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05},
                                der(0x18, as_bytes("20261122093000Z")));
    add("signing-time-generalized-too-early", f.build());
  }

  void wrong_forms() {
    const Bytes whole = cast_.alice().build();
    for (const auto& [name, bytes] : spoilt(whole)) add(name, bytes);
    add("cut-in-half", Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2)));
    add("empty-sequence", {0x30, 0x00});
    Forge f = cast_.alice();
    f.unsigned_attributes = der(0xA1, attribute({0x2A, 0x03, 0x04}, der(0x04, Bytes{1})));
    add("unsigned-attributes", f.build());
    f = cast_.alice();
    f.version = {0x02, 0x01, 0x03};
    add("signed-data-version-3", f.build());
    f = cast_.alice();
    f.content_info = der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01}),
                                der(0xA0, der(0x04, cast_.statement))});
    add("content-inside", f.build());
    f = cast_.alice();
    f.crls = der(0xA1, cast_.trust.crls()[0].der());
    add("crls-inside", f.build());
    f = cast_.alice();
    append(f.digest_algorithms, f.digest_algorithm);
    add("two-digest-algorithms", f.build());
  }

  void wrong_algorithms() {
    const Bytes sha1 = der(0x30, der(0x06, Bytes{0x2B, 0x0E, 0x03, 0x02, 0x1A}));
    Forge f = cast_.alice();
    Bytes digest(20);
    EVP_Digest(cast_.statement.data(), cast_.statement.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    f.attributes[1] = attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04}, der(0x04, digest));
    f.digest_algorithm = f.digest_algorithms = sha1;
    f.signature_algorithm = der(0x30, der(0x06, Bytes{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}));
    const Bytes set = f.set_of_attributes();
    f.change_signature = [&](const Bytes&) { return sign_with(cast_.key, set, EVP_sha1(), false); };
    add("sha-1", f.build());
    f = cast_.alice();
    f.digest_algorithm = f.digest_algorithms =
        der(0x30, der(0x06, Bytes{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}));
    add("sha-512", f.build());
    const Key ed25519 = craft_key("ED25519");
    const auto certificate = craft(cast_.person("Ed25519", ed25519));
    f = cast_.forge(certificate, ed25519);
    f.signature_algorithm = der(0x30, der(0x06, Bytes{0x2B, 0x65, 0x70}));
    add("ed25519", f.build());
    f = cast_.forge(certificate, ed25519);
    add("ed25519-called-ecdsa", f.build());
    f = cast_.alice();
    f.signature_algorithm =
        der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}), algorithm_null});
    add("ecdsa-with-null-parameters", f.build());
    f = cast_.alice();
    f.signature_algorithm =
        der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}), algorithm_null});
    add("ecdsa-called-rsa", f.build());
    const Key weak = craft_key("RSA-1024");
    const auto weak_certificate = craft(cast_.person("Weak", weak));
    const Bytes attributes = evidence::signed_attributes(sha256(cast_.statement), weak_certificate, now_time);
    add("rsa-1024", *evidence::assemble_cades(weak_certificate, {}, attributes,
                                              sign_with(weak, attributes, EVP_sha256(), false)));
  }

  void wrong_signatures() {
    Forge f = cast_.alice();
    f.key = cast_.other_key;
    add("signed-by-another-key", f.build());
    const auto numbers = [this](const std::string& name, auto change) {
      Forge forged = cast_.alice();
      forged.change_signature = [change](const Bytes& signature) { return with_numbers(signature, change); };
      add(name, forged.build());
    };
    numbers("r-is-zero", [](BIGNUM* r, BIGNUM*, const BIGNUM*) { BN_zero(r); });
    numbers("s-is-zero", [](BIGNUM*, BIGNUM* s, const BIGNUM*) { BN_zero(s); });
    numbers("both-are-zero", [](BIGNUM* r, BIGNUM* s, const BIGNUM*) { BN_zero(r), BN_zero(s); });
    numbers("both-are-one", [](BIGNUM* r, BIGNUM* s, const BIGNUM*) { BN_one(r), BN_one(s); });
    numbers("r-is-the-order", [](BIGNUM* r, BIGNUM*, const BIGNUM* order) { BN_copy(r, order); });
    numbers("r-plus-the-order", [](BIGNUM* r, BIGNUM*, const BIGNUM* order) { BN_add(r, r, order); });
    numbers("s-plus-the-order", [](BIGNUM*, BIGNUM* s, const BIGNUM* order) { BN_add(s, s, order); });
    const auto bytes = [this](const std::string& name, const std::function<Bytes(Bytes)>& change) {
      Forge forged = cast_.alice();
      forged.change_signature = change;
      add(name, forged.build());
    };
    bytes("s-is-negative",
          [](const Bytes&) { return Bytes{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0xFF}; });
    bytes("signature-empty", [](const Bytes&) { return Bytes{}; });
    bytes("signature-with-trailing-byte", [](Bytes signature) { return signature.push_back(0), signature; });
    bytes("signature-in-long-form",
          [](Bytes signature) { return signature.insert(signature.begin() + 1, 0x81), signature; });
    bytes("signature-flipped-bit", [](Bytes signature) { return signature.back() ^= 1, signature; });
    bytes("signature-raw-64-bytes",
          [](const Bytes& signature) { return Bytes(signature.end() - 64, signature.end()); });
  }

  void wrong_certificates() {
    const auto variant = [this](const std::string& name, auto change) {
      Plan plan = cast_.person("Variant", cast_.key);
      change(plan);
      const auto certificate = craft(plan);
      add(name, cast_.forge(certificate, cast_.key).build());
    };
    variant("expired", [](Plan& plan) { plan.until = now_time - 1; });
    variant("not-yet-valid", [](Plan& plan) { plan.from = now_time + 1; });
    variant("key-usage-digital-signature", [](Plan& plan) { plan.key_usage = "critical,digitalSignature"; });
    variant("key-usage-both",
            [](Plan& plan) { plan.key_usage = "critical,digitalSignature,nonRepudiation"; });
    variant("key-usage-none", [](Plan& plan) { plan.key_usage = ""; });
    variant("key-usage-key-agreement", [](Plan& plan) { plan.key_usage = "critical,keyAgreement"; });
    variant("certificate-of-an-authority", [](Plan& plan) { plan.basic_constraints = "critical,CA:TRUE"; });
    variant("self-signed", [](Plan& plan) { plan.issuer = nullptr; });
    variant("unknown-authority",
            [this](Plan& plan) { plan.issuer = &cast_.stranger, plan.issuer_key = cast_.other_key; });
    variant("imitated-authority",
            [this](Plan& plan) { plan.issuer = &cast_.imitation, plan.issuer_key = cast_.other_key; });
    variant("issued-by-a-person",
            [this](Plan& plan) { plan.issuer = &cast_.alices, plan.issuer_key = cast_.key; });
    add("revoked", cast_.forge(cast_.revoked, cast_.key).build());
  }

  void wrong_signers() {
    Forge f = cast_.alice();
    f.certificates.clear();
    add("no-certificates", f.build());
    f = cast_.alice();
    f.certificates = {cast_.revoked.der()};
    add("other-certificate-only", f.build());
    f = cast_.alice();
    f.certificates.push_back(cast_.alices.der());
    add("certificate-twice", f.build());
    f = cast_.alice();
    f.certificates.push_back(cast_.root.der());
    add("with-root", f.build());
    f = cast_.alice();
    f.signer_version = {0x02, 0x01, 0x03};
    f.version = {0x02, 0x01, 0x03};
    const Bytes identifier = *cast_.alices.extension("2.5.29.14");
    f.signer_identifier = der(0x80, ByteView(identifier).subspan(2));
    add("signer-by-key-identifier", f.build());
    f = cast_.alice();
    f.signer_identifier = der(0x30, {cast_.alices.issuer_name(), Bytes{0x02, 0x01, 0x01}});
    add("signer-of-another-serial", f.build());
  }

  void two_signers() {
    Plan plan = cast_.person("Bob", cast_.other_key);
    const auto bob = craft(plan);
    const Bytes files[] = {cast_.alice().build(), cast_.forge(bob, cast_.other_key).build()};
    add("two-signers", *evidence::merge_cades(files));
  }

  void finish() {
    write(folder_ / "evidence" / "statement.json", cast_.statement);
    write(folder_ / "evidence" / "roots-and-crls.pem", as_bytes(cast_.trust.to_pem()));
    const std::string head =
        "# at 2026-11-22T09:30:00Z: this verifier <TAB> openssl cms -verify -cades -crl_check <TAB> file "
        "<TAB> our reason\n";
    write(folder_ / "evidence" / "list.txt", as_bytes(head + lines_));
  }

  std::filesystem::path folder_;
  VectorCast cast_;
  std::string lines_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: sceau-make-vectors VECTORS\n", stderr);
    return 2;
  }
  Maker(arguments[1]).run();
  return 0;
}
