// What an agent may name: the gate's own document GET /catalogue, and nothing else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sceau/source/catalogue.h"
#include "sceau/statement/value.h"
#include "values.h"

namespace sceau::connect {

// refused: what is asked needs SET sceau.project first.
Error no_project();

struct Table {
  std::string name;
  bool workspace = false;  // the agent's own
  std::vector<Column> columns;
};

class Tables {
 public:
  Tables() = default;
  // The gate's document. corrupt: it breaks its format.
  static Result<Tables> read(const statement::Value& document);

  [[nodiscard]] const std::vector<Table>& all() const { return tables_; }
  [[nodiscard]] const std::string& project() const { return project_; }
  // Without regard to case, as the gate finds them; nullptr for none.
  [[nodiscard]] const Table* find(std::string_view name) const;
  // Names and types of a query's columns, without asking anybody. refused, invalid: as source::read_select.
  [[nodiscard]] Result<std::vector<Column>> describe(const std::string& sql) const;

 private:
  std::string project_;
  std::vector<Table> tables_;
  std::shared_ptr<const source::Catalogue> names_;
};

}  // namespace sceau::connect
