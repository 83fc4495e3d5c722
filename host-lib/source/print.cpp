#include "parse_tree.h"
#include "reader.h"
#include "writer.h"

namespace sceau::source {

std::string print(const Expression& expression) { return Writer().expression(expression); }

Result<Select> read_select(std::string_view sql, const Catalogue& catalogue) {
  if (sql.find('\0') != std::string_view::npos) {
    return Error{ErrorKind::invalid, "reading the SQL: it has a zero byte: remove it"};
  }
  auto tree = parse(std::string(sql));
  if (!tree) return tree.error();
  return Reader(catalogue).read(**tree);
}

Result<CheckedSql> print(const Select& select, const Catalogue& catalogue, Engine engine) {
  Writer writer;
  std::string text = writer.select(select, true);
  auto again = read_select(text, catalogue);
  if (!again) return again.error().within("reading back the SQL that would run");
  if (Writer().select(*again, true) != text) {
    return Error{ErrorKind::internal,
                 "the SQL that would run reads differently the second time: write the request more simply"};
  }
  if (engine == Engine::postgresql) {
    text = write_postgresql(*again);
    auto parsed = parse(text);
    if (!parsed) return parsed.error().within("reading back the SQL that would run");
  }
  return CheckedSql(engine, std::move(text), std::move(writer.reads), std::move(writer.tables));
}

}  // namespace sceau::source
