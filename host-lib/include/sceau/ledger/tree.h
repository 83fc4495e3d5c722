// The Merkle tree: RFC 6962 section 2.1 and RFC 9162 section 2.1, with SHA-256.
//
// MTH({}) = SHA-256(""), a leaf hashes as SHA-256(0x00 || leaf), a node as SHA-256(0x01 || left || right).
// A *stored hash* (level, index) is the hash of the complete subtree over the leaves
// [index * 2^level, (index + 1) * 2^level); roots and proofs of any size are made from O(log n) of them.
// Proofs list hashes from the leaf's sibling up to the root's child.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::ledger {

Digest leaf_hash(ByteView leaf);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_root();

// Gives the stored hash of a complete subtree. Asked only for subtrees that lie within the size at hand.
using HashAccess = std::function<Result<Digest>(unsigned level, std::uint64_t index)>;

// The root of the tree over the first `size` leaves. Fails as `hashes` does.
Result<Digest> root_of(std::uint64_t size, const HashAccess& hashes);

// PATH(index, D[0:size]), RFC 9162 section 2.1.3.1. invalid when index >= size.
Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const HashAccess& hashes);

// PROOF(old_size, D[0:new_size]), RFC 9162 section 2.1.4.1; empty when old_size is 0 or new_size.
// invalid when old_size > new_size.
Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                              const HashAccess& hashes);

// RFC 9162 section 2.1.3.2: the leaf with this hash is at `index` in the tree of `size` leaves with this
// root. invalid, with the reason, for anything else: index out of range, a hash too few or too many.
Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& hash,
                        std::span<const Digest> proof, const Digest& root);

// RFC 9162 section 2.1.4.2: the tree of new_size begins with the tree of old_size. From size 0 any tree
// follows, with an empty proof and empty_root() as the old root. invalid, with the reason, otherwise.
Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size, const Digest& old_root,
                          const Digest& new_root, std::span<const Digest> proof);

// The right edge of a growing tree: the roots of the complete subtrees that make it up, largest first.
// O(log n) memory; appending costs less than two hashes on average.
class Frontier {
 public:
  // Called for every stored hash that an append completes, leaf first.
  using Completed = std::function<void(unsigned level, std::uint64_t index, const Digest& hash)>;

  Frontier() = default;
  // The edge of the tree of `size` leaves. Fails as `hashes` does.
  static Result<Frontier> at(std::uint64_t size, const HashAccess& hashes);

  void append(const Digest& hash, const Completed& completed = nullptr);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> subtrees_;
};

}  // namespace sceau::ledger
