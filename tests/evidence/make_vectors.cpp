// Writes the signature files of tests/vectors/evidence, good and hostile, with what this verifier and stock
// OpenSSL say of each, and the hostile DER of tests/vectors/pki. Usage: sceau-make-vectors VECTORS
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "forge.h"
#include "sceau/base/files.h"
#include "sceau/evidence/verifier.h"
#include "sceau/pki/der.h"

using namespace sceau;
using namespace sceau::test;
using pki::der;

namespace {

const char* const ca_usage = "critical,keyCertSign,cRLSign";
const Bytes algorithm_null{0x05, 0x00};

Bytes sign_with(const Key& key, ByteView message, const EVP_MD* digest, bool pss) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  std::size_t length = 0;
  if (EVP_DigestSignInit(context, &key_context, digest, nullptr, key.get()) != 1) std::abort();
  if (pss) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, 32);
  }
  if (EVP_DigestSign(context, nullptr, &length, message.data(), message.size()) != 1) std::abort();
  Bytes signature(length);
  if (EVP_DigestSign(context, signature.data(), &length, message.data(), message.size()) != 1) std::abort();
  signature.resize(length);
  EVP_MD_CTX_free(context);
  return signature;
}

// r and s of a signature, changed by a function that gets the group's order too.
template <typename Change>
Bytes with_numbers(const Bytes& signature, Change change) {
  const unsigned char* at = signature.data();
  ECDSA_SIG* numbers = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BIGNUM* r = BN_dup(ECDSA_SIG_get0_r(numbers));
  BIGNUM* s = BN_dup(ECDSA_SIG_get0_s(numbers));
  change(r, s, EC_GROUP_get0_order(group));
  ECDSA_SIG_set0(numbers, r, s);
  unsigned char* out = nullptr;
  const int length = i2d_ECDSA_SIG(numbers, &out);
  Bytes changed(out, out + length);
  OPENSSL_free(out);
  ECDSA_SIG_free(numbers);
  EC_GROUP_free(group);
  return changed;
}

