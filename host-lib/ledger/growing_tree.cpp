#include "growing_tree.h"

namespace sceau::ledger {

Result<GrowingTree> GrowingTree::at(std::uint64_t size, const HashAccess& hashes) {
  GrowingTree tree;
  auto frontier = Frontier::at(size, hashes);
  if (!frontier) return frontier.error();
  tree.frontier_ = std::move(*frontier);
  std::uint64_t count = size;  // hashes at this tile level
  for (unsigned level = 0; count > 0; ++level, count /= kTileWidth) {
    Edge edge;
    edge.n = count / kTileWidth;
    for (std::uint64_t index = edge.n * kTileWidth; index < count; ++index) {
      auto hash = hashes(level * kTileHeight, index);
      if (!hash) return hash.error();
      edge.hashes.push_back(*hash);
    }
    tree.edges_.push_back(std::move(edge));
    tree.touched_.push_back(false);
  }
  return tree;
}

void GrowingTree::append(ByteView leaf) {
  frontier_.append(leaf_hash(leaf), [this](unsigned level, std::uint64_t, const Digest& hash) {
    if (level % kTileHeight == 0) completed(level / kTileHeight, hash);
  });
}

void GrowingTree::completed(unsigned level, const Digest& hash) {
  if (level == edges_.size()) {
    edges_.emplace_back();
    touched_.push_back(false);
  }
  Edge& edge = edges_[level];
  edge.hashes.push_back(hash);
  touched_[level] = true;
  if (edge.hashes.size() == kTileWidth) {
    filled_[{level, edge.n}] = std::move(edge.hashes);
    edge = {edge.n + 1, {}};
    touched_[level] = false;
  }
}

std::vector<StoredTile> GrowingTree::take_changed() {
  std::vector<StoredTile> out;
  for (const auto& [place, hashes] : filled_) {
    out.push_back({place.first, place.second, kTileWidth, write_tile(hashes)});
  }
  filled_.clear();
  for (unsigned level = 0; level < edges_.size(); ++level) {
    const Edge& edge = edges_[level];
    if (touched_[level]) {
      out.push_back({level, edge.n, static_cast<unsigned>(edge.hashes.size()), write_tile(edge.hashes)});
    }
    touched_[level] = false;
  }
  return out;
}

Result<Digest> TileHashes::operator()(unsigned level, std::uint64_t index) {
  // The subtree's hash is that of 2^(level % 8) hashes in one tile.
  const unsigned tile_level = level / kTileHeight, height = level % kTileHeight;
  const std::uint64_t first = index << height;
  const std::pair<unsigned, std::uint64_t> place(tile_level, first / kTileWidth);
  auto found = tiles_.find(place);
  if (found == tiles_.end()) {
    const unsigned width = tile_width(tile_level, place.second, size_);
    const std::string name = tile_path(tile_level, place.second);
    auto stored = reader_.tile(tile_level, place.second);
    if (!stored && stored.error().kind != ErrorKind::not_found) return stored.error();
    if (!stored) return Error{ErrorKind::corrupt, name + " is missing"};
    auto hashes = parse_tile(stored->bytes);
    if (!hashes || hashes->size() != stored->width || hashes->size() < width) {
      return Error{ErrorKind::corrupt, name + " is too short"};
    }
    found = tiles_.emplace(place, std::move(*hashes)).first;
  }
  const std::size_t offset = first % kTileWidth, count = std::size_t{1} << height;
  if (offset + count > found->second.size()) {
    return Error{ErrorKind::corrupt, tile_path(tile_level, place.second) + " is too short"};
  }
  return subtree_hash(std::span(found->second).subspan(offset, count));
}

}  // namespace sceau::ledger
