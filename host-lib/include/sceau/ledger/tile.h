// Tiles and entry bundles: c2sp.org/tlog-tiles.
//
// A tile (level, n) holds the stored hashes (8 * level, 256 * n ...), 32 bytes each, up to 256 of them; its
// width is their number, 256 when full. An entry bundle n holds the entries 256 * n ..., each after its
// big-endian uint16 length. A narrower tile or bundle is the beginning of a wider one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::ledger {

constexpr unsigned kTileHeight = 8;
constexpr unsigned kTileWidth = 256;
constexpr std::size_t kMaximumLeaf = 65535;

// tile/<L>/<N>, with .p/<W> when width < 256. `level` is 0 to 63, `width` 1 to 256.
std::string tile_path(unsigned level, std::uint64_t n, unsigned width = kTileWidth);
// tile/entries/<N>, likewise.
std::string entries_path(std::uint64_t n, unsigned width = kTileWidth);

struct TilePath {
  std::optional<unsigned> level;  // none for an entry bundle
  std::uint64_t n = 0;
  unsigned width = kTileWidth;
};

// Reads what the two functions above write, and no other spelling: invalid.
Result<TilePath> parse_tile_path(std::string_view path);

// How many hashes tile (level, n) has in a tree of `size` leaves: 0 to 256.
unsigned tile_width(unsigned level, std::uint64_t n, std::uint64_t size);

// The stored hash of the complete subtree over `hashes`, whose number is a power of two.
Digest subtree_hash(std::span<const Digest> hashes);

// Bytes of a tile to hashes and back. invalid when not 1 to 256 times 32 bytes.
Result<std::vector<Digest>> parse_tile(ByteView tile);
Bytes write_tile(std::span<const Digest> hashes);

// Entry bundles. Each entry is at most kMaximumLeaf bytes: invalid otherwise.
Status append_to_bundle(Bytes& bundle, ByteView entry);
Result<std::vector<Bytes>> parse_bundle(ByteView bundle);

}  // namespace sceau::ledger
