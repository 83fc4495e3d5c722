// A small generated warehouse with one person, the target, whose data nobody may carry out; and the same one
// where the target's identifiers, amounts and care are others, or where the target does not exist. In SQLite
// files; under tests/with_postgresql in a PostgreSQL database as well, and then that one is asked.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sceau/release/extraction.h"
#include "sceau/release/history.h"

struct sqlite3;

namespace test {

// One entry of a file of vectors: what stands after "==", the lines "key: value", the rest.
struct Entry {
  std::string name;
  std::map<std::string, std::string> fields;
  std::string sql;
};
std::vector<Entry> entries_of(const std::string& file);

// What plan() and run() said together.
struct Answer {
  bool refused = false;
  std::string text;  // the CSV, or the error
  sceau::release::Outcome outcome;
};

class Warehouse {
 public:
  // Made once for all tests of the process.
  static const Warehouse& get();
  ~Warehouse();
  Warehouse(const Warehouse&) = delete;
  Warehouse& operator=(const Warehouse&) = delete;

  enum class Variant { original, other_target, no_target };
  // Without a history: in a project of its own.
  [[nodiscard]] Answer ask(Variant variant, sceau::release::Kind kind, const std::string& sql,
                           const sceau::release::Policy& policy = {}, std::uint64_t max_rows = 1'000'000,
                           sceau::release::History* history = nullptr) const;
  // In a project that was given something before.
  [[nodiscard]] Answer ask(sceau::release::History& history, const std::string& sql) const {
    return ask(Variant::original, sceau::release::Kind::aggregate, sql, {}, 1'000'000, &history);
  }
  [[nodiscard]] Answer ask(sceau::release::Kind kind, const std::string& sql) const {
    return ask(Variant::original, kind, sql);
  }
  // The same, of a workspace's tables too. Without a database the answer is that it may run.
  [[nodiscard]] Answer ask_in(const sceau::release::Workspace& workspace, Variant variant,
                              sceau::release::Kind kind, const std::string& sql) const;
  // Under tests/with_postgresql.
  [[nodiscard]] static bool has_database();
  // Opened once, so that its sessions serve all statements, as a gate's do.
  [[nodiscard]] sceau::source::Source& database(Variant variant) const;
  static std::string name_of(Variant variant);
  // What SQLite itself gives for the text, as CSV.
  [[nodiscard]] std::string directly(const std::string& sql) const;

  [[nodiscard]] const sceau::source::Catalogue& catalogue() const { return *catalogue_; }
  // Every identifier of every person and professional.
  [[nodiscard]] const std::vector<std::string>& identifiers() const { return identifiers_; }

 private:
  Warehouse();
  [[nodiscard]] std::filesystem::path file(Variant variant) const;

  std::filesystem::path folder_;
  std::optional<sceau::source::Catalogue> catalogue_;
  std::vector<std::string> identifiers_;
};

}  // namespace test
