#include "sceau/ledger/leaf.h"

#include <algorithm>

namespace sceau::ledger {
namespace {

constexpr std::string_view kAt = R"({"at":")";
constexpr std::string_view kCommitment = R"(","commitment":")";
constexpr std::string_view kType = R"(","type":")";
constexpr std::string_view kEnd = R"("})";
constexpr std::size_t kTimeTextSize = 20;
constexpr std::size_t kHexSize = 64;

bool is_type(std::string_view type) {
  return !type.empty() && type.size() <= 64 &&
         std::all_of(type.begin(), type.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '.'; });
}

}  // namespace

Result<Bytes> write_leaf(const Leaf& leaf) {
  if (!is_type(leaf.type)) return Error{ErrorKind::invalid, "a leaf's type is 1 to 64 of a-z and dots"};
  const std::string time = to_rfc3339(leaf.at);
  if (time.size() != kTimeTextSize)
    return Error{ErrorKind::invalid, "a leaf's time lies within years 0 to 9999"};
  std::string text(kAt);
  text.append(time).append(kCommitment).append(to_hex(leaf.commitment));
  text.append(kType).append(leaf.type).append(kEnd);
  return to_bytes(text);
}

Result<Leaf> parse_leaf(ByteView bytes) {
  const Error error{ErrorKind::invalid, R"(leaf is not canonical {"at","commitment","type"})"};
  const std::string_view text = as_text(bytes);
  const std::size_t commitment_at = kAt.size() + kTimeTextSize + kCommitment.size();
  const std::size_t type_at = commitment_at + kHexSize + kType.size();
  if (text.size() < type_at + kEnd.size()) return error;
  const auto time = from_rfc3339(text.substr(kAt.size(), kTimeTextSize));
  const auto digest = digest_from_hex(text.substr(commitment_at, kHexSize));
  if (!time || !digest) return error;
  Leaf leaf{*time, *digest, std::string(text.substr(type_at, text.size() - type_at - kEnd.size()))};
  // Written again it must be the same bytes: that checks the fixed parts and the type.
  const auto again = write_leaf(leaf);
  if (!again || *again != to_bytes(bytes)) return error;
  return leaf;
}

}  // namespace sceau::ledger
