// Who can reach a catalogue's tables in PostgreSQL without the gate.
//
// What PostgreSQL itself knows of rights is asked of it (sections 54.8, 54.16 and 54.10 of its manual:
// pg_class, pg_roles and pg_hba_file_rules), as somebody who may see it: a superuser, to see all.
#pragma once

#include <string>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/source/source.h"

namespace sceau::source {

struct WayRound {
  enum class Grade { closed, open_to_few, open };  // nothing to do; know of it; close it
  Grade grade = Grade::closed;
  std::string about;   // grants, roles, superusers, pg_hba, views, log
  std::string text;    // one line
  std::string advice;  // what to do; empty for closed
};

// `place` connects as whoever looks; `gate` is the role that the gate logs in as. Changes nothing. Fails with
// invalid or unavailable, as open_postgresql and Source::check do.
Result<std::vector<WayRound>> ways_round(const PostgresqlPlace& place, const std::string& gate,
                                         const Catalogue& catalogue);

// What a connection string says itself of who connects to what; empty what it leaves to others.
struct NamedPlace {
  std::string role, database;
};
NamedPlace named_by(const PostgresqlPlace& place);

// The role that a connection string logs in as: its user, or the process's own.
Result<std::string> role_of(const PostgresqlPlace& place);

}  // namespace sceau::source
