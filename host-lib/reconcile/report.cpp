// The report as JSON.
#include "sceau/reconcile/reconcile.h"

namespace sceau::reconcile {
namespace {

// The log's texts are the database's, in any encoding: what JSON here may not hold is replaced.
std::string safe(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  if (statement::check_text(text)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

std::string time_text(std::int64_t milliseconds) {
  std::string text = to_rfc3339(milliseconds / 1000);
  const std::string part = std::to_string(1000 + milliseconds % 1000).substr(1);
  text.insert(text.size() - 1, "." + part);
  return text;
}

statement::Array listed(const std::vector<Listed>& all) {
  statement::Array values;
  values.reserve(all.size());
  for (const Listed& one : all) {
    values.emplace_back(statement::Object{{"application", safe(one.application)},
                                          {"at", time_text(one.at)},
                                          {"database", safe(one.database)},
                                          {"host", safe(one.host)},
                                          {"line", one.number},
                                          {"pid", one.process},
                                          {"session", safe(one.session)},
                                          {"sql", safe(one.text)},
                                          {"user", safe(one.user)},
                                          {"why", safe(one.why)}});
  }
  return values;
}

statement::Array unlogged(const std::vector<Unlogged>& all) {
  statement::Array values;
  values.reserve(all.size());
  for (const Unlogged& one : all) {
    values.emplace_back(statement::Object{{"entry", one.entry},
                                          {"from", to_rfc3339(one.from)},
                                          {"person", one.person},
                                          {"request", one.request},
                                          {"sql", safe(one.text)}});
  }
  return values;
}

statement::Array lines(const std::vector<std::string>& all) {
  statement::Array values;
  values.reserve(all.size());
  for (const std::string& one : all) values.emplace_back(safe(one));
  return values;
}

}  // namespace

statement::Value to_value(const Report& report) {
  statement::Object value{
      {"gaps", lines(report.gaps)},      {"lines", report.lines},
      {"matched", report.matched},       {"notes", lines(report.notes)},
      {"quiets", listed(report.quiets)}, {"reads", listed(report.reads)},
      {"requests", report.requests},     {"statements", report.statements},
      {"touches", report.touches},       {"unlogged", unlogged(report.unlogged)},
      {"untold", listed(report.untold)}, {"verdict", report.ok() ? "explained" : "unexplained"}};
  if (report.first) value.emplace("first", time_text(*report.first));
  if (report.last) value.emplace("last", time_text(*report.last));
  return value;
}

}  // namespace sceau::reconcile
