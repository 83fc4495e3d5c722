#include "sceau/pki/crl.h"

#include <openssl/pem.h>

#include "openssl.h"

namespace sceau::pki {

struct Crl::State {
  CrlHandle crl;
  Bytes der;
  Digest digest{};
  Bytes issuer;
  std::uint64_t number = 0;
  Time this_update = 0;
  Time next_update = 0;
};

namespace {

Error bad_list(const std::string& what) { return {ErrorKind::invalid, "reading a revocation list: " + what}; }

// The cRLNumber; nothing when it is there and no number below 2^64.
std::optional<std::uint64_t> number_of(const X509_CRL* crl) {
  int critical = 0;
  const Handle<ASN1_INTEGER, ASN1_INTEGER_free> number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, &critical, nullptr)));
  if (number == nullptr) return critical == -1 ? std::optional<std::uint64_t>(0) : std::nullopt;
  std::uint64_t value = 0;
  if (ASN1_INTEGER_get_uint64(&value, number.get()) != 1) return std::nullopt;
  return value;
}

}  // namespace

Result<Crl> Crl::from_der(ByteView der) {
  CrlHandle crl(from_exact_der<X509_CRL>(der, d2i_X509_CRL));
  if (crl == nullptr) return bad_list("the bytes are not one DER CRL: check the file");
  if (X509_CRL_get0_nextUpdate(crl.get()) == nullptr)
    return bad_list("it has no nextUpdate: have it issued again");
  const auto number = number_of(crl.get());
  if (!number) {
    ERR_clear_error();
    return bad_list("its cRLNumber cannot be read: have it issued again");
  }
  auto state = std::make_shared<State>();
  state->der = to_bytes(der);
  state->digest = sha256(der);
  state->issuer = to_der(X509_CRL_get_issuer(crl.get()), i2d_X509_NAME);
  state->number = *number;
  state->this_update = to_time(X509_CRL_get0_lastUpdate(crl.get()));
  state->next_update = to_time(X509_CRL_get0_nextUpdate(crl.get()));
  state->crl = std::move(crl);
  return Crl(std::move(state));
}

Result<std::vector<Crl>> Crl::all_from_pem(std::string_view pem) {
  std::vector<Crl> all;
  for (const Bytes& block : pem_blocks(pem, PEM_STRING_X509_CRL)) {
    auto crl = from_der(block);
    if (!crl) return crl.error();
    all.push_back(std::move(*crl));
  }
  return all;
}

Result<Crl> Crl::from_pem(std::string_view pem) {
  auto all = all_from_pem(pem);
  if (!all) return all.error();
  if (all->empty()) return bad_list("the text holds no X509 CRL block: give a PEM file");
  return all->front();
}

const Bytes& Crl::der() const { return state_->der; }
const Digest& Crl::digest() const { return state_->digest; }
const Bytes& Crl::issuer() const { return state_->issuer; }
std::uint64_t Crl::number() const { return state_->number; }
Time Crl::this_update() const { return state_->this_update; }
Time Crl::next_update() const { return state_->next_update; }
X509_crl_st* Crl::handle() const { return state_->crl.get(); }
std::string Crl::issuer_text() const { return name_text(X509_CRL_get_issuer(handle())); }

std::string Crl::to_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509_CRL(bio.get(), handle()) != 1) return {};
  return bio_text(bio.get());
}

bool Crl::is_revoked(const Certificate& certificate) const {
  if (certificate.issuer_name() != issuer()) return false;
  X509_REVOKED* entry = nullptr;
  // 2 would mean "removed from the list": only delta CRLs say so, and those are not taken.
  return X509_CRL_get0_by_cert(handle(), &entry, certificate.handle()) != 0;
}

Status Crl::check_signature(const Certificate& issuer) const {
  if (X509_CRL_verify(handle(), issuer.public_key()) == 1) return {};
  ERR_clear_error();
  return bad_list("\"" + issuer.subject_text() + "\" did not sign it: fetch it from its issuer");
}

}  // namespace sceau::pki
