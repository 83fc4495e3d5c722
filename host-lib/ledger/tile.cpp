#include "sceau/ledger/tile.h"

#include <algorithm>
#include <charconv>

#include "sceau/ledger/tree.h"

namespace sceau::ledger {
namespace {

constexpr std::size_t kDigestSize = 32;

std::string grouped(std::uint64_t n) {
  const std::string digits = std::to_string(n % 1000);
  std::string last(3 - digits.size(), '0');
  last += digits;
  if (n < 1000) return last;
  std::string before;  // every group but the last begins with an x
  for (n /= 1000; n > 0; n /= 1000) {
    const std::string group = std::to_string(1000 + n % 1000);
    before.insert(0, "x" + group.substr(1) + "/");
  }
  return before += last;
}

std::string with_width(const std::string& path, unsigned width) {
  return width == kTileWidth ? path : path + ".p/" + std::to_string(width);
}

// A whole decimal without leading zeros.
template <typename T>
std::optional<T> decimal(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return value;
}

// x001/x234/067 to 1234067. Spelled out again by the caller, which finds whatever is read too kindly here.
std::optional<std::uint64_t> ungrouped(std::string_view text) {
  std::uint64_t n = 0;
  for (;;) {
    const std::size_t slash = text.find('/');
    std::string_view group = text.substr(0, slash);
    if (slash != std::string_view::npos && !group.empty()) group.remove_prefix(1);
    if (group.size() != 3 || n > UINT64_MAX / 1000) return std::nullopt;
    std::uint64_t part = 0;
    for (const char c : group) {
      if (c < '0' || c > '9') return std::nullopt;
      part = part * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (n * 1000 > UINT64_MAX - part) return std::nullopt;
    n = n * 1000 + part;
    if (slash == std::string_view::npos) return n;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t n, unsigned width) {
  return with_width("tile/" + std::to_string(level) + "/" + grouped(n), width);
}

std::string entries_path(std::uint64_t n, unsigned width) {
  return with_width("tile/entries/" + grouped(n), width);
}

Result<TilePath> parse_tile_path(std::string_view path) {
  const Error error =
      Error{ErrorKind::invalid, "path is not one of a tile or an entry bundle, such as tile/0/x001/067.p/8"};
  std::string_view rest = path;
  if (!rest.starts_with("tile/")) return error;
  rest.remove_prefix(5);
  TilePath out;
  const std::string_view level = rest.substr(0, rest.find('/'));
  if (level.size() == rest.size()) return error;
  if (level != "entries") {
    out.level = decimal<unsigned>(level);
    if (!out.level || *out.level > 63) return error;
  }
  rest.remove_prefix(level.size() + 1);
  if (const std::size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    const auto width = decimal<unsigned>(rest.substr(partial + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return error;
    out.width = *width;
    rest = rest.substr(0, partial);
  }
  const auto n = ungrouped(rest);
  if (!n) return error;
  out.n = *n;
  if ((out.level ? tile_path(*out.level, out.n, out.width) : entries_path(out.n, out.width)) != path) {
    return error;
  }
  return out;
}

unsigned tile_width(unsigned level, std::uint64_t n, std::uint64_t size) {
  const unsigned shift = level * kTileHeight;
  const std::uint64_t hashes = shift >= 64 ? 0 : size >> shift;
  if (n > hashes / kTileWidth) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, hashes - n * kTileWidth));
}

Digest subtree_hash(std::span<const Digest> hashes) {
  std::vector<Digest> row(hashes.begin(), hashes.end());
  while (row.size() > 1) {
    for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
    row.resize(row.size() / 2);
  }
  return row[0];
}

Result<std::vector<Digest>> parse_tile(ByteView tile) {
  const std::size_t count = tile.size() / kDigestSize;
  if (tile.size() % kDigestSize != 0 || count == 0 || count > kTileWidth) {
    return Error{ErrorKind::invalid, "tile is not 1 to 256 hashes of 32 bytes"};
  }
  std::vector<Digest> hashes(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(i * kDigestSize), kDigestSize, hashes[i].begin());
  }
  return hashes;
}

Bytes write_tile(std::span<const Digest> hashes) {
  Bytes out;
  out.reserve(hashes.size() * kDigestSize);
  for (const Digest& hash : hashes) append(out, hash);
  return out;
}

Status append_to_bundle(Bytes& bundle, ByteView entry) {
  if (entry.size() > kMaximumLeaf) return Error{ErrorKind::invalid, "entry is longer than 65,535 bytes"};
  append_u16(bundle, static_cast<std::uint16_t>(entry.size()));
  append(bundle, entry);
  return {};
}

Result<std::vector<Bytes>> parse_bundle(ByteView bundle) {
  std::vector<Bytes> entries;
  while (!bundle.empty()) {
    if (bundle.size() < 2) return Error{ErrorKind::invalid, "entry bundle ends within a length"};
    const std::size_t size = read_u16(bundle.first<2>());
    bundle = bundle.subspan(2);
    if (bundle.size() < size) return Error{ErrorKind::invalid, "entry bundle ends within an entry"};
    entries.push_back(to_bytes(bundle.first(size)));
    bundle = bundle.subspan(size);
  }
  if (entries.size() > kTileWidth) return Error{ErrorKind::invalid, "entry bundle has more than 256 entries"};
  return entries;
}

}  // namespace sceau::ledger
