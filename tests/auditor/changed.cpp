// Files that somebody changed.
#include "story.h"

namespace sceau::test {

std::vector<Story> stories_of_changed_files() {
  const auto delivered = [](World& world) { world.deliver("individual"); };
  const auto last = [](const World& world) { return "idx = " + std::to_string(world.entries.size() - 1); };
  const auto flip = [](const char* table, const char* column, std::string where, std::size_t at) {
    return [=](StoredLedger& ledger, const World& /*world*/) { ledger.flip(table, column, where, at); };
  };
  return {
      {"leaf-byte", true, delivered, flip("entry", "leaf", "idx = 5", 20)},
      {"statement-byte", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.flip("opening", "statement", last(world), 60);
       }},
      {"evidence-byte", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.flip("opening", "evidence", last(world), 90);
       }},
      {"verdict-byte", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.flip("opening", "verdict", last(world), 2);
       }},
      {"salt", true, delivered, flip("opening", "salt", "idx = 3", 0)},
      {"tile", true, delivered, flip("tile", "bytes", "level = 0 AND n = 0", 40)},
      {"tile-missing", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) { ledger.run("DELETE FROM tile"); }},
      {"head-root", true, delivered, flip("head", "root", "1", 0)},
      {"checkpoint-root", true, delivered,
       flip("checkpoint", "note", "size = (SELECT max(size) FROM checkpoint)", 40)},
      {"checkpoint-signature", true, delivered,
       flip("checkpoint", "note", "size = (SELECT max(size) FROM checkpoint)", 150)},
      {"opening-gone", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.run("DELETE FROM opening WHERE " + last(world));
       }},
      {"registry-opening-gone", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) { ledger.run("DELETE FROM opening WHERE idx = 4"); }},
      {"entry-removed", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) { ledger.run("DELETE FROM entry WHERE idx = 7"); }},
      {"entries-swapped", true, delivered,
       [](StoredLedger& ledger, const World& /*world*/) {
         ledger.run("UPDATE entry SET idx = -1 WHERE idx = 8");
         ledger.run("UPDATE entry SET idx = 8 WHERE idx = 9");
         ledger.run("UPDATE entry SET idx = 9 WHERE idx = -1");
       }},
      {"truncated", true, delivered,
       [last](StoredLedger& ledger, const World& world) {
         ledger.run("DELETE FROM opening WHERE " + last(world));
         ledger.run("DELETE FROM entry WHERE " + last(world));
       }},
      {"crl-missing", true, delivered,
       [](StoredLedger& ledger, const World& world) {
         ledger.run("DELETE FROM blob WHERE hex(sha256) = upper('" +
                    to_hex(world.registry.authorities().front().crl) + "')");
       }},
      {"blob-byte", true, delivered, flip("blob", "bytes", "rowid = (SELECT min(rowid) FROM blob)", 30)},
  };
}

}  // namespace sceau::test
