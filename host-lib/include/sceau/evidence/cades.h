// Detached CAdES-BES signatures over a statement's digest: made from parts, and read strictly.
//
// Profile (ETSI EN 319 122-1, RFC 5652, RFC 5035): DER SignedData version 1, one digest algorithm SHA-256,
// no content, certificates without the root, no CRLs; one SignerInfo version 1 (issuer and serial number)
// with the signed attributes contentType = id-data, messageDigest, signingTime, signingCertificateV2
// (SHA-256, its algorithm left to the default), at most one token statement (clear-sign keys'), and no
// unsigned attributes. A file for export may hold several SignerInfos. Signatures: ECDSA P-256 or P-384 with
// SHA-256, RSA >= 2048 bits with PSS (SHA-256, salt 32) or PKCS#1 v1.5. The bytes are those that OpenSSL's
// CMS calls write; `openssl cms -verify -cades` accepts them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/evidence/evidence.h"
#include "sceau/pki/certificate.h"

namespace sceau::evidence {

enum class SignatureAlgorithm { ecdsa_sha256, rsa_pss_sha256, rsa_pkcs1_sha256 };

// The DER SET OF signed attributes: what a key signs (SHA-256 of it).
Bytes signed_attributes(const Digest& statement_digest, const pki::Certificate& certificate,
                        Time signing_time);

// A complete CMS from attributes and signature made elsewhere. `attributes` is the DER SET OF; `chain` are
// the certificates between the signer's and the root, neither included. A signature by an RSA key is
// taken as PKCS#1 v1.5 unless `algorithm` says otherwise. Fails with invalid.
Result<Bytes> assemble_cades(const pki::Certificate& certificate, std::span<const pki::Certificate> chain,
                             ByteView attributes, ByteView signature);
Result<Bytes> assemble_cades(const pki::Certificate& certificate, std::span<const pki::Certificate> chain,
                             ByteView attributes, ByteView signature, SignatureAlgorithm algorithm);

// One signer's part of a file. Views point into the file's bytes, which must outlive them.
struct CadesView {
  Time signing_time = 0;
  Digest message_digest{};
  Digest certificate_digest{};  // as signingCertificateV2 names it
  ByteView signer_info;         // the whole SignerInfo
  ByteView certificate;         // the signer's certificate, DER
  std::vector<ByteView> chain;  // every other certificate of the file
  ByteView certificates;        // all of them, as the content of the file's SET OF
  ByteView attributes;          // [0] IMPLICIT: as in the file, its first byte is 0xA0
  ByteView token_statement;     // the clear-sign attribute's value; empty when there is none
  ByteView signature;
  SignatureAlgorithm algorithm = SignatureAlgorithm::ecdsa_sha256;
};

// Reads a file with one signer and refuses all that is not in the profile. Fails with invalid.
Result<CadesView> read_cades(ByteView cms);
// The same for a file with one to eight signers, in the file's order.
Result<std::vector<CadesView>> read_signers(ByteView cms);

// One .p7s from several signatures over the same statement, for stock tools. SET OF sorts the signers: it
// is the statement's `by`, not the order in the file, that says who is first. Fails with invalid.
Result<Bytes> merge_cades(std::span<const Bytes> signatures);

}  // namespace sceau::evidence
