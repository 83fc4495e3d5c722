// The tree in PostgreSQL's words.
//
// Whether a statement fails must not depend on anybody's data, for a failure can be seen: so nothing that is
// written here can fail for a value. Every number that is no whole one is `numeric`, for PostgreSQL would
// make a double of one beside a double, and that can fail; products and quotients are cut to less than 1e308,
// which changes no number that a column can hold, so that no chain of them overflows; divisors of zero give
// NULL; texts that are no numbers become 0, as in SQLite. Only constants can be wrong, and they are the
// agent's own. What is computed is written without zeros at its end, so that equal values are equal texts.
//
// A column that the catalogue calls text may be a date in the database: it is compared as it is, so that
// indexes serve, and becomes text (ISO 8601) where something is computed from it.
#include "writer.h"

namespace sceau::source {
namespace {

// The beginning of a text that is a date, as SQLite's strftime takes it.
constexpr std::string_view date_pattern = "'^(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])'";
// Sign, digits, and what follows them in a number; everything else of the text is dropped.
constexpr std::string_view whole_number = R"('^\s*([+-]?)([0-9]{0,200}).*$', '\10\2')";
constexpr std::string_view real_number =
    R"('^\s*([+-]?)([0-9]{0,200})(\.[0-9]{0,200})?([eE][+-]?[0-9]{1,3})?.*$', '\10\2\3\4')";

// A number that comes from no column or aggregate as it is.
bool is_computed(const Expression& e) {
  if (e.type == Type::text || e.is_predicate()) return false;
  switch (e.kind) {
    case Expression::Kind::arithmetic:
    case Expression::Kind::negate:
    case Expression::Kind::cases:
    case Expression::Kind::cast:
      return true;
    case Expression::Kind::function:
      return e.text != "length" && e.text != "strpos";
    default:
      return false;
  }
}

class PostgresqlWriter final : public Writer {
 public:
  std::string expression(const Expression& e) override {
    if (is_computed(e)) return "trim_scale(" + number(e) + ")";
    if (e.is_column() && e.type == Type::real)
      return "trim_scale(CAST(" + Writer::expression(e) + " AS numeric))";
    return other(e);
  }

  // Of rows that leave as they are, doubles keep their last digits.
  std::string output(const Select& select, const Expression& value, bool top) override {
    const bool as_it_is = top && !combined_ && around_.size() == 1 && !select.grouped() && !select.distinct &&
                          value.is_column();
    if (as_it_is) return Writer::expression(value);
    const bool as_text = value.type == Type::text && (combining_ > 0 || as_texts_.contains(&select));
    return as_text && value.kind != Kind::null ? text(value) : expression(value);
  }

  // By its place: the same expression gives the same text wherever it stands in a SELECT, and so PostgreSQL
  // knows a grouped one again.
  std::string alias(int relation) override {
    for (std::size_t depth = around_.size(); depth-- > 0;) {
      const auto& relations = around_[depth]->relations;
      for (std::size_t i = 0; i < relations.size(); ++i) {
        if (relations[i].id == relation)
          return "\"r" + std::to_string(depth + 1) + "_" + std::to_string(i + 1) + "\"";
      }
    }
    return "\"r0\"";
  }

  // Its parts' columns must be of the same types.
  void begin_combination() { combined_ = true; }

  std::string update(const Select& select, const std::vector<int>& into) {
    around_.push_back(&select);
    const Table& changed = *select.relations[0].table;
    std::string out = "UPDATE " + table(changed) + " AS " + alias(select.relations[0].id) + " SET ";
    for (std::size_t i = 0; i < into.size(); ++i) {
      const Column& column = changed.columns[static_cast<std::size_t>(into[i])];
      const bool is_text = column.type == Type::text;
      out.append(i == 0 ? "" : ", ").append(identifier(column.name)).append(" = ");
      const Expression& value = select.outputs[i].value;
      out += is_text ? bounded_text("CAST(" + text(value) + " AS text)", value.longest) +
                           " COLLATE pg_catalog.\"default\""
                     : bounded_number("CAST(" + expression(value) + " AS numeric)");
    }
    out += joined(select, " FROM ");
    if (select.where) out += " WHERE " + expression(*select.where);
    around_.pop_back();
    return out;
  }

  // What stands beside the table that changes.
  std::string joined(const Select& select, std::string_view word) {
    std::string out;
    for (std::size_t i = 1; i < select.from.size(); ++i)
      out.append(i == 1 ? word : ", ").append(from(select.from[i], select));
    return out;
  }

