// Kinds of statements, and what each may do.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <string>
#include <vector>

#include "sceau/reconcile/look.h"

namespace sceau::reconcile {

// What is read by statements of a kind: as its relations say; nothing, it only names them; or that is not
// known.
Look::Reach reach_of(const PgQuery__Node& statement);
// What changes who may read a relation, or what it is called: it matters for those that are protected.
bool about_rights(const PgQuery__Node& statement);
// What only log_statement = all (or pgaudit) logs.
bool logged_by_all_alone(const PgQuery__Node& statement);
std::string kind_of(const PgQuery__Node& statement);

// The database that CREATE DATABASE copies.
std::string template_of(const PgQuery__CreatedbStmt& made);
// What the statement itself does with names of its session; what it EXECUTEs is found below it.
void names_used(const PgQuery__Node& statement, std::vector<NameUse>& uses);

}  // namespace sceau::reconcile
