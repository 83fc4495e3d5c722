// What a session's own PREPARE and DECLARE named, as long as it lives: whatever else an EXECUTE or a FETCH
// names was made in the protocol (Parse, Bind), which no log shows. A client that closes such a name in the
// protocol and makes another of it there stays unseen here; pgaudit names what it reads.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sceau/reconcile/look.h"

namespace sceau::reconcile {

class Named {
 public:
  // Goes through what one text does with names, in its order. Returns why what it runs cannot be told, one
  // line a name. `vouched`: the log itself says what its EXECUTE runs. `makes` false: it may never have run,
  // so that it names nothing, and ends what it would end.
  std::vector<std::string> follow(const std::vector<NameUse>& uses, bool vouched, bool makes);
  // The text that was followed last failed somewhere: nothing that it made can be relied on.
  void failed();

 private:
  struct Cursor {
    bool hold = false, committed = false, after_savepoint = false;
  };
  void make(const NameUse& use);
  void end(const NameUse& use);
  void commit();
  void roll_back();

  std::set<std::string, std::less<>> prepared_;
  std::map<std::string, Cursor, std::less<>> cursors_;
  std::set<std::string, std::less<>> last_prepared_, last_cursors_;  // made, or committed, by the last text
  bool in_block_ = false, savepoint_ = false;
};

}  // namespace sceau::reconcile