  std::string remove(const Select& select) {
    around_.push_back(&select);
    std::string out =
        "DELETE FROM " + table(*select.relations[0].table) + " AS " + alias(select.relations[0].id);
    out += joined(select, " USING ");
    if (select.where) out += " WHERE " + expression(*select.where);
    around_.pop_back();
    return out;
  }

 protected:
  std::string table(const Table& table) override {
    return table.in_workspace() ? identifier(table.schema) + "." + identifier(table.name)
                                : Writer::table(table);
  }

 private:
  std::string other(const Expression& e) {
    switch (e.kind) {
      case Kind::concatenate:
        return "(" + text(e.children[0]) + " || " + text(e.children[1]) + ")";
      case Kind::function:
        return text_function(e);
      case Kind::cases:
        return cases(e);
      case Kind::cast:
        return cast_to_text(e.children[0]);
      case Kind::compare:
        return "(" + side(e, 0) + " " + e.text + " " + side(e, 1) + ")";
      case Kind::between:
        return "(" + side(e, 0) + (e.negated ? " NOT" : "") + " BETWEEN " + side(e, 1) + " AND " +
               side(e, 2) + ")";
      case Kind::in_list:
        return in_list(e);
      case Kind::in_select:
        return in_select(e);
      case Kind::parameter:
        return parameter(e);
      case Kind::like:
        return "(" + text(e.children[0]) +
               (e.text == "~" ? (e.negated ? " !~ " : " ~ ") : (e.negated ? " NOT LIKE " : " LIKE ")) +
               expression(e.children[1]) + ")";
      default:
        return Writer::expression(e);
    }
  }

  // Of a type that no value fails to be: the column beside a text is read as a text, whatever it is.
  static std::string parameter(const Expression& e) {
    return "CAST($" + e.text +
           (e.type == Type::text      ? " AS text)"
            : e.type == Type::integer ? " AS bigint)"
                                      : " AS numeric)");
  }

  // What is_computed(), as `numeric`.
  std::string number(const Expression& e) {
    switch (e.kind) {
      case Kind::arithmetic:
        return arithmetic(e);
      case Kind::negate:
        return "(- " + numeric(e.children[0]) + ")";
      case Kind::cases:
        return cases(e);
      case Kind::cast:
        return cast_to_number(e);
      default:
        break;
    }
    if (e.text == "coalesce" || e.text == "nullif") return e.text + "(" + results(e.children, false) + ")";
    if (e.text == "random") return "CAST(random() AS numeric)";
    if (e.text == "julianday") return day_number(e.children[0]);
    if (e.text == "sqrt") return "sqrt(greatest(" + numeric(e.children[0]) + ", 0))";
    if (e.text == "ln") return "ln(NULLIF(greatest(" + numeric(e.children[0]) + ", 0), 0))";
    if (e.text == "exp") return "exp(greatest(least(" + numeric(e.children[0]) + ", 300), -300))";
    const std::string others = list(e.children, ", ", 1);
    return e.text + "(" + numeric(e.children[0]) + (others.empty() ? "" : ", " + others) + ")";
  }
  // Any number, as `numeric`.
  std::string numeric(const Expression& e) {
    return is_computed(e) ? number(e) : "CAST(" + other(e) + " AS numeric)";
  }
  // As a text that functions take, whatever the column's type.
  std::string text(const Expression& e) {
    return e.is_column() ? "CAST(" + Writer::expression(e) + " AS text)" : expression(e);
  }
  // One side of a comparison: a text is bare, so that indexes serve, unless one beside it is certainly no
  // date.
  std::string side(const Expression& e, std::size_t at) {
    const Expression& one = e.children[at];
    bool bare = true;
    for (std::size_t i = 0; i < e.children.size(); ++i) {
      const bool constant = e.children[i].kind == Kind::text || e.children[i].kind == Kind::null;
      if (i != at && !constant && is_certainly_text(e.children[i])) bare = false;
    }
    return bare || one.type != Type::text || one.kind == Kind::text ? expression(one) : text(one);
  }
  std::string in_list(const Expression& e) {
    std::string list;
    for (std::size_t i = 1; i < e.children.size(); ++i) list += (i == 1 ? "" : ", ") + side(e, i);
    return "(" + side(e, 0) + (e.negated ? " NOT" : "") + " IN (" + list + "))";
  }
  // Both sides as texts where one is certainly no date.
  std::string in_select(const Expression& e) {
    bool mixed = false;
    for (std::size_t i = 0; i < e.children.size(); ++i) {
      const Expression& left = e.children[i];
      mixed = mixed || (left.type == Type::text && left.kind != Kind::text &&
                        is_certainly_text(left) != gives_text(*e.select, i));
    }
    if (mixed) as_texts_.insert(e.select.get());
    const std::string inner = Writer::select(*e.select, false);
    as_texts_.erase(e.select.get());
    std::string values;
    for (const Expression& left : e.children) {
      values += values.empty() ? "" : ", ";
      values += mixed && left.type == Type::text ? text(left) : expression(left);
    }
    return "(" + before_select(values, e.children.size()) + (e.negated ? " NOT" : "") + " IN (" + inner +
           "))";
  }

