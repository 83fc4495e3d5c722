#include "sceau/ledger/tree.h"

#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

// RFC 6962 section 2.1 word for word, as a model: no stored hashes, no cleverness.
Digest model_root(std::span<const Bytes> leaves) {
  if (leaves.empty()) return sha256(ByteView());
  const Bytes zero{0}, one{1};
  if (leaves.size() == 1) return sha256({zero, leaves[0]});
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return sha256({one, model_root(leaves.first(k)), model_root(leaves.subspan(k))});
}

HashAccess hashes_of(const std::vector<Bytes>& leaves) {
  return [&leaves](unsigned level, std::uint64_t index) -> Result<Digest> {
    const std::uint64_t width = std::uint64_t{1} << level;
    if ((index + 1) * width > leaves.size()) return Error{ErrorKind::internal, "asked beyond the tree"};
    return model_root(std::span(leaves).subspan(index * width, width));
  };
}

std::vector<Bytes> numbered_leaves(std::size_t count) {
  std::vector<Bytes> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(to_bytes("leaf " + std::to_string(i)));
  return leaves;
}

struct Vectors {
  std::vector<Bytes> leaves;
  std::vector<Digest> roots;
};

Vectors rfc6962() {
  Vectors out;
  for (const auto& row : vector_rows("rfc6962.txt")) {
    if (row[0] == "leaf") out.leaves.push_back(row.size() > 1 ? take(from_hex(row[1])) : Bytes{});
    if (row[0] == "root") out.roots.push_back(digest(row[2]));
  }
  return out;
}

std::vector<Digest> hashes_in(const std::vector<std::string>& row) {
  std::vector<Digest> out;
  for (std::size_t i = 3; i < row.size(); ++i) out.push_back(digest(row[i]));
  return out;
}

}  // namespace

TEST_GROUP(Tree){};

TEST(Tree, RootsOfEverySizeAreThoseOfRfc6962) {
  const Vectors vectors = rfc6962();
  CHECK_EQUAL(8U, vectors.leaves.size());
  CHECK_EQUAL(9U, vectors.roots.size());
  Frontier frontier;
  for (std::size_t size = 0; size <= vectors.leaves.size(); ++size) {
    CHECK_TRUE(vectors.roots[size] == take(root_of(size, hashes_of(vectors.leaves))));
    CHECK_TRUE(vectors.roots[size] == frontier.root());
    if (size < vectors.leaves.size()) frontier.append(leaf_hash(vectors.leaves[size]));
  }
}

TEST(Tree, LeavesAndNodesHashWithTheirPrefixes) {
  // Published: the empty leaf, and a node over two such.
  CHECK_EQUAL(std::string("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
              to_hex(leaf_hash({})));
  CHECK_TRUE(leaf_hash(as_bytes("x")) != sha256(as_bytes("x")));
  CHECK_TRUE(node_hash({}, {}) != leaf_hash(Bytes(64)));
}

TEST(Tree, ProofsAreThoseOfRfc6962AndVerify) {
  const Vectors vectors = rfc6962();
  int seen = 0;
  for (const auto& row : vector_rows("rfc6962.txt")) {
    if (row[0] != "inclusion" && row[0] != "consistency") continue;
    const std::uint64_t first = std::stoull(row[1]), size = std::stoull(row[2]);
    const auto expected = hashes_in(row);
    const auto hashes = hashes_of(vectors.leaves);
    if (row[0] == "inclusion") {
      CHECK_TRUE(take(inclusion_proof(first, size, hashes)) == expected);
      take(verify_inclusion(first, size, leaf_hash(vectors.leaves[first]), expected, vectors.roots[size]));
    } else {
      CHECK_TRUE(take(consistency_proof(first, size, hashes)) == expected);
      take(verify_consistency(first, size, vectors.roots[first], vectors.roots[size], expected));
    }
    ++seen;
  }
  CHECK_EQUAL(10, seen);
}

TEST(Tree, EveryInclusionProofUpTo40LeavesVerifiesAndNoOtherIndexDoes) {
  const auto leaves = numbered_leaves(40);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Digest root = model_root(std::span(leaves).first(size));
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = take(inclusion_proof(index, size, hashes_of(leaves)));
      take(verify_inclusion(index, size, leaf_hash(leaves[index]), proof, root));
      check_fails(
          verify_inclusion(index ^ 1, size, leaf_hash(leaves[index]), proof, size == 1 ? empty_root() : root),
          ErrorKind::invalid);
      check_fails(verify_inclusion(index + size, size, leaf_hash(leaves[index]), proof, root),
                  ErrorKind::invalid);
    }
  }
}

TEST(Tree, EveryConsistencyProofUpTo40LeavesVerifies) {
  const auto leaves = numbered_leaves(40);
  for (std::uint64_t size = 0; size <= leaves.size(); ++size) {
    const Digest root = model_root(std::span(leaves).first(size));
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      const Digest old_root = model_root(std::span(leaves).first(old_size));
      const auto proof = take(consistency_proof(old_size, size, hashes_of(leaves)));
      take(verify_consistency(old_size, size, old_root, root, proof));
      if (old_size > 0 && old_size < size) {
        check_fails(verify_consistency(old_size, size, root, root, proof), ErrorKind::invalid);
        check_fails(verify_consistency(old_size, size, old_root, old_root, proof), ErrorKind::invalid);
        check_fails(verify_consistency(old_size, size, old_root, root, {}), ErrorKind::invalid);
      }
    }
  }
}

