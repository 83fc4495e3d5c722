// COPY … FROM STDIN, from the statement to the last INSERT. See copy_in.h.
#include "session.h"
#include "translator.h"
#include "tree.h"

namespace sceau::connect {

// A table may have been made since, by another session: the gate is asked again before it is missing.
Result<const Table*> Session::own_table(const std::string& name) {
  const Wanted wanted = settings_.wanted();
  if (wanted.project.empty()) return no_project();
  for (const bool anew : {false, true}) {
    auto tables = warehouse_.tables(wanted, anew);
    if (!tables) return tables.error();
    tables_ = *tables;  // which holds what is found
    catalogue_.reset();
    if (const Table* found = tables_->find(name)) return found;
  }
  return Error{ErrorKind::not_found, "relation \"" + name + "\" does not exist"};
}

Session::Reply Session::copy_from(const Sentence& sentence) {
  const auto& statement = *sentence.node->copy_stmt;
  if (statement.relation == nullptr || statement.where_clause != nullptr)
    return fail(Problem{"0A000", "COPY … FROM STDIN takes a table and no WHERE", {}});
  const std::string_view schema = statement.relation->schemaname;
  if (!schema.empty() && schema != "public")
    return fail(Problem{"3F000", "schema \"" + std::string(schema) + "\" does not exist", {}});
  auto format = read_copy_format(statement);
  if (!format) return fail_locally(format.error());
  auto table = own_table(statement.relation->relname);
  if (!table) return fail(table.error());
  std::vector<Column> columns;
  if (auto wrong = copied_columns(**table, statement, columns)) return fail(*wrong);
  replies_.copy_in(columns.size());
  copying_ = std::make_unique<Copying>(
      Copying{{(*table)->name, std::move(columns), std::move(*format)}, false, {}, 0});
  return true;
}

// Until its end, a COPY takes nothing but its data.
bool Session::copy_message(const Message& message) {
  switch (message.type) {
    case 'd': {
      if (stopped()) return copy_ended(fail(Error{ErrorKind::unavailable, "COPY was given up"}));
      const auto wrong = copying_->in.take(message.body);
      return wrong ? copy_ended(fail(*wrong)) : true;
    }
    case 'c':
      return copy_ended(copied());
    case 'f': {
      const auto why = read_text(message.body);
      return copy_ended(
          fail(Problem{"57014", "COPY from stdin failed: " + (why ? *why : std::string("no reason")), {}}));
    }
    case 'H':
    case 'S':
      return true;
    case 'X':
      return false;
    default:
      return copy_ended(
          fail(Problem{"08P01", "a message of another kind in the middle of COPY FROM STDIN", {}}));
  }
}

bool Session::copy_ended(bool good) {
  const auto ended = std::move(copying_);
  if (ended->extended) {
    skipping_ = !good;
    return true;
  }
  if (good) return go_on(std::move(ended->rest), ended->at);
  ready();
  return true;
}

// As many signed statements as it needs. What was done before one that fails stays done: that is said.
Session::Reply Session::copied() {
  std::vector<CopiedPart> parts;
  if (auto wrong = copying_->in.end(parts)) return fail(*wrong);
  flush();
  std::size_t rows = 0;
  for (const auto& part : parts) {
    const Status done = stopped() ? Status(Error{ErrorKind::unavailable, "COPY was given up"})
                                  : warehouse_.work(settings_.wanted(), {part.sql}, *this);
    if (!done) {
      Problem problem = problem_of(done.error());
      if (rows > 0) {
        replies_.notice("WARNING",
                        "rows 1 to " + std::to_string(rows) + " of this COPY were signed before, and stay",
                        "DELETE FROM " + name_quoted(copying_->in.table()) + " takes out all that it holds.");
      }
      return fail(problem);
    }
    rows += part.count;
    work_done_ = true;
    catalogue_.reset();
  }
  replies_.complete("COPY " + std::to_string(rows));
  return true;
}

}  // namespace sceau::connect
