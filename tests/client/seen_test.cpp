#include <CppUTest/TestHarness.h>

#include "people.h"
#include "sceau/client/seen.h"

using namespace sceau;
using namespace sceau::client;

namespace {

// A log of leaves "0", "1", …, those from `changed` on being others.
class Log {
 public:
  explicit Log(std::uint64_t changed = 1000) : changed_(changed) {}
  [[nodiscard]] Digest leaf(std::uint64_t index) const {
    const auto text = std::to_string(index) + (index < changed_ ? "" : " changed");
    return ledger::leaf_hash(as_bytes(text));
  }
  [[nodiscard]] Result<Digest> hash(unsigned level, std::uint64_t index) const {
    if (level == 0) return leaf(index);
    return ledger::node_hash(*hash(level - 1, 2 * index), *hash(level - 1, 2 * index + 1));
  }
  [[nodiscard]] ledger::HashAccess access() const {
    return [*this](unsigned level, std::uint64_t index) { return hash(level, index); };
  }
  [[nodiscard]] Digest root(std::uint64_t size) const { return ledger::root_of(size, access()).value(); }
  [[nodiscard]] std::string note(std::uint64_t size, const ledger::NoteSigner& signer,
                                 const std::string& origin = test::kRealm) const {
    return ledger::sign_checkpoint({origin, size, root(size)}, signer).value();
  }

 private:
  std::uint64_t changed_;
};

}  // namespace

TEST_GROUP(SeenCheckpoints) {
  test::Folder folder;
  ledger::NoteSigner log = test::log_signer();
  SeenCheckpoints seen{folder / "seen"};
  const Log tree;
  Result<statement::After> observe(const std::string& text, const Log& hashes = Log()) {
    return seen.observe(test::kRealm, log.vkey(), text, [&](std::uint64_t) { return hashes.access(); });
  }
};

TEST(SeenCheckpoints, TheFirstIsBelievedAndRemembered) {
  auto after = observe(tree.note(3, log));
  CHECK(after.ok());
  CHECK_EQUAL(3U, after->size);
  CHECK(after->root == tree.root(3));
  STRCMP_EQUAL(log.vkey().c_str(), seen.log_key(test::kRealm).c_str());
}

TEST(SeenCheckpoints, ALargerTreeThatBeginsWithTheOneSeenFollows) {
  CHECK(observe(tree.note(3, log)).ok());
  CHECK(observe(tree.note(9, log)).ok());
  CHECK(observe(tree.note(9, log)).ok());
  CHECK_EQUAL(300U, observe(tree.note(300, log))->size);
}

TEST(SeenCheckpoints, ASmallerTreeIsARollback) {
  CHECK(observe(tree.note(9, log)).ok());
  const auto back = observe(tree.note(3, log));
  CHECK(!back.ok());
  CHECK(back.error().kind == ErrorKind::refused);
  CHECK(back.error().message.find("went back") != std::string::npos);
}

TEST(SeenCheckpoints, AnotherRootOfTheSameSizeIsARewrite) {
  CHECK(observe(tree.note(9, log)).ok());
  const auto other = observe(Log(5).note(9, log));
  CHECK(!other.ok());
  CHECK(other.error().message.find("rewritten") != std::string::npos);
}

TEST(SeenCheckpoints, ALargerTreeThatBeginsOtherwiseIsARewrite) {
  CHECK(observe(tree.note(9, log)).ok());
  const Log other(5);
  const auto grown = observe(other.note(20, log), other);
  CHECK(!grown.ok());
  CHECK(grown.error().message.find("rewritten") != std::string::npos);
  CHECK_EQUAL(9U, observe(tree.note(9, log))->size);
}

TEST(SeenCheckpoints, TilesThatBelongToAnotherTreeProveNothing) {
  CHECK(observe(tree.note(9, log)).ok());
  CHECK(!observe(Log(5).note(20, log), tree).ok());
}

TEST(SeenCheckpoints, AnotherLogKeyIsRefusedAfterTheFirst) {
  CHECK(observe(tree.note(3, log)).ok());
  const auto other = test::log_signer(8);
  const auto changed = seen.observe(test::kRealm, other.vkey(), tree.note(4, other),
                                    [&](std::uint64_t) { return tree.access(); });
  CHECK(!changed.ok());
  CHECK(changed.error().message.find("another log key") != std::string::npos);
}

TEST(SeenCheckpoints, AnUnsignedOrForeignCheckpointIsRefused) {
  CHECK(!observe("log.example.org/store\n3\nAAAA\n\n").ok());
  CHECK(!observe(tree.note(3, log, "elsewhere.example.org")).ok());
  CHECK(seen.log_key(test::kRealm).empty());
}
