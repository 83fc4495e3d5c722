// Scripts that are committed and whose results are on their way into the ledger. What their authors ask next
// waits for those: whoever was told of a commit finds it.
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

  // Returns when no result of hers is on its way. unavailable: one still is after five seconds. Not for the
  // thread that has her Ending: it would wait for itself.
  Status wait(const std::string& person);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, unsigned> by_person_;
};

}  // namespace sceau::gate
