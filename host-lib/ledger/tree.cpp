#include "sceau/ledger/tree.h"

#include <bit>

namespace sceau::ledger {
namespace {

constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;

// The largest power of two smaller than size, as RFC 6962 section 2.1 splits a tree. size >= 2.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

Digest fold_right(std::span<const Digest> subtrees) {
  Digest root = subtrees.back();
  for (std::size_t i = subtrees.size() - 1; i > 0; --i) root = node_hash(subtrees[i - 1], root);
  return root;
}

// The complete subtrees that make up [start, start + size), largest first; start is a multiple of the
// largest.
Result<std::vector<Digest>> subtrees_of(std::uint64_t start, std::uint64_t size, const HashAccess& hashes) {
  std::vector<Digest> out;
  while (size > 0) {
    const std::uint64_t width = std::bit_floor(size);
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    auto hash = hashes(level, start >> level);
    if (!hash) return hash.error();
    out.push_back(*hash);
    start += width;
    size -= width;
  }
  return out;
}

Result<Digest> range_root(std::uint64_t start, std::uint64_t size, const HashAccess& hashes) {
  auto subtrees = subtrees_of(start, size, hashes);
  if (!subtrees) return subtrees.error();
  return fold_right(*subtrees);
}

// Ranges to hash, from the root down; a proof lists them from the leaf up.
struct Range {
  std::uint64_t start, size;
};

Result<std::vector<Digest>> hash_upwards(const std::vector<Range>& ranges, const HashAccess& hashes) {
  std::vector<Digest> proof;
  proof.reserve(ranges.size());
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    auto hash = range_root(range->start, range->size, hashes);
    if (!hash) return hash.error();
    proof.push_back(*hash);
  }
  return proof;
}

// Walks RFC 9162's pair (fn, sn) up to where fn is a right child, or to the left edge.
void climb_to_right_child(std::uint64_t& fn, std::uint64_t& sn) {
  while ((fn & 1) == 0 && fn != 0) {
    fn >>= 1;
    sn >>= 1;
  }
}

}  // namespace

Digest leaf_hash(ByteView leaf) { return sha256({ByteView(&kLeafPrefix, 1), leaf}); }

Digest node_hash(const Digest& left, const Digest& right) {
  return sha256({ByteView(&kNodePrefix, 1), left, right});
}

Digest empty_root() { return sha256(ByteView()); }

Result<Digest> root_of(std::uint64_t size, const HashAccess& hashes) {
  if (size == 0) return empty_root();
  return range_root(0, size, hashes);
}

Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const HashAccess& hashes) {
  if (index >= size)
    return Error{ErrorKind::invalid, "no inclusion proof: the index is not below the tree's size"};
  std::vector<Range> siblings;
  std::uint64_t start = 0;
  while (size > 1) {
    const std::uint64_t split = split_of(size);
    if (index - start < split) {
      siblings.push_back({start + split, size - split});
      size = split;
    } else {
      siblings.push_back({start, split});
      start += split;
      size -= split;
    }
  }
  return hash_upwards(siblings, hashes);
}

Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                              const HashAccess& hashes) {
  if (old_size > new_size)
    return Error{ErrorKind::invalid, "no consistency proof: the old size is above the new one"};
  if (old_size == 0 || old_size == new_size) return std::vector<Digest>{};
  std::vector<Range> parts;
  std::uint64_t start = 0, size = new_size;
  while (old_size - start != size) {
    const std::uint64_t split = split_of(size);
    if (old_size - start <= split) {
      parts.push_back({start + split, size - split});
      size = split;
    } else {
      parts.push_back({start, split});
      start += split;
      size -= split;
    }
  }
  // The old tree's last complete subtree is left out when it is the whole old tree: the verifier has it.
  if (start != 0) parts.push_back({start, size});
  return hash_upwards(parts, hashes);
}

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& hash,
                        std::span<const Digest> proof, const Digest& root) {
  if (index >= size)
    return Error{ErrorKind::invalid, "inclusion proof: the index is not below the tree's size"};
  std::uint64_t fn = index, sn = size - 1;
  Digest computed = hash;
  for (const Digest& sibling : proof) {
    if (sn == 0) return Error{ErrorKind::invalid, "inclusion proof has too many hashes"};
    if ((fn & 1) != 0 || fn == sn) {
      computed = node_hash(sibling, computed);
      climb_to_right_child(fn, sn);
    } else {
      computed = node_hash(computed, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Error{ErrorKind::invalid, "inclusion proof has too few hashes"};
  if (computed != root) return Error{ErrorKind::invalid, "inclusion proof does not lead to the root"};
  return {};
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size, const Digest& old_root,
                          const Digest& new_root, std::span<const Digest> proof) {
  if (old_size > new_size)
    return Error{ErrorKind::invalid, "consistency proof: the old size is above the new one"};
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return Error{ErrorKind::invalid, "consistency proof has too many hashes"};
    if (old_root != (old_size == 0 ? empty_root() : new_root) || (new_size == 0 && new_root != old_root)) {
      return Error{ErrorKind::invalid, "consistency proof: the roots differ"};
    }
    return {};
  }
  std::vector<Digest> path(proof.begin(), proof.end());
  if (path.empty()) return Error{ErrorKind::invalid, "consistency proof has too few hashes"};
  if (std::has_single_bit(old_size)) path.insert(path.begin(), old_root);
  std::uint64_t fn = old_size - 1, sn = new_size - 1;
  for (; (fn & 1) != 0; fn >>= 1) sn >>= 1;
  Digest old_computed = path[0], new_computed = path[0];
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (sn == 0) return Error{ErrorKind::invalid, "consistency proof has too many hashes"};
    if ((fn & 1) != 0 || fn == sn) {
      old_computed = node_hash(path[i], old_computed);
      new_computed = node_hash(path[i], new_computed);
      climb_to_right_child(fn, sn);
    } else {
      new_computed = node_hash(new_computed, path[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Error{ErrorKind::invalid, "consistency proof has too few hashes"};
  if (old_computed != old_root)
    return Error{ErrorKind::invalid, "consistency proof does not lead to the old root"};
  if (new_computed != new_root)
    return Error{ErrorKind::invalid, "consistency proof does not lead to the new root"};
  return {};
}

Result<Frontier> Frontier::at(std::uint64_t size, const HashAccess& hashes) {
  auto subtrees = subtrees_of(0, size, hashes);
  if (!subtrees) return subtrees.error();
  Frontier frontier;
  frontier.size_ = size;
  frontier.subtrees_ = std::move(*subtrees);
  return frontier;
}

void Frontier::append(const Digest& hash, const Completed& completed) {
  std::uint64_t index = size_++;
  subtrees_.push_back(hash);
  if (completed) completed(0, index, hash);
  for (unsigned level = 1; (index & 1) != 0; ++level) {
    index >>= 1;
    const Digest right = subtrees_.back();
    subtrees_.pop_back();
    subtrees_.back() = node_hash(subtrees_.back(), right);
    if (completed) completed(level, index, subtrees_.back());
  }
}

Digest Frontier::root() const { return subtrees_.empty() ? empty_root() : fold_right(subtrees_); }

}  // namespace sceau::ledger
