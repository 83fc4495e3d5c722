#include "sceau/evidence/verifier.h"

#include <map>
#include <mutex>
#include <shared_mutex>

#include "key.h"

namespace sceau::evidence {

namespace {

constexpr std::size_t most_remembered = 4096;

Error bad_signature(const std::string& what) { return {ErrorKind::invalid, "checking a signature: " + what}; }

// A signer's certificate with what the file holds beside it, ready to verify, and the paths found for it.
struct Material {
  Material(pki::Certificate own, std::vector<pki::Certificate> others, SignatureAlgorithm algorithm)
      : certificate(std::move(own)), chain(std::move(others)), key(certificate, algorithm) {}

  const pki::Certificate certificate;
  const std::vector<pki::Certificate> chain;
  VerifyingKey key;
  std::mutex mutex;
  // One for each use, for the trust store of that version.
  std::map<pki::KeyUse, std::pair<Digest, std::shared_ptr<const pki::PathRecord>>> paths;
};

Result<std::shared_ptr<Material>> make_material(const CadesView& view) {
  auto own = pki::Certificate::from_der(view.certificate);
  if (!own) return own.error();
  std::vector<pki::Certificate> chain;
  for (const ByteView der : view.chain) {
    auto other = pki::Certificate::from_der(der);
    if (!other) return other.error();
    if (other->is_self_issued()) {
      return bad_signature("the file holds the root \"" + other->subject_text() + "\": leave it out");
    }
    chain.push_back(std::move(*other));
  }
  auto material = std::make_shared<Material>(std::move(*own), std::move(chain), view.algorithm);
  if (auto suits = material->key.check_kind(); !suits) return suits.error();
  return material;
}

// What was signed: the attributes as a SET OF, not with the tag they have in the file.
Digest attributes_digest(ByteView attributes) {
  constexpr std::uint8_t set_tag[] = {0x31};
  return sha256({set_tag, attributes.subspan(1)});
}

}  // namespace

struct Verifier::State {
  std::shared_mutex mutex;
  std::map<Digest, std::shared_ptr<Material>> remembered;

  Result<std::shared_ptr<Material>> material_for(const CadesView& view);
  Result<std::shared_ptr<Material>> check(const Signature& signature, const Digest& statement_digest,
                                          CadesView& view);
};

// The key is all of the file's certificates, the signer's own, and the algorithm: what a path can depend on.
Result<std::shared_ptr<Material>> Verifier::State::material_for(const CadesView& view) {
  const std::uint8_t algorithm[] = {static_cast<std::uint8_t>(view.algorithm)};
  const Digest name = view.chain.empty() ? sha256({view.certificates, algorithm})
                                         : sha256({view.certificates, view.certificate, algorithm});
  {
    const std::shared_lock lock(mutex);
    if (const auto found = remembered.find(name); found != remembered.end()) return found->second;
  }
  auto material = make_material(view);
  if (!material) return material;
  const std::unique_lock lock(mutex);
  if (remembered.size() >= most_remembered) remembered.clear();
  remembered.insert_or_assign(name, *material);
  return material;
}

Result<std::shared_ptr<Material>> Verifier::State::check(const Signature& signature,
                                                         const Digest& statement_digest, CadesView& view) {
  if (signature.kind != cades_kind)
    return bad_signature("kind \"" + signature.kind +
                         "\" has no certificate: it is checked with its token's key");
  auto read = read_cades(signature.bytes);
  if (!read) return read.error();
  view = std::move(*read);
  if (view.message_digest != statement_digest) {
    return bad_signature(
        "it is over another statement: the bytes were changed, or the files do not belong together");
  }
  auto material = material_for(view);
  if (!material) return material;
  Material& known = **material;
  if (view.certificate_digest != known.certificate.digest()) {
    return bad_signature("signingCertificateV2 names another certificate than the file holds");
  }
  if (!known.key.verify(attributes_digest(view.attributes), view.signature)) {
    return bad_signature("the key of \"" + known.certificate.subject_text() + "\" did not make it");
  }
  return material;
}

namespace {

Result<pki::PathRecord> path_of(Material& material, const pki::TrustStore& trust, pki::KeyUse use, Time at) {
  {
    const std::lock_guard lock(material.mutex);
    const auto found = material.paths.find(use);
    if (found != material.paths.end() && found->second.first == trust.version() &&
        at >= found->second.second->valid_from && at <= found->second.second->valid_until) {
      return *found->second.second;
    }
  }
  auto path = pki::check_path(trust, material.certificate, material.chain, use, at);
  if (!path) return path;
  const std::lock_guard lock(material.mutex);
  material.paths.insert_or_assign(use,
                                  std::pair(trust.version(), std::make_shared<const pki::PathRecord>(*path)));
  return path;
}

}  // namespace

Verifier::Verifier() : state_(std::make_unique<State>()) {}
Verifier::~Verifier() = default;

Result<Verified> Verifier::verify(const Signature& signature, const Digest& statement_digest,
                                  const pki::TrustStore& trust, pki::KeyUse use, Time at) {
  CadesView view;
  const auto material = state_->check(signature, statement_digest, view);
  if (!material) return material.error();
  auto path = path_of(**material, trust, use, at);
  if (!path) return path.error();
  return Verified{(*material)->certificate, view.signing_time, std::move(*path)};
}

Result<pki::Certificate> Verifier::verify_signature_only(const Signature& signature,
                                                         const Digest& statement_digest) {
  CadesView view;
  const auto material = state_->check(signature, statement_digest, view);
  if (!material) return material.error();
  return (*material)->certificate;
}

}  // namespace sceau::evidence
