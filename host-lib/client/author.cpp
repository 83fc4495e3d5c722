#include "sceau/client/author.h"

#include "sceau/base/uuid.h"

namespace sceau::client {

Result<Bytes> Author::write(const Position& position, std::string_view type, std::string_view by,
                            statement::Value body, Time window) const {
  statement::Statement act;
  act.type = type;
  act.realm = position.realm;
  act.id = uuid_v7(*clock_, *random_);
  act.by = by;
  act.at = clock_->now();
  act.until = act.at + window;
  act.after = position.after;
  act.body = std::move(body);
  return statement::write_statement(act);
}

}  // namespace sceau::client
