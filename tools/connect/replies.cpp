#include "replies.h"

#include <algorithm>

namespace sceau::connect {

Problem problem_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::refused:
      return {"42501", error.message,
              "Nothing has left. SET sceau.project, sceau.purpose and sceau.kind choose."};
    case ErrorKind::invalid:
      return {"42601", error.message, {}};
    case ErrorKind::not_found:
      return {"42P01", error.message, "\\d lists what you may use."};
    case ErrorKind::authentication:
      return {"28000", error.message, "Look at the terminal where 'sceau connect' runs."};
    case ErrorKind::unavailable:
      return {"57P03", error.message, {}};
    case ErrorKind::corrupt:
      return {"XX001", error.message, "Use nothing of what came, and tell the auditor."};
    case ErrorKind::internal:
      break;
  }
  return {"XX000", error.message, {}};
}

void Replies::begin(char type) {
  out_ += type;
  begun_ = out_.size();
  out_.append(4, '\0');
}

void Replies::end() {
  const auto length = static_cast<std::uint32_t>(out_.size() - begun_);
  for (unsigned i = 0; i < 4; ++i) out_[begun_ + i] = static_cast<char>(length >> (24U - 8U * i) & 0xFFU);
}

void Replies::int16(std::size_t value) {
  out_ += static_cast<char>(value >> 8U & 0xFFU);
  out_ += static_cast<char>(value & 0xFFU);
}

void Replies::int32(std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out_ += static_cast<char>(value >> (24U - 8U * i) & 0xFFU);
}

// A zero inside would end the text early for its reader.
void Replies::text(std::string_view value) {
  out_.append(value.substr(0, value.find('\0')));
  out_ += '\0';
}

void Replies::bare(char type) {
  begin(type);
  end();
}

void Replies::authentication_ok() {
  begin('R');
  int32(0);
  end();
}

void Replies::authentication_sasl(std::string_view mechanism) {
  begin('R');
  int32(10);
  text(mechanism);
  out_ += '\0';
  end();
}

void Replies::authentication_sasl_continue(std::string_view data) {
  begin('R');
  int32(11);
  out_.append(data);
  end();
}

void Replies::authentication_sasl_final(std::string_view data) {
  begin('R');
  int32(12);
  out_.append(data);
  end();
}

void Replies::parameter(std::string_view name, std::string_view value) {
  begin('S');
  text(name);
  text(value);
  end();
}

void Replies::key_data(std::int32_t process, std::int32_t key) {
  begin('K');
  int32(static_cast<std::uint32_t>(process));
  int32(static_cast<std::uint32_t>(key));
  end();
}

void Replies::ready(char status) {
  begin('Z');
  out_ += status;
  end();
}

void Replies::row_description(const std::vector<Column>& columns, const std::vector<bool>& binary) {
  begin('T');
  int16(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    text(columns[i].name);
    int32(0);  // of no table that the client could ask about
    int16(0);
    int32(columns[i].type);
    int16(static_cast<std::uint16_t>(size_of(columns[i].type)));
    int32(0xFFFFFFFF);
    int16(format_of(binary, i) ? 1 : 0);
  }
  end();
}

void Replies::parameter_description(const std::vector<std::uint32_t>& types) {
  begin('t');
  int16(types.size());
  for (const auto type : types) int32(type);
  end();
}

void Replies::begin_row(std::size_t fields) {
  begin('D');
  int16(fields);
}

void Replies::field(const Value& value) {
  if (!value) return int32(0xFFFFFFFF);
  int32(static_cast<std::uint32_t>(value->size()));
  out_.append(*value);
}

void Replies::end_row() { end(); }

void Replies::complete(std::string_view tag) {
  begin('C');
  text(tag);
  end();
}

void Replies::told(char type, std::string_view severity, std::string_view sqlstate, std::string_view message,
                   std::string_view hint) {
  begin(type);
  for (const char name : {'S', 'V'}) {
    out_ += name;
    text(severity);
  }
  out_ += 'C';
  text(sqlstate);
  out_ += 'M';
  text(message);
  if (!hint.empty()) {
    out_ += 'H';
    text(hint);
  }
  out_ += '\0';
  end();
}

void Replies::failure(std::string_view severity, const Problem& problem) {
  told('E', severity, problem.sqlstate, problem.message, problem.hint);
}

void Replies::notice(std::string_view severity, std::string_view message, std::string_view hint) {
  told('N', severity, severity == "WARNING" ? "01000" : "00000", message, hint);
}

void Replies::copy_out(std::size_t columns) { copy_begins('H', columns); }
void Replies::copy_in(std::size_t columns) { copy_begins('G', columns); }

// In text, each column.
void Replies::copy_begins(char type, std::size_t columns) {
  begin(type);
  out_ += '\0';
  int16(columns);
  for (std::size_t i = 0; i < columns; ++i) int16(0);
  end();
}

void Replies::copy_data(std::string_view line) {
  begin('d');
  out_.append(line);
  end();
}

}  // namespace sceau::connect