class Maker {
 public:
  explicit Maker(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_ / "evidence" / "files");
    std::filesystem::create_directories(folder_ / "pki" / "hostile");
    statement_ = *read_file(folder_ / "statement" / "good" / "extraction-request.json");
    const auto added = [](const Status& status) {
      if (!status) std::abort();
    };
    added(trust_.add_authority(root_));
    added(trust_.add_authority(middle_));
    added(trust_.add_crl(craft_crl(root_, root_key_, {revoked_}, 1)));
    added(trust_.add_crl(craft_crl(middle_, middle_key_, {}, 1)));
  }

  void run() {
    good();
    wrong_attributes();
    wrong_forms();
    wrong_algorithms();
    wrong_signatures();
    wrong_certificates();
    two_signers();
    finish();
    hostile_der();
  }

 private:
  Plan person(const std::string& name, const Key& key) const {
    Plan plan;
    plan.name = name;
    plan.person = "p-" + std::to_string(name.size());
    plan.key = key;
    plan.issuer = &root_;
    plan.issuer_key = root_key_;
    return plan;
  }
  [[nodiscard]] Forge forge(const pki::Certificate& certificate, const Key& key) const {
    Forge forge;
    forge.certificate = &certificate;
    forge.key = key;
    forge.statement = sha256(statement_);
    return forge.fill();
  }
  [[nodiscard]] Forge alice() const { return forge(alice_, key_); }

  void add(const std::string& name, const Bytes& file) {
    evidence::Verifier verifier;
    const auto ours =
        verifier.verify({"alice", "cades", file}, sha256(statement_), trust_, pki::KeyUse::sign, now_time);
    const std::string stock = openssl_verdict(file, statement_, trust_, now_time);
    lines_ += std::string(ours ? "accept" : "refuse") + "\t" + (stock.empty() ? "accept" : "refuse") + "\t" +
              name + "\t" + (ours ? "-" : ours.error().message) + "\n";
    write(folder_ / "evidence" / "files" / (name + ".p7s"), file);
  }
  static void write(const std::filesystem::path& path, ByteView bytes) {
    if (!write_file(path, bytes)) std::abort();
  }

  void good() {
    add("ecdsa-p256", alice().build());
    const Key p384 = craft_key("P-384");
    const auto on_p384 = craft(person("P-384", p384));
    add("ecdsa-p384", forge(on_p384, p384).build());
    const Key rsa = craft_key("RSA");
    const auto with_rsa = craft(person("RSA", rsa));
    const Bytes attributes = evidence::signed_attributes(sha256(statement_), with_rsa, now_time);
    for (const bool pss : {false, true}) {
      const auto algorithm =
          pss ? evidence::SignatureAlgorithm::rsa_pss_sha256 : evidence::SignatureAlgorithm::rsa_pkcs1_sha256;
      add(pss ? "rsa-pss" : "rsa-pkcs1",
          *evidence::assemble_cades(with_rsa, {}, attributes, sign_with(rsa, attributes, EVP_sha256(), pss),
                                    algorithm));
    }
    Forge custom = alice();
    custom.attributes.push_back(token_statement_attribute());
    add("token-statement", custom.build());
    Plan plan = person("Carol", key_);
    plan.issuer = &middle_;
    plan.issuer_key = middle_key_;
    const auto carol = craft(plan);
    Forge chained = forge(carol, key_);
    chained.certificates.push_back(middle_.der());
    add("with-chain", chained.build());
    for (const bool high : {false, true}) {
      Forge other = alice();
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
    Forge f = alice();
    f.attributes[1] = message_digest_attribute(sha256(as_bytes("another statement")));
    add("other-statement", f.build());
    f = alice();
    f.attributes[3] = signing_certificate_attribute(sha256(as_bytes("another certificate")));
    add("wrong-certificate-hash", f.build());
    const char* names[] = {"content-type", "message-digest", "signing-time", "signing-certificate"};
    for (std::size_t i = 0; i < 4; ++i) {
      f = alice();
      f.attributes.erase(f.attributes.begin() + static_cast<std::ptrdiff_t>(i));
      add(std::string("missing-") + names[i], f.build());
      f = alice();
      f.attributes.push_back(f.attributes[i]);
      add(std::string("duplicate-") + names[i], f.build());
    }
    f = alice();
    f.attributes.push_back(message_digest_attribute(sha256(as_bytes("another statement"))));
    add("two-message-digests", f.build());
    f = alice();
    std::swap(f.attributes[1], f.attributes[3]);
    f.sort_attributes = false;
    add("attributes-not-in-der-order", f.build());
    f = alice();
    f.attributes.push_back(attribute({0x2A, 0x03, 0x04}, der(0x04, Bytes{1})));
    add("unknown-signed-attribute", f.build());
    f = alice();
    f.attributes[0] = attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03},
                                der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02}));
    add("content-type-not-data", f.build());
    f = alice();
    f.attributes[2] = signing_time_attribute("2611220930Z");
    add("signing-time-without-seconds", f.build());
    f = alice();
    f.attributes[2] = signing_time_attribute("261322093000Z");
    add("signing-time-in-month-13", f.build());
    f = alice();
    f.attributes[2] = attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05},
                                der(0x18, as_bytes("20261122093000Z")));
    add("signing-time-generalized-too-early", f.build());
    f = alice();
    const Bytes digest = der(0x04, f.statement);
    f.attributes[1] = der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04}),
                                 der(0x31, {digest, digest})});
    add("two-values-in-an-attribute", f.build());
    f = alice();
    f.attributes.clear();
    f.change_signature = [this](const Bytes&) { return sign_with(key_, statement_, EVP_sha256(), false); };
    add("no-signed-attributes", f.build());
  }

  void wrong_forms() {
    const Bytes whole = alice().build();
    Bytes bytes = whole;
    bytes.push_back(0);
    add("trailing-byte", bytes);
    bytes = whole;
    bytes.resize(whole.size() - 1);
    add("cut-by-a-byte", bytes);
    bytes.resize(whole.size() / 2);
    add("cut-in-half", bytes);
    bytes = {0x30, 0x80};
    append(bytes, ByteView(whole).subspan(4));
    append(bytes, Bytes{0, 0});
    add("indefinite-length", bytes);
    bytes = {0x30, 0x83, 0x00};
    append(bytes, ByteView(whole).subspan(2));
    add("length-with-leading-zero", bytes);
    bytes = whole;
    bytes[1] = 0x84;
    add("huge-length", bytes);
    add("empty", {});
    add("empty-sequence", {0x30, 0x00});
    Forge f = alice();
    f.unsigned_attributes = der(0xA1, attribute({0x2A, 0x03, 0x04}, der(0x04, Bytes{1})));
    add("unsigned-attributes", f.build());
    f = alice();
    f.version = {0x02, 0x01, 0x03};
    add("signed-data-version-3", f.build());
    f = alice();
    f.content_info = der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01}),
                                der(0xA0, der(0x04, statement_))});
    add("content-inside", f.build());
    f = alice();
    f.crls = der(0xA1, trust_.crls()[0].der());
    add("crls-inside", f.build());
    f = alice();
    append(f.digest_algorithms, f.digest_algorithm);
    add("two-digest-algorithms", f.build());
  }

  void wrong_algorithms() {
    const Bytes sha1 = der(0x30, der(0x06, Bytes{0x2B, 0x0E, 0x03, 0x02, 0x1A}));
    Forge f = alice();
    Bytes digest(20);
    EVP_Digest(statement_.data(), statement_.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    f.attributes[1] = attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04}, der(0x04, digest));
    f.digest_algorithm = f.digest_algorithms = sha1;
    f.signature_algorithm = der(0x30, der(0x06, Bytes{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01}));
    const Bytes set = f.set_of_attributes();
    f.change_signature = [&](const Bytes&) { return sign_with(key_, set, EVP_sha1(), false); };
    add("sha-1", f.build());
    f = alice();
    f.digest_algorithm = f.digest_algorithms =
        der(0x30, der(0x06, Bytes{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}));
    add("sha-512", f.build());
    const Key ed25519 = craft_key("ED25519");
    const auto certificate = craft(person("Ed25519", ed25519));
    f = forge(certificate, ed25519);
    f.signature_algorithm = der(0x30, der(0x06, Bytes{0x2B, 0x65, 0x70}));
    add("ed25519", f.build());
    f = forge(certificate, ed25519);
    add("ed25519-called-ecdsa", f.build());
    f = alice();
    f.signature_algorithm =
        der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}), algorithm_null});
    add("ecdsa-with-null-parameters", f.build());
    f = alice();
    f.signature_algorithm =
        der(0x30, {der(0x06, Bytes{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}), algorithm_null});
    add("ecdsa-called-rsa", f.build());
    const Key weak = craft_key("RSA-1024");
    const auto weak_certificate = craft(person("Weak", weak));
    const Bytes attributes = evidence::signed_attributes(sha256(statement_), weak_certificate, now_time);
    add("rsa-1024", *evidence::assemble_cades(weak_certificate, {}, attributes,
                                              sign_with(weak, attributes, EVP_sha256(), false)));
  }

  void wrong_signatures() {
    Forge f = alice();
    f.key = other_key_;
    add("signed-by-another-key", f.build());
    const auto numbers = [this](const std::string& name, auto change) {
      Forge forged = alice();
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
      Forge forged = alice();
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
      Plan plan = person("Variant", key_);
      change(plan);
      const auto certificate = craft(plan);
      add(name, forge(certificate, key_).build());
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
            [this](Plan& plan) { plan.issuer = &stranger_, plan.issuer_key = other_key_; });
    variant("imitated-authority",
            [this](Plan& plan) { plan.issuer = &imitation_, plan.issuer_key = other_key_; });
    variant("issued-by-a-person", [this](Plan& plan) { plan.issuer = &alice_, plan.issuer_key = key_; });
    add("revoked", forge(revoked_, key_).build());
    Forge f = alice();
    f.certificates.clear();
    add("no-certificates", f.build());
    f = alice();
    f.certificates = {revoked_.der()};
    add("other-certificate-only", f.build());
    f = alice();
    f.certificates.push_back(alice_.der());
    add("certificate-twice", f.build());
    f = alice();
    f.certificates.push_back(root_.der());
    add("with-root", f.build());
    f = alice();
    f.signer_version = {0x02, 0x01, 0x03};
    f.version = {0x02, 0x01, 0x03};
    const Bytes identifier = *alice_.extension("2.5.29.14");
    f.signer_identifier = der(0x80, ByteView(identifier).subspan(2));
    add("signer-by-key-identifier", f.build());
    f = alice();
    f.signer_identifier = der(0x30, {alice_.issuer_name(), Bytes{0x02, 0x01, 0x01}});
    add("signer-of-another-serial", f.build());
  }

  void two_signers() {
    Plan plan = person("Bob", other_key_);
    const auto bob = craft(plan);
    const Bytes files[] = {alice().build(), forge(bob, other_key_).build()};
    add("two-signers", *evidence::merge_cades(files));
  }

  void finish() {
    write(folder_ / "evidence" / "statement.json", statement_);
    write(folder_ / "evidence" / "roots-and-crls.pem", as_bytes(trust_.to_pem()));
    const std::string head =
        "# at 2026-11-22T09:30:00Z: this verifier <TAB> openssl cms -verify -cades -crl_check <TAB> file "
        "<TAB> our reason\n";
    write(folder_ / "evidence" / "list.txt", as_bytes(head + lines_));
  }

  void hostile_der() {
    const auto request = *pki::make_csr(spki_of(key_), {"Alice", "alice", ""}, signer_of(key_));
    const std::pair<std::string, Bytes> kinds[] = {
        {"certificate", alice_.der()}, {"crl", trust_.crls()[0].der()}, {"csr", request}};
    for (const auto& [kind, whole] : kinds) {
      const auto save = [this, &name = kind](const std::string& what, const Bytes& bytes) {
        write(folder_ / "pki" / "hostile" / (name + "-" + what + ".der"), bytes);
      };
      save("empty", {});
      Bytes bytes = whole;
      bytes.push_back(0);
      save("trailing-byte", bytes);
      bytes.resize(whole.size() - 1);
      save("cut-by-a-byte", bytes);
      bytes.resize(20);
      save("cut-early", bytes);
      bytes = whole;
      bytes[1] = 0x84;
      save("huge-length", bytes);
      bytes = {0x30, 0x80};
      append(bytes, ByteView(whole).subspan(4));
      append(bytes, Bytes{0, 0});
      save("indefinite-length", bytes);
      bytes = {0x30, 0x83, 0x00};
      append(bytes, ByteView(whole).subspan(2));
      save("length-with-leading-zero", bytes);
      bytes = whole;
      append(bytes, whole);
      save("twice", bytes);
      save("wrong-kind", kind == "crl" ? kinds[0].second : kinds[1].second);
    }
  }

  std::filesystem::path folder_;
  Bytes statement_;
  std::string lines_;
  Key root_key_ = craft_key("P-256");
  Key middle_key_ = craft_key("P-256");
  Key key_ = craft_key("P-256");
  Key other_key_ = craft_key("P-256");
  pki::Certificate root_ = craft({.name = "Test authority",
                                  .person = "",
                                  .key = root_key_,
                                  .key_usage = ca_usage,
                                  .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate middle_ = craft({.name = "Test authority for contractors",
                                    .person = "",
                                    .key = middle_key_,
                                    .issuer = &root_,
                                    .issuer_key = root_key_,
                                    .key_usage = ca_usage,
                                    .basic_constraints = "critical,CA:TRUE,pathlen:0"});
  pki::Certificate stranger_ = craft({.name = "Stranger",
                                      .person = "",
                                      .key = other_key_,
                                      .key_usage = ca_usage,
                                      .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate imitation_ = craft({.name = "Test authority",
                                       .person = "",
                                       .key = other_key_,
                                       .key_usage = ca_usage,
                                       .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate alice_ = craft({.key = key_, .issuer = &root_, .issuer_key = root_key_});
  pki::Certificate revoked_ =
      craft({.name = "Revoked", .key = key_, .issuer = &root_, .issuer_key = root_key_});
  pki::TrustStore trust_;
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
