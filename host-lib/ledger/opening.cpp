#include "sceau/ledger/opening.h"

#include <algorithm>

namespace sceau::ledger {
namespace {

constexpr std::string_view sealed_mark = "sealed-1";

}  // namespace

Bytes sealed_statement(ByteView statement, ByteView envelope) {
  Bytes stored = to_bytes(sealed_mark);
  append(stored, sha256(statement));
  append(stored, envelope);
  return stored;
}

std::optional<SealedStatement> read_sealed(ByteView stored) {
  SealedStatement sealed;
  const std::size_t header = sealed_mark.size() + sealed.digest.size();
  if (stored.size() < header || as_text(stored.first(sealed_mark.size())) != sealed_mark) return std::nullopt;
  std::ranges::copy(stored.subspan(sealed_mark.size(), sealed.digest.size()), sealed.digest.begin());
  sealed.envelope = stored.subspan(header);
  return sealed;
}

Digest commitment(const Opening& opening) {
  Digest statement = sha256(opening.statement);
  if (opening.statement.empty()) {
    if (const auto sealed = read_sealed(opening.sealed)) statement = sealed->digest;
  }
  return sha256({opening.salt, statement, sha256(opening.evidence), sha256(opening.verdict)});
}

}  // namespace sceau::ledger
