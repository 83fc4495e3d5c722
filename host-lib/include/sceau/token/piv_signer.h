// A Signer over one slot of a PIV card.
//
// A signature from a cold start costs four commands where the card takes extended length: SELECT, GET DATA
// (certificate), VERIFY, GENERAL AUTHENTICATE. The next one costs VERIFY and GENERAL AUTHENTICATE, or the
// last alone where the key's PIN policy is `once`. Signatures are checked against the key before they are
// given out. The PIN is asked for while nobody holds the card, and never kept.
//
// ECDSA over P-256 and P-384; RSA of 2048 and 3072 bits with PSS, padded here. Always with SHA-256.
//
// Between two signatures other programs may use the card. It is not selected anew for each: an answer that
// PIV would not give makes it so. The PIN's reference (80) belongs to PIV, whichever program selected it.
#pragma once

#include <memory>

#include "sceau/token/piv.h"
#include "sceau/token/signer.h"

struct evp_pkey_st;

namespace sceau::token {

struct PivSignerOptions {
  Slot slot = Slot::signature;
  // When the PIN goes to the card: `always` before each signature, `once` before the first and when the
  // card forgot it, `never` not at all. `standard` means always for 9C and once for the others.
  PinPolicy pin = PinPolicy::standard;
  std::string serial;  // where the caller knows it
  // The key's SubjectPublicKeyInfo (DER), for keys that have no certificate yet (CSR, self-issued root).
  Bytes public_key;
};

class PivSigner final : public Signer {
 public:
  PivSigner(std::shared_ptr<PivCard> card, PivSignerOptions options);
  ~PivSigner() override;

  Result<KeyInfo> key() override;
  // Signs SHA-256 of to_sign.attributes.
  Result<Signed> sign(const ToSign& to_sign, PinSource& pins) override;

  // ECDSA over SHA-256 of the bytes, DER: for certificates, CRLs and requests. refused: an RSA key.
  Result<Bytes> sign_raw(ByteView to_be_signed, PinSource& pins);
  // SubjectPublicKeyInfo, DER: from the options, else the certificate.
  Result<Bytes> public_key();

  PivCard& card() { return *card_; }

 private:
  Status load_certificate();
  [[nodiscard]] PinRequest pin_request() const;
  Result<bool> type_on_reader(PinSource& pins);
  Result<Bytes> sign_rsa(evp_pkey_st* key, ByteView to_be_signed, PinSource& pins);
  // `block`: a digest as long as the curve, or a padded one as long as the modulus.
  Result<Bytes> sign_with_pin(ByteView block, Algorithm algorithm, PinSource& pins);
  Result<Bytes> sign_with_card(ByteView block, Algorithm algorithm, PinSource& pins);
  Result<Bytes> use_key(ByteView block, Algorithm algorithm);
  Error untouched() const;
  Error unfit() const;

  std::shared_ptr<PivCard> card_;
  PivSignerOptions options_;
  // The key of options or certificate, read once. Null: neither can be read as one.
  Result<std::shared_ptr<evp_pkey_st>> read_key();

  Bytes certificate_;
  std::shared_ptr<evp_pkey_st> key_;
  bool pin_given_ = false;  // this object verified it; the card may have forgotten since
};

}  // namespace sceau::token
