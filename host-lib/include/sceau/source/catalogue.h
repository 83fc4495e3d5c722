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

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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

// Bytes that a column's texts are taken to have at most.
inline constexpr std::size_t assumed_text = 1000;

// The column of the catalogue that another is a plain copy of. `row` parts the rows of that table that stand
// side by side in one row: copies from one of them have the same.
struct CopiedFrom {
  std::string table;
  std::string column;
  int row = 0;
  bool operator==(const CopiedFrom&) const = default;
};

// Whether the people behind a sum of a column can be counted by the column's own values.
enum class Sums : std::uint8_t {
  copied,  // it is a column of the catalogue
  alone,   // one product of such columns and numbers
  never,   // a constant may hide in it what few people have
};

struct Column {
  std::string name;
  Label label = Label::direct_identifier;
  Type type = Type::text;
  // What follows is of workspaces' tables.
  Sums sums = Sums::copied;
  std::size_t longest = assumed_text;  // bytes, of texts
  std::optional<CopiedFrom> copied = std::nullopt;
  std::optional<std::string> otherwise = std::nullopt;  // DEFAULT, a constant of its type
  bool narrow = false;  // in the database it has the type of what it copies, and other values may not fit
  std::optional<std::size_t> room = std::nullopt;  // bytes that its texts may have, for the indexes it is in
  // Columns labelled potential_identifier, "TABLE.COLUMN", in order: those it is made of, and those that its
  // computing compares with one value.
  std::vector<std::string> made_of = {};
  std::vector<std::string> compared = {};
};

struct Table {
  std::string name;
  std::vector<Column> columns;         // in the order of the text
  std::string person;                  // column; empty unless rows are about people directly
  std::string belongs_to;              // table; empty unless rows belong to another table's records
  std::vector<std::string> joined_on;  // with belongs_to
  bool reference = false;
  // Of a workspace's table: the schema that it lies in. Empty: a table of the catalogue.
  std::string schema;
  bool empty = false;         // declared, and nothing was put in yet
  std::uint64_t version = 0;  // its rows are the same where this is the same
  // Of a view: its SELECT, as print() writes it, which stands wherever the view is named. Its columns are
  // those at the time when it was made.
  std::string view;
  std::string untied;  // why its rows cannot be tied to one person each: nothing leaves from it
  // Columns labelled potential_identifier, "TABLE.COLUMN", in order, that are known to have one value in the
  // rows that are in it, and in those that were left out.
  std::vector<std::string> chosen;
  std::vector<std::string> left_out;

  [[nodiscard]] bool in_workspace() const { return !schema.empty(); }
  // The index of a column, or -1.
  [[nodiscard]] int find(std::string_view column) const;
};

// Never changes, so that copies share what they hold, in any thread.
class Catalogue {
 public:
  // Fails with invalid: one line with the line number, what is wrong and what to do.
  static Result<Catalogue> from_toml(std::string_view text);

  using SharedTable = std::shared_ptr<const Table>;
  // The same, and tables of a workspace. Those that are named like one of its own are left out.
  [[nodiscard]] Catalogue with(const std::vector<SharedTable>& workspace) const;

  // Its own, without a workspace's.
  [[nodiscard]] const std::vector<Table>& tables() const { return own_->tables; }
  [[nodiscard]] const std::vector<SharedTable>& workspace() const { return workspace_; }
  // The table of that name, or nullptr.
  [[nodiscard]] const Table* find(std::string_view table) const;
  // SHA-256 of the text: its version.
  [[nodiscard]] const Digest& version() const { return own_->version; }

 private:
  struct Own {
    std::vector<Table> tables;
    std::map<std::string, std::size_t, std::less<>> places;  // of tables, by their names in lower case
    Digest version{};
  };
  std::shared_ptr<const Own> own_ = std::make_shared<const Own>();
  std::vector<SharedTable> workspace_;
};

// Equality without regard to the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b);

}  // namespace sceau::source
