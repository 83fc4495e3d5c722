#include "writer.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sceau::source {

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string before_select(const std::string& values, std::size_t count) {
  return count == 1 ? values : "(" + values + ")";
}

bool is_for_work(const Expression& e) {
  constexpr std::array<std::string_view, 35> names = {"days_after",
                                                      "months_after",
                                                      "initcap",
                                                      "replace",
                                                      "lpad",
                                                      "rpad",
                                                      "right",
                                                      "strpos",
                                                      "split_part",
                                                      "sqrt",
                                                      "ln",
                                                      "exp",
                                                      "sign",
                                                      "trunc",
                                                      "stddev",
                                                      "variance",
                                                      "mode",
                                                      "stddev_samp",
                                                      "stddev_pop",
                                                      "var_samp",
                                                      "var_pop",
                                                      "string_agg",
                                                      "random",
                                                      "regexp_replace",
                                                      "percentile_cont",
                                                      "percentile_disc",
                                                      "substring",
                                                      "translate",
                                                      "to_char",
                                                      "corr",
                                                      "covar_pop",
                                                      "covar_samp",
                                                      "regr_slope",
                                                      "regr_r2",
                                                      "regr_intercept"};
  if (e.kind == Expression::Kind::like) return e.text == "~";
  if (e.kind != Expression::Kind::function && e.kind != Expression::Kind::aggregate) return false;
  if (e.kind == Expression::Kind::aggregate && e.distinct && e.text != "count") return true;
  return std::find(names.begin(), names.end(), e.text) != names.end();
}

std::string bounded_number(const std::string& number) { return "trim_scale(round(" + number + ", 100))"; }

std::string bounded_text(const std::string& text, std::size_t longest) {
  constexpr std::size_t letter = 4;  // bytes of one at most
  return "(CASE WHEN octet_length(" + text + ") > " + std::to_string(longest) + " THEN left(" + text + ", " +
         std::to_string(longest / letter) + ") ELSE " + text + " END)";
}

std::string identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string Writer::list(const std::vector<Expression>& values, std::string_view between, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < values.size(); ++i) {
    if (i > from) out += between;
    out += expression(values[i]);
  }
  return out;
}

// Numbered anew in every text, so that equal trees give equal texts wherever their relations came from.
std::string Writer::alias(int relation) {
  auto found = std::find(numbered_.begin(), numbered_.end(), relation);
  if (found == numbered_.end()) found = numbered_.insert(found, relation);
  return "\"r" + std::to_string(found - numbered_.begin() + 1) + "\"";
}

std::string Writer::column(const Expression& column) {
  const std::string position = "c" + std::to_string(column.column + 1);
  for (auto select = around_.rbegin(); select != around_.rend(); ++select) {
    const Relation* found = (*select)->find(column.relation);
    if (found == nullptr) continue;
    if (found->table == nullptr) {
      const bool values = !found->select->values.empty();
      return alias(found->id) + "." +
             identifier(values ? "column" + std::to_string(column.column + 1) : position);
    }
    const std::string& name = found->columns[static_cast<std::size_t>(column.column)].name;
    if (!found->table->in_workspace()) reads.insert({found->table->name, name});
    return alias(found->id) + "." + identifier(name);
  }
  // An expression printed alone, to be compared with others.
  return std::to_string(column.relation) + "." + position;
}

std::string Writer::cases(const Expression& expression) {
  std::string out = "CASE";
  for (std::size_t i = 0; i + 1 < expression.children.size(); i += 2) {
    out += " WHEN " + this->expression(expression.children[i]) + " THEN " +
           this->expression(expression.children[i + 1]);
  }
  return out + " ELSE " + this->expression(expression.children.back()) + " END";
}

