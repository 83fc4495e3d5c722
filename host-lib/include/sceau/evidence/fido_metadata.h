// What the FIDO Metadata Service says of models of FIDO2 keys: the roots that attest each, and whether it was
// found wanting.
//
// The service's file is a JWS (RFC 7515, compact): {alg, x5c} . {no, nextUpdate, entries} . signature. Its
// certificate must have a path to a configured root and name the service's host: a public root certifies
// many. Whether that certificate was revoked is not looked at. What is kept of it is small and canonical, so
// that a ledger can hold it: the FIDO2 models alone. Source of the rules: FIDO Metadata Service 3.0 and FIDO
// Metadata Statement 3.0.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/pki/certificate.h"

namespace sceau::evidence {

using Aaguid = std::array<std::uint8_t, 16>;

inline constexpr std::size_t max_metadata_file_bytes = std::size_t{64} << 20U;
inline constexpr std::size_t max_metadata_bytes = std::size_t{512} << 10U;  // of what is kept
inline constexpr std::size_t max_metadata_models = 4096;
inline constexpr std::size_t max_model_roots = 64;
inline constexpr const char* metadata_host = "mds.fidoalliance.org";

struct FidoModel {
  std::vector<pki::Certificate> roots;  // none: it attests itself, or nothing
  std::string trouble;                  // a status such as "REVOKED"; empty: none is known
};

struct FidoMetadata {
  std::int64_t number = 0;  // of the file: it rises
  Time next_update = 0;     // until then it is fresh
  std::map<Aaguid, FidoModel> models;

  // Null: it is not listed.
  [[nodiscard]] const FidoModel* find(const Aaguid& model) const;
};

// Reads and checks the service's file at `at`. invalid: it breaks its form or a limit; refused: it is not
// signed by whom it must be, or its next update is due.
Result<FidoMetadata> read_metadata_file(ByteView file, std::span<const pki::Certificate> roots, Time at,
                                        std::string_view host = metadata_host);

// Canonical JSON {models: [{aaguid, roots: [index], trouble}], next_update, no, roots: [base64]}.
Bytes serialise(const FidoMetadata& metadata);
// invalid: not what serialise() writes.
Result<FidoMetadata> read_fido_metadata(ByteView bytes);

}  // namespace sceau::evidence
