// What a source holds and what each column is: the catalogue, a TOML text that the data's owner keeps.
//
//   format = 1
//   [tables.IR_BEN_R]
//   person = "BEN_NIR_PSA"                    # rows are about people, named by this column
//   [tables.IR_BEN_R.columns]
//   BEN_NIR_PSA = { type = "text", label = "person_key" }
//   BEN_NAI_ANN = { type = "integer", label = "potential_identifier" }
//
//   [tables.ER_PHA_F]
//   belongs_to = "ER_PRS_F"                   # rows are about the person of the record they belong to
//   joined_on = ["DCT_ORD_NUM", …]            # found by these columns, of the same name in both tables
//
//   [tables.NT_CIP_R]
//   reference = true                          # rows are about nobody
//
// Every table says exactly one of the three. The reader is strict: unknown keys, labels and types,
// names that differ only in case, a person column that is not labelled person_key are refused with
// their line. Names are compared without regard to the case of ASCII letters, as SQLite does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::source {

enum class Label {
  person_key,               // names one person; leaves only as a pseudonym
  direct_identifier,        // NIR, name, matricule of the insured: never leaves
  professional_identifier,  // of those who prescribe and treat: never leaves
  record_key,               // joins the rows of one record: never leaves
  potential_identifier,     // commune, month of birth, date of care: identifies together with others
  measure,                  // what was observed: amounts, quantities, codes of care
};

enum class Type { integer, real, text };  // dates are text, ISO 8601

std::string_view to_string(Label label);
std::string_view to_string(Type type);

// True for what may never be computed with: compared with values, cast, concatenated, ordered by.
constexpr bool is_identifying(Label label) {
  return label != Label::potential_identifier && label != Label::measure;
}

struct Column {
  std::string name;
  Label label = Label::direct_identifier;
  Type type = Type::text;
};

struct Table {
  std::string name;
  std::vector<Column> columns;         // in the order of the text
  std::string person;                  // column; empty unless rows are about people directly
  std::string belongs_to;              // table; empty unless rows belong to another table's records
  std::vector<std::string> joined_on;  // with belongs_to
  bool reference = false;

  // The index of a column, or -1.
  [[nodiscard]] int find(std::string_view column) const;
};

class Catalogue {
 public:
  // Fails with invalid: one line with the line number, what is wrong and what to do.
  static Result<Catalogue> from_toml(std::string_view text);

  [[nodiscard]] const std::vector<Table>& tables() const { return tables_; }
  // The table of that name, or nullptr.
  [[nodiscard]] const Table* find(std::string_view table) const;
  // SHA-256 of the text: its version.
  [[nodiscard]] const Digest& version() const { return version_; }

 private:
  std::vector<Table> tables_;
  Digest version_{};
};

// Equality without regard to the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b);

}  // namespace sceau::source
