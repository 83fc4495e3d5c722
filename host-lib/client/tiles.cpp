#include "sceau/client/tiles.h"

#include <map>

#include "sceau/ledger/tile.h"

namespace sceau::client {
namespace {

class Tiles {
 public:
  Tiles(GateClient& gate, std::uint64_t size) : gate_(&gate), size_(size) {}

  Result<Digest> hash(unsigned level, std::uint64_t index) {
    // A tile holds the hashes of every eighth level; those between follow from them.
    const unsigned tile_level = level / ledger::kTileHeight;
    const unsigned above = level % ledger::kTileHeight;
    const std::uint64_t first = index << above;
    auto tile = fetch(tile_level, first / ledger::kTileWidth);
    if (!tile) return tile.error();
    const std::size_t offset = first % ledger::kTileWidth;
    const std::size_t count = std::size_t{1} << above;
    if (offset + count > (*tile)->size()) return Error{ErrorKind::corrupt, "the gate's tile is too short"};
    return ledger::subtree_hash(std::span(**tile).subspan(offset, count));
  }

 private:
  Result<const std::vector<Digest>*> fetch(unsigned level, std::uint64_t n) {
    const auto key = std::pair(level, n);
    if (const auto found = tiles_.find(key); found != tiles_.end()) return &found->second;
    const unsigned width = ledger::tile_width(level, n, size_);
    if (width == 0) return Error{ErrorKind::corrupt, "the tree has no such tile"};
    auto bytes = gate_->get_bytes("/" + ledger::tile_path(level, n, width));
    if (!bytes) return bytes.error();
    auto hashes = ledger::parse_tile(*bytes);
    if (!hashes) return hashes.error().within("the gate's tile");
    return &tiles_.emplace(key, std::move(*hashes)).first->second;
  }

  GateClient* gate_;
  std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> tiles_;
};

}  // namespace

ledger::HashAccess tile_hashes(GateClient& gate, std::uint64_t size) {
  return [tiles = std::make_shared<Tiles>(gate, size)](unsigned level, std::uint64_t index) {
    return tiles->hash(level, index);
  };
}

}  // namespace sceau::client
