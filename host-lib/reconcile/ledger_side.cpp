#include "ledger_side.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "planned.h"

namespace sceau::reconcile {
namespace {

enum class Form { plain, copied, planned };

struct Inner {
  Form form = Form::plain;
  std::string_view text;
};

// What the gate wraps around a statement (postgresql.cpp, postgresql_plan.cpp), to the letter.
Inner unwrapped(std::string_view statement) {
  constexpr std::string_view copy = "COPY (";
  constexpr std::string_view out = ") TO STDOUT";
  for (const std::string_view plan : plan_prefixes) {
    if (statement.starts_with(plan)) return {Form::planned, statement.substr(plan.size())};
  }
  if (statement.size() > copy.size() + out.size() && statement.starts_with(copy) && statement.ends_with(out))
    return {Form::copied, statement.substr(copy.size(), statement.size() - copy.size() - out.size())};
  return {Form::plain, statement};
}

// COPY takes no parameters: what has them runs as it is.
bool is_bound(std::string_view text) { return text.find("CAST($1 AS ") != std::string_view::npos; }

Digest digest_of_text(const std::string& sql) {
  constexpr std::string_view prefix = "sha256:";
  if (sql.starts_with(prefix)) {
    if (auto digest = digest_from_hex(sql.substr(prefix.size()))) return *digest;
  }
  return sha256(as_bytes(sql));
}

std::string name_of(const Ran& ran) {
  return "request " + to_hex(ran.request).substr(0, 12) + " (entry " + std::to_string(ran.entry) + ")";
}

}  // namespace

LedgerSide::LedgerSide(std::vector<Ran> ran, Time tolerance) : ran_(std::move(ran)), tolerance_(tolerance) {
  for (std::size_t request = 0; request < ran_.size(); ++request) {
    for (std::size_t i = 0; i < ran_[request].sql.size(); ++i) {
      auto& wanted = by_text_[digest_of_text(ran_[request].sql[i])];
      if (wanted.empty() || wanted.back().request != request) wanted.push_back({request, 0, i});
      ++wanted.back().runs;
    }
  }
}

// Leaves say seconds: a request that ended in a second ran in all of it.
bool LedgerSide::runs_at(const Ran& ran, std::int64_t at) const {
  if (at < (ran.from - tolerance_) * 1000) return false;
  return !ran.until || at < (*ran.until + tolerance_ + 1) * 1000;
}

bool LedgerSide::take(const std::string& statement, std::int64_t at, std::string& why) {
  why.clear();
  const Inner inner = unwrapped(statement);
  const auto found = by_text_.find(sha256(as_bytes(inner.text)));
  if (found == by_text_.end()) return false;
  for (Wanted& wanted : found->second) {
    const Ran& ran = ran_[wanted.request];
    const bool as_it_is = ran.work || is_bound(inner.text);
    if (inner.form != Form::planned && as_it_is != (inner.form == Form::plain)) {
      if (why.empty())
        why = "it has the text of " + name_of(ran) + ", and not the form that the gate gives it";
      continue;
    }
    if (!runs_at(ran, at)) {
      if (why.empty())
        why = "it has the text of " + name_of(ran) + ", which ran from " + to_rfc3339(ran.from) +
              (ran.until ? " to " + to_rfc3339(*ran.until) : std::string(" on"));
      continue;
    }
    if (inner.form == Form::planned) return true;
    if (wanted.runs == 0) {
      why = name_of(ran) + " ran it once already";
      continue;
    }
    --wanted.runs;
    return true;
  }
  return false;
}

bool LedgerSide::knows(const std::string& statement, std::int64_t at) const {
  const auto found = by_text_.find(sha256(as_bytes(unwrapped(statement).text)));
  return found != by_text_.end() && std::ranges::any_of(found->second, [&](const Wanted& wanted) {
           return runs_at(ran_[wanted.request], at);
         });
}

std::vector<Unlogged> LedgerSide::missing(std::int64_t first, std::int64_t last, bool literals,
                                          std::uint64_t& looked_for) const {
  std::vector<Unlogged> all;
  std::set<std::size_t> requests;
  for (const auto& [text, wanted] : by_text_) {
    for (const Wanted& one : wanted) {
      const Ran& ran = ran_[one.request];
      if (!ran.all_of_it || ran.from * 1000 < first || ran.from * 1000 > last) continue;
      requests.insert(one.request);
      const std::string& sql = ran.sql[one.first];
      for (std::size_t i = 0; i < one.runs; ++i)
        all.push_back({ran.request, ran.entry, ran.person, ran.from,
                       sql.starts_with("sha256:") ? sql : shortened(sql, literals)});
    }
  }
  looked_for = requests.size();
  std::ranges::sort(all, {}, &Unlogged::entry);
  return all;
}

}  // namespace sceau::reconcile
