#include "evidence_folder.h"

#include <filesystem>

#include "requests.h"
#include "sceau/base/files.h"
#include "sceau/evidence/cades.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

Status keep(const fs::path& file, ByteView bytes) { return write_file(file, bytes, 0600); }

Status keep_signed(const fs::path& folder, const std::string& name, ByteView statement,
                   const evidence::Evidence& evidence) {
  if (auto kept = keep(folder / (name + ".json"), statement); !kept) return kept;
  return keep(folder / (name + ".p7s"), evidence.signatures.front().bytes);
}

}  // namespace

Status keep_request(Workplace& place, const std::string& folder, const SignedAct& act,
                    const statement::Value& receipt) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    return Error{ErrorKind::unavailable, "no folder for evidence: " + folder + ": " + failed.message()};
  auto evidence = evidence::parse(act.evidence);
  if (!evidence) return evidence.error();
  if (auto kept = keep_signed(folder, "request", act.statement, *evidence); !kept) return kept;
  if (auto kept = keep(fs::path(folder) / "receipt.json", statement::to_canonical_bytes(receipt)); !kept)
    return kept;
  auto pem = trust_pem(place);
  if (!pem) return pem.error();
  return keep(fs::path(folder) / "roots-and-crls.pem", as_bytes(*pem));
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
