// Those who wait for a request's state to change.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "sceau/base/digest.h"

namespace sceau::sceaud {

class Connection;

class Waiters {
 public:
  void add(const Digest& request, const std::shared_ptr<Connection>& connection);
  void remove(const Digest& request, const Connection* connection);
  void notify(const Digest& request);

 private:
  std::mutex mutex_;
  std::multimap<Digest, std::weak_ptr<Connection>> waiting_;
};

}  // namespace sceau::sceaud
