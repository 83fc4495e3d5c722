#include "sceau/ledger/tile.h"

#include "sceau/ledger/tree.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

TEST_GROUP(Tile){};

TEST(Tile, PathsAreThoseOfTlogTilesAndReadBack) {
  int seen = 0;
  for (const auto& row : vector_rows("tile-paths.txt")) {
    const std::uint64_t n = std::stoull(row[1]);
    const auto width = static_cast<unsigned>(std::stoul(row[2]));
    const bool bundle = row[0] == "entries";
    const auto level = bundle ? 0 : static_cast<unsigned>(std::stoul(row[0]));
    CHECK_EQUAL(row[3], bundle ? entries_path(n, width) : tile_path(level, n, width));
    const TilePath read = take(parse_tile_path(row[3]));
    CHECK_EQUAL(!bundle, read.level.has_value());
    if (!bundle) CHECK_EQUAL(level, *read.level);
    CHECK_EQUAL(n, read.n);
    CHECK_EQUAL(width, read.width);
    ++seen;
  }
  CHECK_EQUAL(11, seen);
}

TEST(Tile, PathsSpelledOtherwiseAreRefused) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/64/000",
                           "tile/00/000",
                           "tile/01/000",
                           "tile/-1/000",
                           "tile/0/x000/000",
                           "tile/0/x000/001",
                           "tile/0/001/002",
                           "tile/0/y001/002",
                           "tile/0/x001",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/",
                           "tile/0/000.p",
                           "tile/0/000.p/1/",
                           "/tile/0/000",
                           "tile//000",
                           "tile/entries",
                           "tile/entries/",
                           "tile/entries/x001",
                           "tile/entries/../000",
                           "tile/0/x018/x446/x744/x073/x709/x551/616",
                           "tile/0/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/000 ",
                           "tile/0/0\xD9\xA0\xD9\xA1",
                           "checkpoint"}) {
    check_fails(parse_tile_path(path), ErrorKind::invalid);
  }
}

TEST(Tile, WidthsAreThoseOfTheExampleWith70000Leaves) {
  CHECK_EQUAL(256U, tile_width(0, 272, 70000));
  CHECK_EQUAL(112U, tile_width(0, 273, 70000));
  CHECK_EQUAL(0U, tile_width(0, 274, 70000));
  CHECK_EQUAL(256U, tile_width(1, 0, 70000));
  CHECK_EQUAL(17U, tile_width(1, 1, 70000));
  CHECK_EQUAL(1U, tile_width(2, 0, 70000));
  CHECK_EQUAL(0U, tile_width(3, 0, 70000));
  CHECK_EQUAL(256U, tile_width(0, 0, 256));
  CHECK_EQUAL(1U, tile_width(1, 0, 256));
  CHECK_EQUAL(0U, tile_width(63, 0, UINT64_MAX));
  CHECK_EQUAL(0U, tile_width(0, UINT64_MAX, 5));
}

TEST(Tile, BundlesAreLengthsAndEntries) {
  Bytes bundle;
  take(append_to_bundle(bundle, as_bytes("ab")));
  take(append_to_bundle(bundle, {}));
  take(append_to_bundle(bundle, Bytes(65535, 7)));
  CHECK_EQUAL(std::string("000261620000ffff07"), to_hex(ByteView(bundle).first(9)));
  const auto entries = take(parse_bundle(bundle));
  CHECK_EQUAL(3U, entries.size());
  CHECK_TRUE(entries[0] == to_bytes("ab"));
  CHECK_EQUAL(0U, entries[1].size());
  CHECK_EQUAL(65535U, entries[2].size());
  check_fails(append_to_bundle(bundle, Bytes(65536)), ErrorKind::invalid);
}

TEST(Tile, TornBundlesAndTilesAreRefused) {
  check_fails(parse_bundle(Bytes{0}), ErrorKind::invalid);
  check_fails(parse_bundle(Bytes{0, 2, 1}), ErrorKind::invalid);
  check_fails(parse_bundle(Bytes(514)), ErrorKind::invalid);  // 257 empty entries
  check_fails(parse_tile({}), ErrorKind::invalid);
  check_fails(parse_tile(Bytes(33)), ErrorKind::invalid);
  check_fails(parse_tile(Bytes(257 * 32)), ErrorKind::invalid);
  CHECK_EQUAL(256U, take(parse_tile(Bytes(256 * 32))).size());
}

TEST(Tile, ASubtreesHashIsTheRootOverItsHashes) {
  Frontier frontier;
  std::vector<Digest> row;
  for (std::uint8_t i = 0; i < 64; ++i) {
    row.push_back(leaf_hash(Bytes{i}));
    frontier.append(row.back());
  }
  CHECK_TRUE(frontier.root() == subtree_hash(row));
  CHECK_TRUE(row[5] == subtree_hash(std::span(row).subspan(5, 1)));
}
