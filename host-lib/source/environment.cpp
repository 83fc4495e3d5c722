#include "sceau/source/environment.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <string>

#include "sceau/base/handle.h"

namespace sceau::source {
namespace {

// What libpq reads beside the variables of its options.
constexpr const char* kOthers[] = {"PGDATESTYLE",   "PGGEQO",       "PGREQUIRESSL",
                                   "PGSERVICEFILE", "PGSYSCONFDIR", "PGTZ"};

void add_if_set(const char* name, std::string& names) {
  if (name == nullptr || std::getenv(name) == nullptr)
    return;  // NOLINT(concurrency-mt-unsafe): nobody sets it
  names.append(names.empty() ? "" : ", ").append(name);
}

}  // namespace

Status check_environment() {
  std::string names;
  const Handle<PQconninfoOption, PQconninfoFree> options(PQconndefaults());
  if (!options)
    return Error{ErrorKind::unavailable, "reading libpq's options: there is no memory left: start it again"};
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one)
    add_if_set(one->envvar, names);
  for (const char* name : kOthers) add_if_set(name, names);
  if (names.empty()) return {};
  return Error{ErrorKind::unavailable,
               "the environment has " + names +
                   ", which could lead elsewhere than the connection string says: unset it, and write what "
                   "is wanted of it into the connection string (passfile=… for a password)"};
}

}  // namespace sceau::source
