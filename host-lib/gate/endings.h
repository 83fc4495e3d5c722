// Scripts whose authors were answered when they were committed, and whose results are on their way into the
// ledger. Whatever their author asks next waits for those: she finds what she was told.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "sceau/base/result.h"

namespace sceau::gate {

class Endings {
 public:
  // From when she may be told until her script's result is in the ledger, or owed.
  class Ending {
   public:
    Ending(Endings& endings, std::string person);
    ~Ending();
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

   private:
    Endings& endings_;
    const std::string person_;
  };

  // Returns when none of hers is on its way, which takes as long as an append. unavailable: it takes longer
  // than a while. Not to be called by who has one.
  Status wait(const std::string& person);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, unsigned> by_person_;
};

}  // namespace sceau::gate
