#include "sceau/ledger/proof.h"

#include <algorithm>
#include <charconv>

#include "sceau/ledger/tree.h"

namespace sceau::ledger {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::size_t kMaximumHashes = 64;  // the height of the largest tree

Error malformed_proof(const std::string& what) { return {ErrorKind::invalid, "proof is malformed: " + what}; }

// Takes the next line off `rest`, without its newline; none when no newline is left.
std::optional<std::string_view> next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

Result<Digest> parse_hash(std::string_view line) {
  auto bytes = from_base64(line);
  Digest hash{};
  if (!bytes || bytes->size() != hash.size()) return malformed_proof("a hash is not base64 of 32 bytes");
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

Result<std::uint64_t> parse_index(std::string_view text) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0')) {
    return malformed_proof("the index is not a decimal number");
  }
  return index;
}

}  // namespace

std::string write_proof(const Proof& proof) {
  std::string out(kFirstLine);
  out += '\n';
  if (proof.extra && !proof.extra->empty()) out.append(kExtra).append(to_base64(*proof.extra)) += '\n';
  out.append(kIndex).append(std::to_string(proof.index)) += '\n';
  for (const Digest& hash : proof.hashes) out.append(to_base64(hash)) += '\n';
  return out.append("\n").append(proof.checkpoint);
}

Result<Proof> parse_proof(std::string_view text) {
  Proof proof;
  auto line = next_line(text);
  if (line != kFirstLine) return malformed_proof("it does not begin with " + std::string(kFirstLine));
  line = next_line(text);
  if (line && line->starts_with(kExtra)) {
    auto extra = from_base64(line->substr(kExtra.size()));
    if (!extra || extra->empty()) return malformed_proof("its extra data are not base64");
    proof.extra = std::move(*extra);
    line = next_line(text);
  }
  if (!line || !line->starts_with(kIndex)) return malformed_proof("it has no index");
  auto index = parse_index(line->substr(kIndex.size()));
  if (!index) return index.error();
  proof.index = *index;
  for (line = next_line(text); line && !line->empty(); line = next_line(text)) {
    auto hash = parse_hash(*line);
    if (!hash) return hash.error();
    if (proof.hashes.size() == kMaximumHashes) return malformed_proof("it has more than 64 hashes");
    proof.hashes.push_back(*hash);
  }
  if (!line || text.empty()) return malformed_proof("it has no checkpoint");
  proof.checkpoint = text;
  return proof;
}

Result<Checkpoint> verify(const Proof& proof, ByteView leaf, const NoteVerifier& log) {
  auto checkpoint = open_checkpoint(proof.checkpoint, log);
  if (!checkpoint) return checkpoint.error();
  const Status status =
      verify_inclusion(proof.index, checkpoint->size, leaf_hash(leaf), proof.hashes, checkpoint->root);
  if (!status) return status.error();
  return checkpoint;
}

}  // namespace sceau::ledger
