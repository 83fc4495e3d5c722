// The right edge of the tree as tiles: what an append needs in memory, at most 256 hashes a tile level.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "store.h"

namespace sceau::ledger {

class GrowingTree {
 public:
  GrowingTree() = default;
  // The edge of a tree of `size` leaves, read from its stored hashes. Fails as `hashes` does.
  static Result<GrowingTree> at(std::uint64_t size, const HashAccess& hashes);

  void append(ByteView leaf);
  [[nodiscard]] std::uint64_t size() const { return frontier_.size(); }
  [[nodiscard]] Head head() const { return {frontier_.size(), frontier_.root()}; }

  // The tiles that changed since the last call, whole, for the store.
  std::vector<StoredTile> take_changed();

 private:
  struct Edge {
    std::uint64_t n = 0;
    std::vector<Digest> hashes;
  };
  void completed(unsigned level, const Digest& hash);

  Frontier frontier_;
  std::vector<Edge> edges_;  // by tile level: the tile being filled
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> filled_;
  std::vector<bool> touched_;
};

// Stored hashes out of a store's tiles, each tile read once: for one proof or root over a tree of `size`
// leaves. corrupt when a tile that must be there is missing or too narrow.
class TileHashes {
 public:
  TileHashes(StoreReader& reader, std::uint64_t size) : reader_(reader), size_(size) {}
  Result<Digest> operator()(unsigned level, std::uint64_t index);

 private:
  StoreReader& reader_;
  std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> tiles_;
};

}  // namespace sceau::ledger
