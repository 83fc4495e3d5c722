// Ledgers for two auditors to agree on: some in order, most damaged, each in its own way.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sceau::test {

struct MadeLedger {
  std::string name;  // the file is NAME.db
  bool damaged = false;
};

// Makes them all in `folder`, from one small world.
std::vector<MadeLedger> make_ledgers(const std::filesystem::path& folder);

}  // namespace sceau::test
