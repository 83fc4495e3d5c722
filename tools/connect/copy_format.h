// COPY: its options, and rows as lines.
#pragma once

#include <string>
#include <vector>

#include "sentence.h"
#include "values.h"

// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the parser's own name
struct PgQuery__CopyStmt;

namespace sceau::connect {

struct CopyFormat {
  bool csv = false, header = false;
  char delimiter = '\t', quote = '"', escape = '"';
  std::string null = "\\N";
};

// refused: an option that is not answered here.
Result<CopyFormat> read_copy_format(const PgQuery__CopyStmt& statement);
// The query of COPY (SELECT …), or what COPY TABLE means.
Result<Sentence> copied_query(const Sentence& sentence, const PgQuery__CopyStmt& statement);
std::string copy_header(const CopyFormat& format, const std::vector<Column>& columns);
std::string copy_line(const CopyFormat& format, const std::vector<Value>& row);

}  // namespace sceau::connect
