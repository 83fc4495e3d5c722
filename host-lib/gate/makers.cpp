#include "makers.h"

#include <algorithm>
#include <cctype>
#include <deque>

#include "sceau/statement/statement.h"

namespace sceau::gate {
namespace {

bool is_of_a_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (c & 0x80) != 0;
}

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// As a whole word, in any case; `text` is lowered.
bool names(const std::string& text, const std::string& name) {
  const std::string word = lowered(name);
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_of_a_name(text[at - 1])) && (end == text.size() || !is_of_a_name(text[end])))
      return true;
  }
  return false;
}

std::string sql_of(const statement::Value& body) {
  std::string text;
  const auto sql = statement::texts_field(body, "sql");
  if (!sql) return text;
  for (const std::string& one : *sql) text.append(one).append("\n");
  return lowered(std::move(text));
}

class Search {
 public:
  Search(const Recorder& recorder, const registry::WorkspaceKey& workspace) : recorder_(recorder) {
    recorder.read([&](const registry::Registry& registry) {
      for (const registry::Request* one : registry.requests()) {
        if (one->kind == "work" && one->result && workspace_of(*one) == workspace)
          scripts_.emplace(*one->result, one->digest);
      }
    });
  }

  void read(const registry::WorkTables* tables, const std::string& sql, const std::vector<std::string>& own) {
    if (tables == nullptr) return;
    for (const auto& [name, table] : *tables) {
      if (std::ranges::find(own, name) == own.end() && !names(sql, name)) continue;
      if (const auto result = statement::int_field(*table, "entry"))
        made(name, static_cast<std::uint64_t>(*result));
    }
  }

  Makers follow() {
    for (; !fresh_.empty(); fresh_.pop_front()) {
      const registry::Request& script = found_.scripts.at(fresh_.front()).script;
      const auto opening = recorder_.log().opening(script.entry);
      if (!opening) continue;  // it was erased
      const auto act = statement::read_statement(opening->statement);
      if (act) read(script.workspace.get(), sql_of(act->body), {});
    }
    return std::move(found_);
  }

 private:
  void made(const std::string& table, std::uint64_t result) {
    const auto script = scripts_.find(result);
    if (script == scripts_.end()) return;
    auto known =
        recorder_.read([&](const registry::Registry& registry) { return *registry.request(script->second); });
    const std::uint64_t entry = known.entry;
    if (!found_.scripts.contains(entry)) {
      if (found_.scripts.size() == kMostMakers) {
        found_.or_more = true;
        return;
      }
      found_.scripts.emplace(entry, Maker{std::move(known), {}});
      fresh_.push_back(entry);
    }
    found_.scripts.at(entry).tables.insert(table);
  }

  const Recorder& recorder_;
  std::map<std::uint64_t, Digest> scripts_;  // by their results' entries
  Makers found_;
  std::deque<std::uint64_t> fresh_;
};

}  // namespace

Makers makers_of(const Recorder& recorder, const registry::Request& request, const statement::Value& body,
                 const std::vector<std::string>& own) {
  const auto& tables = request.running ? request.workspace : request.asked_over;
  if (!tables) return {};
  Search search(recorder, workspace_of(request));
  search.read(tables.get(), sql_of(body), own);
  return search.follow();
}

}  // namespace sceau::gate
