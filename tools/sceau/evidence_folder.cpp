#include "evidence_folder.h"

#include <filesystem>

#include "fido.h"
#include "requests.h"
#include "sceau/base/files.h"
#include "sceau/evidence/cades.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

Status keep(const fs::path& file, ByteView bytes) { return write_file(file, bytes, 0600); }

// Whole, and in parts as WebAuthn libraries take them.
Status keep_assertion(const fs::path& folder, const std::string& name, ByteView bytes) {
  auto assertion = evidence::read_assertion(bytes);
  if (!assertion) return assertion.error();
  const std::pair<const char*, ByteView> parts[] = {{".webauthn", bytes},
                                                    {".authenticator-data", assertion->authenticator_data},
                                                    {".client-data.json", assertion->client_data},
                                                    {".signature", assertion->signature}};
  for (const auto& [ending, content] : parts)
    if (auto kept = keep(folder / (name + ending), content); !kept) return kept;
  return {};
}

Status keep_signed(const fs::path& folder, const std::string& name, ByteView statement,
                   const evidence::Evidence& evidence) {
  if (auto kept = keep(folder / (name + ".json"), statement); !kept) return kept;
  const auto& signature = evidence.signatures.front();
  if (signature.kind == evidence::webauthn_kind) return keep_assertion(folder, name, signature.bytes);
  return keep(folder / (name + ".p7s"), signature.bytes);
}

std::string public_key_pem(ByteView public_key) {
  constexpr std::size_t kLine = 64;
  const auto text = to_base64(public_key);
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) pem.append(text, at, kLine).append("\n");
  return pem.append("-----END PUBLIC KEY-----\n");
}

// Whose the FIDO2 keys in this evidence are: an assertion alone does not say.
Status keep_fido_keys(Workplace& place, const fs::path& folder, const evidence::Evidence& evidence) {
  client::FidoKeys used;
  for (const auto& signature : evidence.signatures) {
    if (signature.kind != evidence::webauthn_kind) continue;
    auto assertion = evidence::read_assertion(signature.bytes);
    if (!assertion) return assertion.error();
    auto enrolled = enrolled_fido_keys(place, false);
    if (!enrolled) return enrolled.error();
    const auto key = enrolled->keys.find(sha256(assertion->credential));
    if (key == enrolled->keys.end()) continue;
    used.party = enrolled->party;
    used.keys.insert(*key);
    auto pem = keep(folder / "request.public-key.pem", as_bytes(public_key_pem(key->second.public_key)));
    if (!pem) return pem;
  }
  return used.keys.empty() ? Status() : keep(folder / "fido2-keys.json", client::write_fido_keys(used));
}

}  // namespace

Status keep_act(const std::string& folder, const SignedAct& act) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    return Error{ErrorKind::unavailable, "no folder for evidence: " + folder + ": " + failed.message()};
  auto evidence = evidence::parse(act.evidence);
  if (!evidence) return evidence.error();
  return keep_signed(folder, "request", act.statement, *evidence);
}

Status keep_request(Workplace& place, const std::string& folder, const SignedAct& act,
                    const statement::Value& receipt) {
  if (auto kept = keep_act(folder, act); !kept) return kept;
  if (auto kept = keep(fs::path(folder) / "receipt.json", statement::to_canonical_bytes(receipt)); !kept)
    return kept;
  auto evidence = evidence::parse(act.evidence);
  if (!evidence) return evidence.error();
  if (auto kept = keep_fido_keys(place, folder, *evidence); !kept) return kept;
  auto pem = trust_pem(place);
  if (!pem) return pem.error();
  return keep(fs::path(folder) / "roots-and-crls.pem", as_bytes(*pem));
}

Status fetch_and_keep_request(Workplace& place, const std::string& folder, const Digest& request) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto receipt = (*connection)->gate->get("/receipts/" + to_hex(request));
  if (!receipt) return receipt.error();
  auto bytes = statement::base64_field(*receipt, "statement");
  auto signatures = statement::base64_field(*receipt, "evidence");
  if (!bytes || !signatures || statement::digest(*bytes) != request) {
    return Error{ErrorKind::corrupt, "the gate's receipt for the request is not one: nothing was kept of it"};
  }
  return keep_request(place, folder, {std::move(*bytes), std::move(*signatures)}, *receipt);
}

Status keep_result(const std::string& folder, const SignedResult& result) {
  const fs::path path(folder);
  if (auto kept = keep_signed(path, "result", result.statement, result.evidence); !kept) return kept;
  auto receipt = keep(path / "result-receipt.json", statement::to_canonical_bytes(result.receipt));
  if (!receipt) return receipt;
  auto view = evidence::read_cades(result.evidence.signatures.front().bytes);
  if (!view) return view.error();
  auto certificate = pki::Certificate::from_der(view->certificate);
  if (!certificate) return certificate.error();
  return keep(path / "gate.pem", as_bytes(certificate->to_pem()));
}

}  // namespace sceau::tool