// string_agg, of which `text` writes one text.
std::string Writer::gathered(const Expression& e) {
  const auto text = [&](const Expression& child) {
    return e.distinct ? gathered_text(e.children[0]) : expression(child);
  };
  std::string out = e.text + "(" + (e.distinct ? "DISTINCT " : "") + gathered_text(e.children[0]) + ", " +
                    expression(e.children[1]) + " ORDER BY ";
  for (std::size_t i = 2; i < e.children.size(); ++i) {
    const OrderFlags& flags = e.ordering[i - 2];
    out += (i == 2 ? "" : ", ") + text(e.children[i]);
    out += flags.descending ? " DESC" : " ASC";
    out += flags.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  return out + ")";
}

std::string Writer::gathered_text(const Expression& text) { return expression(text); }

std::string Writer::aggregate(const Expression& expression) {
  if (expression.text == "mode" || expression.text.starts_with("percentile_")) {
    return expression.text + "(" +
           (expression.children.size() > 1 ? this->expression(expression.children[0]) : "") +
           ") WITHIN GROUP (ORDER BY " + this->expression(expression.children.back()) + ")";
  }
  if (expression.children.empty()) return "count(*)";
  if (expression.text == "string_agg") return gathered(expression);
  return expression.text + "(" + (expression.distinct ? "DISTINCT " : "") + list(expression.children, ", ") +
         ")";
}

namespace {

std::string frame_end(int rows) {
  if (rows == all_before) return "UNBOUNDED PRECEDING";
  if (rows == all_after) return "UNBOUNDED FOLLOWING";
  if (rows == 0) return "CURRENT ROW";
  return std::to_string(std::abs(rows)) + (rows < 0 ? " PRECEDING" : " FOLLOWING");
}

}  // namespace

std::string Writer::window(const Expression& e) {
  const std::size_t orders = e.children.size() - e.ordering.size();
  std::string out = e.text + "(";
  for (std::size_t i = 0; i < e.arguments; ++i) out += (i == 0 ? "" : ", ") + expression(e.children[i]);
  if (e.arguments == 0 && e.text == "count") out += "*";
  out += ") OVER (";
  for (std::size_t i = e.arguments; i < orders; ++i)
    out += (i == e.arguments ? "PARTITION BY " : ", ") + expression(e.children[i]);
  for (std::size_t i = orders; i < e.children.size(); ++i) {
    const OrderFlags& flags = e.ordering[i - orders];
    out += (i > orders ? ", " : i > e.arguments ? " ORDER BY " : "ORDER BY ") + expression(e.children[i]);
    out += flags.descending ? " DESC" : " ASC";
    out += flags.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  if (e.frame == Frame::rows_yet) out += " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
  if (e.frame == Frame::rows_back)
    out += " ROWS BETWEEN " + std::to_string(e.preceding) + " PRECEDING AND CURRENT ROW";
  if (e.frame == Frame::rows_from) out += " ROWS BETWEEN " + frame_end(e.first) + " AND " + frame_end(e.last);
  if (e.frame == Frame::all_rows) out += " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
  return out + ")";
}

std::string Writer::expression(const Expression& e) {
  switch (e.kind) {
    case Kind::column:
      return column(e);
    case Kind::number:
      return e.text[0] == '-' ? "(" + e.text + ")" : e.text;
    case Kind::text:
      return literal(e.text);
    case Kind::null:
      return "NULL";
    case Kind::parameter:
      return "$" + e.text;
    case Kind::arithmetic:
      return "(" + list(e.children, " " + e.text + " ") + ")";
    case Kind::negate:
      return "(- " + list(e.children, "") + ")";
    case Kind::concatenate:
      return "(" + list(e.children, " || ") + ")";
    case Kind::function:
      return e.text + "(" + list(e.children, ", ") + ")";
    case Kind::aggregate:
      return aggregate(e);
    case Kind::cases:
      return cases(e);
    case Kind::window:
      return window(e);
    case Kind::cast:
      return "CAST(" + list(e.children, "") + " AS " + std::string(to_string(e.type)) + ")";
    default:
      return condition(e);
  }
}

std::string Writer::condition(const Expression& e) {
  const std::string no = e.negated ? " NOT" : "";
  switch (e.kind) {
    case Kind::compare:
      return "(" + list(e.children, " " + e.text + " ") + ")";
    case Kind::both:
      return "(" + list(e.children, " AND ") + ")";
    case Kind::either:
      return "(" + list(e.children, " OR ") + ")";
    case Kind::negation:
      return "(NOT " + list(e.children, "") + ")";
    case Kind::is_null:
      return "(" + list(e.children, "") + " IS" + no + " NULL)";
    case Kind::like:
      if (e.text == "~")
        return "(" + expression(e.children[0]) + (e.negated ? " !~ " : " ~ ") + expression(e.children[1]) +
               ")";
      return "(" + expression(e.children[0]) + no + " LIKE " + expression(e.children[1]) + ")";
    case Kind::between:
      return "(" + expression(e.children[0]) + no + " BETWEEN " + expression(e.children[1]) + " AND " +
             expression(e.children[2]) + ")";
    case Kind::in_list:
      return "(" + expression(e.children[0]) + no + " IN (" + list(e.children, ", ", 1) + "))";
    case Kind::in_select:
      return "(" + before_select(list(e.children, ", "), e.children.size()) + no + " IN (" +
             select(*e.select, false) + "))";
    case Kind::exists:
      return "(EXISTS (" + select(*e.select, false) + "))";
    default:
      return "NULL";
  }
}

std::string Writer::relation(const Relation& relation) {
  if (relation.table == nullptr) return "(" + select(*relation.select, false) + ") AS " + alias(relation.id);
  return table(*relation.table) + " AS " + alias(relation.id);
}

std::string Writer::table(const Table& table) {
  if (!table.in_workspace()) {
    tables.insert(table.name);
    return identifier(table.name);
  }
  workspace.insert(table.name);
  return identifier(workspace_name) + "." + identifier(table.name);
}

std::string Writer::from(const From& from, const Select& select) {
  if (from.relation != 0) return relation(*select.find(from.relation));
  // SQLite takes CROSS JOIN as an order to read the left side first.
  const std::string_view word = from.left_join ? " LEFT JOIN " : from.full_join ? " FULL JOIN " : " JOIN ";
  return "(" + this->from(from.sides[0], select) + std::string(word) + this->from(from.sides[1], select) +
         " ON " + (from.on ? expression(*from.on) : "(1 = 1)") + ")";
}

std::string Writer::ordering(const Select& select, bool combined) {
  std::string out;
  for (const OrderBy& order : select.order_by) {
    out += out.empty() ? " ORDER BY " : ", ";
    out += combined ? std::to_string(order.value.column + 1) : expression(order.value);
    out += order.descending ? " DESC" : " ASC";
    out += order.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  if (select.limit) out += " LIMIT " + std::to_string(*select.limit);
  return out;
}

std::string Writer::output(const Select& /*select*/, const Expression& value, bool /*top*/) {
  return expression(value);
}

std::string Writer::plain(const Select& select, bool top) {
  // A SELECT that stands twice in a tree is two in the text, as it is when the text is read back.
  for (const Relation& relation : select.relations) {
    std::replace(numbered_.begin(), numbered_.end(), relation.id, 0);
  }
  around_.push_back(&select);
  std::string out = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    const Output& output = select.outputs[i];
    if (i > 0) out += ", ";
    out += this->output(select, output.value, top) + " AS " +
           identifier(top ? output.name : "c" + std::to_string(i + 1));
  }
  for (std::size_t i = 0; i < select.from.size(); ++i) {
    out += (i == 0 ? " FROM " : ", ") + from(select.from[i], select);
  }
  if (select.where) out += " WHERE " + expression(*select.where);
  if (!select.group_by.empty()) out += " GROUP BY " + list(select.group_by, ", ");
  if (select.having) out += " HAVING " + expression(*select.having);
  out += ordering(select, false);
  around_.pop_back();
  return out;
}

std::string Writer::combined(const Select& select, bool top) {
  const std::string_view word = select.combine == Select::Combine::union_all   ? " UNION ALL "
                                : select.combine == Select::Combine::intersect ? " INTERSECT "
                                : select.combine == Select::Combine::except    ? " EXCEPT "
                                                                               : " UNION ";
  std::string out;
  for (std::size_t i = 0; i < select.parts.size(); ++i) {
    if (i > 0) out += word;
    out += this->select(select.parts[i], top);
  }
  return out + ordering(select, true);
}

std::string Writer::constant(const Expression& value, Type /*type*/) { return expression(value); }

std::string Writer::rows(const Select& select) {
  std::string out = "VALUES ";
  for (const auto& row : select.values) {
    out += &row == select.values.data() ? "(" : ", (";
    for (std::size_t i = 0; i < row.size(); ++i)
      out.append(i == 0 ? "" : ", ").append(constant(row[i], select.outputs[i].value.type));
    out += ")";
  }
  return out;
}

std::string Writer::select(const Select& select, bool top) {
  if (!select.values.empty()) return rows(select);
  return select.combine == Select::Combine::none ? plain(select, top) : combined(select, top);
}

}  // namespace sceau::source