TEST(Tree, HostileInclusionProofsAreRefused) {
  const Vectors vectors = rfc6962();
  const auto hashes = hashes_of(vectors.leaves);
  for (std::uint64_t size = 1; size <= 8; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Digest leaf = leaf_hash(vectors.leaves[index]), root = vectors.roots[size];
      const auto proof = take(inclusion_proof(index, size, hashes));
      const auto refused = [&](std::uint64_t i, std::uint64_t n, const Digest& l, std::vector<Digest> p,
                               const Digest& r) {
        check_fails(verify_inclusion(i, n, l, p, r), ErrorKind::invalid);
      };
      refused(index, index, leaf, proof, root);
      refused(index - 1, size, leaf, proof, root);
      refused(index, size * 2, leaf, proof, root);
      refused(index, size, sha256(as_bytes("another leaf")), proof, root);
      refused(index, size, leaf, proof, empty_root());
      auto longer = proof;
      longer.push_back(root);
      refused(index, size, leaf, longer, root);
      longer = proof;
      longer.insert(longer.begin(), root);
      refused(index, size, leaf, longer, root);
      for (std::size_t i = 0; i < proof.size(); ++i) {
        auto changed = proof;
        changed[i][31] ^= 1;
        refused(index, size, leaf, changed, root);
        auto shorter = proof;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
        refused(index, size, leaf, shorter, root);
      }
    }
  }
  check_fails(verify_inclusion(0, 0, empty_root(), {}, empty_root()), ErrorKind::invalid);
  check_fails(inclusion_proof(8, 8, hashes), ErrorKind::invalid);
}

TEST(Tree, HostileConsistencyProofsAreRefused) {
  const Vectors vectors = rfc6962();
  const auto hashes = hashes_of(vectors.leaves);
  for (std::uint64_t size = 2; size <= 8; ++size) {
    for (std::uint64_t old_size = 1; old_size < size; ++old_size) {
      const Digest old_root = vectors.roots[old_size], root = vectors.roots[size];
      const auto proof = take(consistency_proof(old_size, size, hashes));
      const auto refused = [&](std::uint64_t m, std::uint64_t n, const Digest& a, const Digest& b,
                               const std::vector<Digest>& p) {
        check_fails(verify_consistency(m, n, a, b, p), ErrorKind::invalid);
      };
      refused(size, old_size, root, old_root, proof);
      refused(old_size, size, root, old_root, proof);
      refused(old_size - 1, size, old_root, root, proof);
      refused(old_size, size * 2, old_root, root, proof);
      for (const Digest& extra : {old_root, root, proof[0]}) {
        auto longer = proof;
        longer.push_back(extra);
        refused(old_size, size, old_root, root, longer);
        longer = proof;
        longer.insert(longer.begin(), extra);
        refused(old_size, size, old_root, root, longer);
      }
      for (std::size_t i = 0; i < proof.size(); ++i) {
        auto changed = proof;
        changed[i][0] ^= 0x80;
        refused(old_size, size, old_root, root, changed);
        auto shorter = proof;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
        refused(old_size, size, old_root, root, shorter);
      }
    }
  }
}

TEST(Tree, TrivialConsistencyNeedsAnEmptyProofAndEqualRoots) {
  const Digest some = sha256(as_bytes("some")), other = sha256(as_bytes("other"));
  take(verify_consistency(0, 0, empty_root(), empty_root(), {}));
  take(verify_consistency(0, 5, empty_root(), some, {}));
  take(verify_consistency(5, 5, some, some, {}));
  const std::vector<Digest> extra{some};
  check_fails(verify_consistency(0, 0, empty_root(), empty_root(), extra), ErrorKind::invalid);
  check_fails(verify_consistency(0, 5, empty_root(), some, extra), ErrorKind::invalid);
  check_fails(verify_consistency(5, 5, some, some, extra), ErrorKind::invalid);
  check_fails(verify_consistency(0, 5, other, some, {}), ErrorKind::invalid);
  check_fails(verify_consistency(0, 0, empty_root(), some, {}), ErrorKind::invalid);
  check_fails(verify_consistency(5, 5, some, other, {}), ErrorKind::invalid);
  check_fails(verify_consistency(6, 5, some, some, {}), ErrorKind::invalid);
}

TEST(Tree, AFrontierTakenUpAgainGrowsAsIfNeverLeft) {
  const auto leaves = numbered_leaves(70);
  for (std::uint64_t size = 0; size < leaves.size(); ++size) {
    Frontier frontier = take(Frontier::at(size, hashes_of(leaves)));
    for (std::size_t i = size; i < leaves.size(); ++i) frontier.append(leaf_hash(leaves[i]));
    CHECK_TRUE(frontier.root() == model_root(leaves));
    CHECK_EQUAL(70U, frontier.size());
  }
}

TEST(Tree, AnErrorInTheStoredHashesComesThrough) {
  const HashAccess broken = [](unsigned, std::uint64_t) -> Result<Digest> {
    return Error{ErrorKind::corrupt, "a tile is missing"};
  };
  check_fails(root_of(3, broken), ErrorKind::corrupt);
  check_fails(inclusion_proof(0, 3, broken), ErrorKind::corrupt);
  check_fails(consistency_proof(1, 3, broken), ErrorKind::corrupt);
  check_fails(Frontier::at(3, broken), ErrorKind::corrupt);
}
