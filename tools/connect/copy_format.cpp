#include "copy_format.h"

#include "translator.h"
#include "tree.h"

namespace sceau::connect {
namespace {

Error unfit(const std::string& option) {
  return {ErrorKind::refused, "COPY with this option is not answered here: " + option};
}

std::string escaped(const std::string& text, char delimiter) {
  std::string out;
  for (const char character : text) {
    constexpr std::string_view from = "\b\f\n\r\t\v\\";
    constexpr std::string_view to = "bfnrtv\\";
    const auto at = from.find(character);
    if (at != std::string_view::npos) {
      out += '\\';
      out += to[at];
      continue;
    }
    if (character == delimiter) out += '\\';
    out += character;
  }
  return out;
}

std::string csv_field(const CopyFormat& format, const std::string& text) {
  const std::string special{format.delimiter, format.quote, '\n', '\r'};
  if (text != format.null && text.find_first_of(special) == std::string::npos && text != "\\.") return text;
  std::string out(1, format.quote);
  for (const char character : text) {
    if (character == format.quote || character == format.escape) out += format.escape;
    out += character;
  }
  return out + format.quote;
}

Status read_option(const std::string& name, const std::string& value, CopyFormat& format) {
  if (name == "header") {
    format.header = value.empty() || value == "true" || value == "on" || value == "1";
    if (!format.header && value != "false" && value != "off" && value != "0") return unfit("header " + value);
  } else if (name == "delimiter" && value.size() == 1) {
    format.delimiter = value.front();
  } else if (name == "null") {
    format.null = value;
  } else if (name == "quote" && value.size() == 1) {
    format.quote = value.front();
  } else if (name == "escape" && value.size() == 1) {
    format.escape = value.front();
  } else if (name != "encoding" || (value != "UTF8" && value != "utf8" && value != "UTF-8")) {
    return unfit(name);
  }
  return {};
}

// What could not be told apart in a line.
Status check_format(const CopyFormat& format) {
  constexpr std::string_view ends = "\r\n";
  constexpr std::string_view in_text = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
  const auto has = [](std::string_view text, char one) { return text.find(one) != std::string_view::npos; };
  if (has(ends, format.delimiter) || (!format.csv && has(in_text, format.delimiter)))
    return unfit("this delimiter");
  if (format.csv && (format.delimiter == format.quote || has(ends, format.quote) || has(ends, format.escape)))
    return unfit("this delimiter, quote or escape");
  if (has(format.null, format.delimiter) || format.null.find_first_of(ends) != std::string::npos ||
      (format.csv && has(format.null, format.quote)))
    return unfit("this null");
  return {};
}

}  // namespace

Result<CopyFormat> read_copy_format(const PgQuery__CopyStmt& statement) {
  CopyFormat format;
  for (std::size_t i = 0; i < statement.n_options; ++i) {
    const auto& option = *statement.options[i]->def_elem;
    if (std::string_view(option.defname) != "format") continue;
    const auto value = constant_text(option.arg);
    if (value != "csv" && value != "text") return unfit("format");
    format.csv = value == "csv";
  }
  if (format.csv) {
    format.delimiter = ',';
    format.null.clear();
  }
  for (std::size_t i = 0; i < statement.n_options; ++i) {
    const auto& option = *statement.options[i]->def_elem;
    const std::string name = option.defname;
    if (name == "format") continue;
    auto read = read_option(name, constant_text(option.arg).value_or(""), format);
    if (!read) return read.error();
  }
  if (auto fine = check_format(format); !fine) return fine.error();
  return format;
}

Result<Sentence> copied_query(const Sentence& sentence, const PgQuery__CopyStmt& statement) {
  if (statement.query != nullptr) return inner_query(sentence, statement.query);
  if (statement.relation == nullptr) return unfit("no query");
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < statement.n_attlist; ++i)
    sql.append(i == 0 ? "" : ", ").append(name_quoted(string_of(statement.attlist[i])));
  if (statement.n_attlist == 0) sql += "*";
  sql += " FROM ";
  if (*statement.relation->schemaname != '\0')
    sql.append(name_quoted(statement.relation->schemaname)).append(".");
  auto read = read_sentences(sql.append(name_quoted(statement.relation->relname)));
  if (!read) return read.error();
  return std::move(read->front());
}

std::string copy_header(const CopyFormat& format, const std::vector<Column>& columns) {
  std::vector<Value> names;
  names.reserve(columns.size());
  for (const auto& column : columns) names.emplace_back(column.name);
  return copy_line(format, names);
}

std::string copy_line(const CopyFormat& format, const std::vector<Value>& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += format.delimiter;
    if (!row[i]) {
      line += format.null;
    } else {
      line += format.csv ? csv_field(format, *row[i]) : escaped(*row[i], format.delimiter);
    }
  }
  return line + "\n";
}

}  // namespace sceau::connect
