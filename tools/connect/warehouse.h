// Where statements about data go: the gate, behind the person's token.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "spool.h"
#include "tables.h"

namespace sceau::connect {

// What SET sceau.… says.
struct Wanted {
  std::string project, purpose, kind = "aggregate", source;
  std::int64_t max_rows = 0;  // 0: what the project allows
};

// Whoever waits for an answer.
class Waiting {
 public:
  Waiting() = default;
  virtual ~Waiting() = default;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  // Said at once: a touch that is awaited, an approval that is pending.
  virtual void notice(const std::string& line, const std::string& hint) = 0;
  // Whether she gave up.
  [[nodiscard]] virtual bool stopped() const = 0;
};

class Warehouse {
 public:
  Warehouse() = default;
  virtual ~Warehouse() = default;
  Warehouse(const Warehouse&) = delete;
  Warehouse& operator=(const Warehouse&) = delete;

  // What may be named under this project. Kept for a while; `anew` asks the gate again. Fails as the gate
  // does.
  virtual Result<std::shared_ptr<const Tables>> tables(const Wanted& wanted, bool anew) = 0;
  // A SELECT: signed, sent, its rows received and verified. Fails as the gate does; unavailable, too, when
  // `waiting` gave up.
  virtual Result<std::unique_ptr<Spool>> rows(const Wanted& wanted, const std::string& sql,
                                              Waiting& waiting) = 0;
  // Statements over the agent's own workspace, in one signature; returns when they are committed, on the
  // gate's word: its signed result follows, and is not read here. Fails as rows() does.
  virtual Status work(const Wanted& wanted, const std::vector<std::string>& sql, Waiting& waiting) = 0;
};

}  // namespace sceau::connect
