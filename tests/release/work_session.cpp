#include "work_session.h"

#include <sstream>

namespace test {

using sceau::source::Engine;

std::vector<std::string> statements_of(const std::string& text) {
  std::vector<std::string> statements(1);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool ends = line.ends_with(';');
    if (ends) line.pop_back();
    statements.back() += line + "\n";
    if (ends) statements.emplace_back();
  }
  if (statements.back().find_first_not_of(" \n") == std::string::npos) statements.pop_back();
  return statements;
}

WorkSession::WorkSession(Warehouse::Variant variant, const std::string& name) : variant_(variant) {
  workspace.schema = "sceau_work_" + Warehouse::name_of(variant) + "_" + name;
}

const sceau::source::Table* WorkSession::find(const std::string& table) const {
  for (const auto& one : workspace.tables) {
    if (one->name == table) return one.get();
  }
  return nullptr;
}

std::string WorkSession::work(const std::vector<std::string>& script) {
  const Warehouse& warehouse = Warehouse::get();
  auto planned = sceau::release::plan(warehouse.catalogue(), sceau::release::Kind::work, script, {}, {},
                                      Engine::postgresql, workspace);
  if (!planned) return planned.error().message;
  if (warehouse.has_database()) {
    const sceau::source::Workspace place{workspace.schema, workspace.schema + std::to_string(++scripts_)};
    auto ran = sceau::release::run_work(*planned, warehouse.database(variant_), place,
                                        [] { return sceau::Status{}; }, {});
    if (!ran) return ran.error().message;
  }
  for (const std::string& name : planned->change.dropped)
    std::erase_if(workspace.tables, [&](const auto& table) { return table->name == name; });
  for (const auto& made : planned->change.made) {
    std::erase_if(workspace.tables, [&](const auto& table) { return table->name == made.name; });
    auto table = std::make_shared<sceau::source::Table>(made);
    table->version = static_cast<std::uint64_t>(++scripts_);
    workspace.tables.push_back(std::move(table));
  }
  return {};
}

Answer WorkSession::leave(sceau::release::Kind kind, const std::string& sql) {
  return Warehouse::get().ask_in(workspace, variant_, kind, sql);
}

}  // namespace test