  // Of a column that the database may hold as a date, a char(n), …: false.
  [[nodiscard]] bool is_certainly_text(const Expression& e) const {
    if (e.type != Type::text) return false;
    if (!e.is_column()) return true;
    for (auto select = around_.rbegin(); select != around_.rend(); ++select) {
      if (const Relation* found = (*select)->find(e.relation))
        return holds_text(*found, static_cast<std::size_t>(e.column));
    }
    return false;
  }
  static bool holds_text(const Relation& relation, std::size_t column) {
    return relation.table != nullptr ? relation.table->in_workspace() : gives_text(*relation.select, column);
  }
  static bool gives_text(const Select& select, std::size_t column) {
    if (select.combine != Select::Combine::none) return true;
    const Expression& value = select.outputs[column].value;
    if (!value.is_column()) return true;
    const Relation* found = select.find(value.relation);
    return found != nullptr && holds_text(*found, static_cast<std::size_t>(value.column));
  }

  std::string arithmetic(const Expression& e) {
    const std::string left = numeric(e.children[0]);
    const std::string right = numeric(e.children[1]);
    if (e.text == "*") return "mod(" + left + " * " + right + ", 1e308)";
    if (e.text == "%") return "mod(" + left + ", NULLIF(" + right + ", 0))";
    if (e.text != "/") return "(" + left + " " + e.text + " " + right + ")";
    if (e.type == Type::integer) return "div(" + left + ", NULLIF(" + right + ", 0))";
    return "mod(" + left + " / NULLIF(" + right + ", 0), 1e308)";
  }

  std::string text_function(const Expression& e) {
    if (e.text == "coalesce" || e.text == "nullif") return e.text + "(" + results(e.children, true) + ")";
    if (e.text == "strftime") return date_part(e);
    if (e.text == "days_after" || e.text == "months_after") return later_day(e);
    if (e.text == "to_char")
      return "to_char(" + numeric(e.children[0]) + ", " + expression(e.children[1]) + ")";
    std::string first = text(e.children[0]);
    // Of ASCII letters alone, as in SQLite.
    if (e.text == "lower" || e.text == "upper" || e.text == "initcap") first += " COLLATE \"C\"";
    const std::string others = list(e.children, ", ", 1);
    return e.text + "(" + first + (others.empty() ? "" : ", " + others) + ")";
  }

  // '%Y-%m' becomes a replacement '\1-\2' in what is certainly a date.
  std::string date_part(const Expression& e) {
    std::string parts;
    for (std::size_t i = 0; i < e.children[0].text.size(); ++i) {
      const char c = e.children[0].text[i];
      if (c != '%') {
        parts += c;
        continue;
      }
      const char which = e.children[0].text[++i];
      parts += which == 'Y' ? "\\1" : which == 'm' ? "\\2" : "\\3";
    }
    return "regexp_replace(substring(" + text(e.children[1]) + " from " + std::string(date_pattern) +
           "), '^(.{4})-(..)-(..)$', '" + parts + "')";
  }

  // NULL where it leaves the years 1 to 9999.
  std::string later_day(const Expression& e) {
    const std::string text = expression(e.children[0]);
    const std::string day = "(CAST(overlay(" + text + " placing '01' from 9) AS date) + (CAST(substr(" +
                            text + ", 9, 2) AS integer) - 1))";
    const std::string later =
        e.text == "days_after"
            ? day + " + CAST(greatest(least(trunc(" + numeric(e.children[1]) +
                  "), 1000000), -1000000) AS integer)"
            : "CAST(" + day + " + make_interval(months => " + expression(e.children[1]) + ") AS date)";
    return "substring(CAST(" + later + " AS text) from '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')";
  }

