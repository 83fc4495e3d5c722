#include "sceau/source/source.h"

namespace sceau::source {

Result<Engine> engine_from(std::string_view text) {
  if (text == "sqlite") return Engine::sqlite;
  if (text == "postgresql") return Engine::postgresql;
  return Error{ErrorKind::invalid,
               "\"" + std::string(text) + "\" is no kind of source: it is sqlite or postgresql"};
}

}  // namespace sceau::source
