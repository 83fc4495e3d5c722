#include <algorithm>
#include <array>

#include "reader.h"

namespace sceau::source {
namespace {

// The functions that may be called. All of them give the same answer for the same arguments, fail for no
// value, and mean the same in SQLite and PostgreSQL for the arguments admitted here.
struct Function {
  std::string_view name;
  std::string_view sqlite;  // as SQLite calls it
  std::size_t least;
  std::size_t most;
  Type argument;   // of the first
  bool constants;  // the others are whole numbers, written out
};
constexpr std::array<Function, 16> functions = {{
    {"abs", "abs", 1, 1, Type::real, false},
    {"round", "round", 1, 2, Type::real, true},
    {"floor", "floor", 1, 1, Type::real, false},
    {"ceil", "ceil", 1, 1, Type::real, false},
    {"ceiling", "ceil", 1, 1, Type::real, false},
    {"lower", "lower", 1, 1, Type::text, false},
    {"upper", "upper", 1, 1, Type::text, false},
    {"length", "length", 1, 1, Type::text, false},
    {"char_length", "length", 1, 1, Type::text, false},
    {"substr", "substr", 2, 3, Type::text, true},
    {"substring", "substr", 2, 3, Type::text, true},
    {"trim", "trim", 1, 2, Type::text, false},
    {"btrim", "trim", 1, 2, Type::text, false},
    {"ltrim", "ltrim", 1, 2, Type::text, false},
    {"rtrim", "rtrim", 1, 2, Type::text, false},
    {"left", "substr", 2, 2, Type::text, true},
}};

bool is_aggregate(std::string_view name) {
  constexpr std::array<std::string_view, 11> names = {"count",      "sum",      "avg",      "min",
                                                      "max",        "stddev",   "variance", "stddev_samp",
                                                      "stddev_pop", "var_samp", "var_pop"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_of_pairs(std::string_view name) {
  constexpr std::array<std::string_view, 6> names = {"corr",       "covar_pop", "covar_samp",
                                                     "regr_slope", "regr_r2",   "regr_intercept"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// %Y, %m, %d and what stands between them.
bool is_date_format(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (++i >= text.size() || (text[i] != 'Y' && text[i] != 'm' && text[i] != 'd')) return false;
    } else if (text[i] != '-' && text[i] != '/') {
      return false;
    }
  }
  return !text.empty() && text.size() <= 20;
}

// The age(…) of extract(year FROM age(…)), or nullptr.
const PgQuery__FuncCall* age_of(std::string_view name, const PgQuery__FuncCall& call) {
  if ((name != "extract" && name != "date_part") || call.n_args != 2) return nullptr;
  const Node& part = *call.args[0];
  const Node& of = *call.args[1];
  const bool year = part.node_case == PG_QUERY__NODE__NODE_A_CONST &&
                    part.a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
                    std::string_view(part.a_const->sval->sval) == "year";
  if (!year || of.node_case != PG_QUERY__NODE__NODE_FUNC_CALL || of.func_call->n_funcname != 1)
    return nullptr;
  const Node& word = *of.func_call->funcname[0];
  const bool age =
      word.node_case == PG_QUERY__NODE__NODE_STRING && std::string_view(word.string->sval) == "age";
  return age ? of.func_call : nullptr;
}

Expression whole(int value) {
  Expression number;
  number.kind = Expression::Kind::number;
  number.text = std::to_string(value);
  number.type = Type::integer;
  return number;
}

}  // namespace

Expression Reader::function(const PgQuery__FuncCall& call, const Place& place) {
  if (call.n_funcname == 0 || call.n_funcname > 2 ||
      (call.n_funcname == 2 && (text_of(call.funcname[0]) != "pg_catalog" ||
                                call.funcformat != PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX))) {
    refuse("a function named with a schema: name the function alone");
    return {};
  }
  const std::string name = text_of(call.funcname[call.n_funcname - 1]);
  if (failed()) return {};
  if (call.over != nullptr) return window(name, call, place);
  if (call.agg_filter != nullptr) return filtered(name, call, place);
  if (name == "bool_or" || name == "bool_and" || name == "every")
    return aggregate_of_truth(name, call, place);
  if (name == "percentile_cont" || name == "percentile_disc" || name == "mode")
    return ordered_set(name, call, place);
  if (name == "string_agg") return text_aggregate(name, call, place);
  if (name == "array_to_string") return joined_array(call, place);
  if (name == "array_agg") {
    refuse("array_agg makes lists, which no column holds: write string_agg(column::text, ',' ORDER BY …)");
    return {};
  }
  if (name == "random") {
    refuse(
        "random() stands alone as a result, in ORDER BY, or beside a number as in random() < 0.1: put it "
        "into a "
        "column first");
    return {};
  }
  if (is_of_pairs(name)) return aggregate_of_pairs(name, call, place);
  if (is_aggregate(name)) return aggregate(name, call, place);
  if (!knows(call.base, {"funcname", "args", "funcformat"})) return {};
  if (const PgQuery__FuncCall* age = age_of(name, call)) return years_between(*age, place);
  std::vector<Expression> arguments = values(call.n_args, call.args, place);
  if (failed()) return {};
  if (name == "make_date") return make_date(std::move(arguments));
  if (name == "extract" || name == "date_part") return date_part(std::move(arguments));
  if (name == "to_char" && !arguments.empty() && arguments[0].kind != Kind::null &&
      arguments[0].type != Type::text)
    return number_as_text(std::move(arguments));
  if (name == "to_char" || name == "date_trunc") return date_function(name, std::move(arguments));
  if (name == "julianday") return julianday(std::move(arguments));
  if (auto further = further_function(name, arguments)) return *further;
  return plain_function(name, std::move(arguments));
}

Expression Reader::aggregate(const std::string& name, const PgQuery__FuncCall& call, const Place& place) {
  Expression read;
  read.kind = Kind::aggregate;
  read.text = name;
  read.distinct = call.agg_distinct != 0;
  knows(call.base, {"funcname", "args", "agg_star", "agg_distinct", "funcformat"});
  if (!place.aggregates) refuse(in_quotes(name) + " stands where no aggregate may: move it to the results");
  // Of the least and the largest, how often they are there says nothing.
  if (name == "min" || name == "max") read.distinct = false;
  if (read.distinct && name != "count" && name != "sum" && name != "avg")
    refuse(name + "(DISTINCT …) is not followed: only count, sum and avg are");
  if (failed()) return read;
  read.children = values(call.n_args, call.args, {place.scope, place.ctes, false});
  if (!failed()) check_own(read, place);
  if (failed()) return read;
  if (read.children.size() != (call.agg_star != 0 ? 0U : 1U) || (call.agg_star != 0 && name != "count")) {
    refuse(in_quotes(name) + " needs exactly one argument");
    return read;
  }
  const bool spreads = name.starts_with("stddev") || name.starts_with("var");
  if (name == "sum" || name == "avg" || spreads) require_type(read.children[0], Type::real, name);
  read.type = name == "count" ? Type::integer : name == "avg" || spreads ? Type::real : read.children[0].type;
  return read;
}

// An aggregate of nothing but columns of a SELECT around this one would be that SELECT's own.
void Reader::check_own(const Expression& aggregate, const Place& place) {
  bool any = false;
  bool own = false;
  for_each(aggregate, [&](const Expression& e) {
    any = any || e.is_column();
    own =
        own || (e.is_column() && place.scope != nullptr && place.scope->select->find(e.relation) != nullptr);
  });
  if (any && !own) refuse("an aggregate of columns of a SELECT around it: name a column of its own FROM");
}

Expression Reader::date_part(std::vector<Expression> arguments) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> parts = {
      {{"year", "%Y"}, {"month", "%m"}, {"day", "%d"}}};
  if (arguments.size() == 2 && arguments[0].kind == Kind::text) {
    for (const auto& [part, format] : parts) {
      if (arguments[0].text != part) continue;
      Expression read;
      read.kind = Kind::function;
      read.text = "strftime";
      read.type = Type::text;
      arguments[0].text = format;
      require_type(arguments[1], Type::text, "EXTRACT");
      read.children = std::move(arguments);
      return cast_to(finish(std::move(read)), Type::integer);
    }
  }
  if (arguments.size() == 2 && arguments[0].kind == Kind::text)
    return day_part(arguments[0].text, std::move(arguments[1]));
  refuse("EXTRACT takes a part and a date");
  return {};
}

Expression Reader::first_of(const std::string& name, std::vector<Expression> arguments) {
  Expression read;
  read.kind = Kind::function;
  read.text = name;
  if (arguments.size() < 2 || arguments.size() > (name == "nullif" ? 2U : 10U))
    refuse(in_quotes(name) + " needs two values");
  read.children = std::move(arguments);
  if (failed()) return read;
  std::vector<Expression*> all;
  for (Expression& child : read.children) all.push_back(&child);
  unify(all, name);
  read.type = read.children[0].type;
  if (name == "nullif") return finish(std::move(read));
  for (const Expression& child : read.children) {
    if (child.kind != Kind::null && child.type == Type::real) read.type = Type::real;
  }
  return finish(std::move(read));
}

Expression Reader::strftime(std::vector<Expression> arguments) {
  Expression read;
  read.kind = Kind::function;
  read.text = "strftime";
  if (arguments.size() != 2 || arguments[0].kind != Kind::text || !is_date_format(arguments[0].text) ||
      arguments[1].kind == Kind::text) {
    refuse("strftime takes '%Y', '%m', '%d' or a mixture, and a column");
    return read;
  }
  require_type(arguments[1], Type::text, "strftime");
  read.type = Type::text;
  read.children = std::move(arguments);
  return finish(std::move(read));
}

Expression Reader::plain_function(const std::string& name, std::vector<Expression> arguments) {
  Expression read;
  read.kind = Kind::function;
  read.text = name;
  if (failed()) return read;
  if (name == "coalesce" || name == "nullif") return first_of(name, std::move(arguments));
  if (name == "strftime") return strftime(std::move(arguments));
  const auto* const known =
      std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == name; });
  if (known == functions.end()) {
    refuse("function " + in_quotes(name) + " is not on the list of what may be called");
    return read;
  }
  if (arguments.size() < known->least || arguments.size() > known->most) {
    refuse("function " + in_quotes(name) + " has the wrong number of arguments");
    return read;
  }
  require_type(arguments[0], known->argument, "function " + in_quotes(name));
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const Expression& argument = arguments[i];
    if (known->sqlite.ends_with("trim")) {
      if (argument.kind != Kind::text || argument.text.empty() || argument.text.size() > 100)
        refuse("function " + in_quotes(name) + " takes off signs that are written out");
      continue;
    }
    if (argument.kind != Kind::number || argument.type != Type::integer || argument.text.size() > 4 ||
        argument.text[0] == '-' ||
        (known->sqlite == "substr" && i == 1 && name != "left" && argument.text == "0")) {
      refuse("function " + in_quotes(name) +
             " takes small whole numbers after its first argument, positions from 1");
    }
  }
  read.text = known->sqlite;
  if (name == "left") arguments.insert(arguments.begin() + 1, whole(1));
  read.type = known->sqlite == "length"       ? Type::integer
              : known->argument == Type::text ? Type::text
                                              : arguments[0].type;
  if (read.text == "round" || read.text == "floor" || read.text == "ceil") read.type = Type::real;
  read.children = std::move(arguments);
  return finish(std::move(read));
}

}  // namespace sceau::source
