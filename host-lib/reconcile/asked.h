// What a line of the log says was asked: by log_statement, log_min_duration_statement, pgaudit, or an error.
#pragma once

#include <string>
#include <vector>

#include "sceau/reconcile/server_log.h"

namespace sceau::reconcile {

struct Asked {
  enum class How { nothing, statement, audited, failed, unfollowed };
  How how = How::nothing;
  std::string sql;       // of unfollowed: what it was
  std::string prepared;  // statement: the text that an EXECUTE runs, where the log says it
  // A client names its prepared statements: where that name can hide a text, what else it may be that a
  // server can have run.
  std::vector<std::string> otherwise;
  bool extended = false;  // statement: by the extended protocol's Execute
  std::string identity;   // audited: of the statement in its session
  std::string command;    // audited: its tag
  std::string relation;   // audited: that was reached; perhaps empty
};

Asked asked_by(const LogLine& line);

}  // namespace sceau::reconcile