  // Whatever the database holds, no longer than it is taken to be.
  std::string gathered_text(const Expression& e) override { return bounded_text(text(e), e.longest); }

  // Doubles are made of numbers that have one; a sum of texts could not be.
  std::string aggregate(const Expression& e) override {
    if (e.children.empty()) return Writer::aggregate(e);
    const Expression* of = &e.children.back();
    if (e.text == "percentile_cont")
      return "CAST(percentile_cont(" + e.children[0].text + ") WITHIN GROUP (ORDER BY CAST(mod(round(" +
             numeric(*of) + ", 15), 1e300) AS double precision)) AS numeric)";
    if (e.text == "percentile_disc" || e.text == "mode") {
      return e.text + "(" + (e.text == "mode" ? "" : e.children[0].text) + ") WITHIN GROUP (ORDER BY " +
             (of->type == Type::text ? text(*of) : expression(*of)) + ")";
    }
    // Doubles whose squares are none too many.
    if (e.children.size() == 2 && e.text != "string_agg") {
      const auto narrow = [&](const Expression& one) {
        return "CAST(mod(round(" + numeric(one) + ", 15), 1e60) AS double precision)";
      };
      return "trim_scale(CAST(" + e.text + "(" + narrow(e.children[0]) + ", " + narrow(e.children[1]) +
             ") AS numeric))";
    }
    if (e.text.starts_with("stddev") || e.text.starts_with("var"))
      return "trim_scale(" + e.text + "(mod(" + numeric(*of) + ", 1e100)))";
    return Writer::aggregate(e);
  }

  std::string constant(const Expression& value, Type type) override {
    return "CAST(" + Writer::expression(value) + " AS " + (type == Type::text ? "text)" : "numeric)");
  }

  // The first of its month is certainly a day; 31 days are added to it at most.
  std::string day_number(const Expression& date) {
    const std::string day = expression(date);
    return "CAST((CAST(overlay(" + day +
           " placing '01' from 9) AS date) - DATE '2000-01-01') + CAST(substr(" + day +
           ", 9, 2) AS integer) AS numeric) + 2451543.5";
  }

  std::string cast_to_text(const Expression& from) {
    if (from.kind == Kind::null) return "CAST(NULL AS text)";
    if (from.type == Type::text) return text(from);
    const std::string written = "CAST(" + expression(from) + " AS text)";
    return from.kind == Kind::number ? written
                                     : "left(" + written + ", " + std::to_string(written_number) + ")";
  }
  std::string cast_to_number(const Expression& e) {
    const Expression& from = e.children[0];
    if (from.kind == Kind::null) return "CAST(NULL AS numeric)";
    if (from.type == Type::text) {
      return "CAST(regexp_replace(" + text(from) + ", " +
             std::string(e.type == Type::integer ? whole_number : real_number) + ") AS numeric)";
    }
    return e.type == Type::integer && from.type == Type::real ? "trunc(" + numeric(from) + ")"
                                                              : numeric(from);
  }

  std::string cases(const Expression& e) {
    const bool texts = e.type == Type::text;
    std::string out = "CASE";
    for (std::size_t i = 0; i + 1 < e.children.size(); i += 2)
      out += " WHEN " + expression(e.children[i]) + " THEN " + result(e.children[i + 1], texts);
    return out + " ELSE " + result(e.children.back(), texts) + " END";
  }

  // Values of which one is chosen must be of one type.
  std::string result(const Expression& e, bool texts) { return texts ? text(e) : numeric(e); }
  std::string results(const std::vector<Expression>& values, bool texts) {
    std::string out;
    for (const Expression& value : values) out += (out.empty() ? "" : ", ") + result(value, texts);
    return out;
  }

  std::string combined(const Select& select, bool top) override {
    ++combining_;
    std::string out = Writer::combined(select, top);
    --combining_;
    return out;
  }

  bool combined_ = false;
  int combining_ = 0;  // UNIONs around, whose parts are of one type
  std::set<const Select*> as_texts_;
};

}  // namespace

std::string write_postgresql(const Select& select) {
  PostgresqlWriter writer;
  if (select.combine != Select::Combine::none) writer.begin_combination();
  return writer.select(select, true);
}

std::string write_postgresql_delete(const Select& select) { return PostgresqlWriter().remove(select); }
std::string write_postgresql_update(const Select& select, const std::vector<int>& into) {
  return PostgresqlWriter().update(select, into);
}

}  // namespace sceau::source
