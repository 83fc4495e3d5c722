// An agent's workspace in the test's warehouse: scripts of kind work, one after the other, and what leaves
// from their tables. Under tests/with_postgresql they run; without, they are planned.
#pragma once

#include <string>
#include <vector>

#include "warehouse_fixture.h"

namespace test {

// The statements of a text: each ends with a semicolon at the end of a line.
std::vector<std::string> statements_of(const std::string& text);

class WorkSession {
 public:
  // `name` is the workspace's: others are another's.
  WorkSession(Warehouse::Variant variant, const std::string& name);

  // The refusal's line; empty: it ran.
  std::string work(const std::vector<std::string>& script);
  std::string run(const std::string& statement) { return work({statement}); }
  Answer leave(sceau::release::Kind kind, const std::string& sql);
  // The table as it is now, or nothing.
  [[nodiscard]] const sceau::source::Table* find(const std::string& table) const;

  sceau::release::Workspace workspace;

 private:
  Warehouse::Variant variant_;
  int scripts_ = 0;
};

}  // namespace test
