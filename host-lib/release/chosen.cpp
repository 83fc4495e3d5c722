#include "chosen.h"

#include "following.h"

namespace sceau::release {
namespace {

using source::Column;
using source::Select;
using source::Table;
using Names = std::vector<std::string>;

constexpr std::size_t most_names = 64;
constexpr const char* too_many = "more columns than can be named";

Names in_order(const ColumnNames& names) {
  if (names.size() > most_names) return {too_many};
  return {names.begin(), names.end()};
}

void add(Names& names, const ColumnNames& more) {
  ColumnNames all(names.begin(), names.end());
  all.insert(more.begin(), more.end());
  names = in_order(all);
}
void add(Names& names, const Names& more) { add(names, ColumnNames(more.begin(), more.end())); }

ColumnNames of_rows(const Select& select, Known known, int but = 0) {
  Following following;
  following.rows(select, known, but);
  return following.take();
}

}  // namespace

void note_choice(Table& made, const Select& select) {
  made.chosen = in_order(of_rows(select, Known::holds));
  made.left_out = in_order(of_rows(select, Known::fails));
  for (std::size_t i = 0; i < made.columns.size(); ++i) {
    Following result;
    result.result(select, i);
    made.columns[i].made_of = in_order(result.take());
    Following compared;
    compared.compared(select, i);
    made.columns[i].compared = in_order(compared.take());
  }
}

void add_choice(Table& table, const Table& given) {
  add(table.chosen, given.chosen);
  add(table.left_out, given.left_out);
}

void add_choice(Column& column, const Column& given) {
  add(column.made_of, given.made_of);
  add(column.compared, given.compared);
}

void change_choice(Column& column, const Column& given, const Select& select) {
  column.made_of = given.made_of;
  column.compared = given.compared;
  const ColumnNames where = of_rows(select, Known::either, select.relations[0].id);
  add(column.made_of, where);
  add(column.compared, where);
}

void narrow_choice(Table& table, const Select& select) {
  const int changed = select.relations[0].id;
  add(table.chosen, of_rows(select, Known::fails, changed));
  add(table.left_out, of_rows(select, Known::holds, changed));
}

}  // namespace sceau::release
