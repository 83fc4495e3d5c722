// What a statement of PostgreSQL's log could have read of the protected tables, told from its text alone.
//
// The text is parsed with libpg_query (PostgreSQL 15's grammar) and every relation, function and kind of
// statement in it is looked at by allow-lists: what is not known to be harmless cannot be told, and is never
// taken for harmless. Nothing is asked of the database: a view, or a function, says nothing of what it reads.
//
// What stays unseen: an unqualified built-in function's or operator's name that somebody gave to code of his
// own, with types that fit better. Making such code is a statement that cannot be told, too.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"

namespace sceau::reconcile {

// What is protected in one database.
struct Protected {
  std::string schema = "public";
  std::set<std::string, std::less<>> tables;  // as PostgreSQL spells them
  std::set<std::string, std::less<>>
      others;            // "schema.name" or "name": relations known to show nothing of them
  std::string database;  // that they are in; empty: any
};

// What a statement does with names that live as long as its session, or its transaction, does.
struct NameUse {
  enum class Kind {
    prepare,
    execute,
    deallocate,  // no name: all
    declare,
    declare_hold,
    fetch,  // MOVE, too
    close,  // no name: all
    discard,
    begin,
    commit,
    roll_back,
    savepoint,
    roll_back_to
  };
  Kind kind = Kind::begin;
  std::string name;
};

struct Look {
  enum class Reach {
    nothing,
    touches,
    unknown,
    reads
  };  // touches: names them without showing what they hold
  Reach reach = Reach::nothing;
  std::vector<std::string> why;     // relations that it reads, or what cannot be told; one line each
  std::vector<std::string> quiets;  // what it changes about logging
  bool unfollowed = false;          // something in it cannot be told, whatever else is
  std::vector<NameUse> names;       // in the statement's order
  bool executes_alone = false;      // it is one EXECUTE and nothing else: the log says what it runs
  bool shows_all = false;           // only log_statement = all (or pgaudit) logs such a statement
};
Look look(const std::string& sql, const Protected& protected_tables);
// Of a statement in another database of the same server: what reaches the server's files, what copies or
// renames the protected database, and what quiets the log.
Look look_elsewhere(const std::string& sql, const std::string& database);

// Of a relation that pgaudit names ("public.ir_ben_r", quoted as PostgreSQL quotes).
Look look_at_relation(std::string_view name, const Protected& protected_tables);

// Whether changing this setting can keep statements out of the log, or the log from its place. `value` empty:
// it is reset, or not known.
bool is_about_the_log(std::string_view setting, std::string_view value);

// The statement for a report: one line, at most `most` bytes; constants are written as $1, $2, … and comments
// left out unless `literals`. Of what cannot be taken apart only its first word is shown.
std::string shortened(const std::string& sql, bool literals, std::size_t most = 300);

}  // namespace sceau::reconcile
