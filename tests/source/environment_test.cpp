// libpq's variables in the environment lead a source nowhere else.
#include "sceau/source/environment.h"

#include <cstdlib>

#include "sceau/source/source.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::source;

namespace {

// There for as long as this is.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

std::string opening() {
  const auto source = open_postgresql({"host=/nowhere user=gate dbname=d", "s"});
  return source ? "" : source.error().message;
}

}  // namespace

TEST_GROUP(PostgresqlEnvironment){};

TEST(PostgresqlEnvironment, OneThatSaysNothingIsFine) {
  CHECK(check_environment().ok());
  STRCMP_EQUAL("", opening().c_str());
}

TEST(PostgresqlEnvironment, NoSourceOpensWhereAVariableCouldLeadItElsewhere) {
  for (const char* name :
       {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE",
        "PGSERVICEFILE", "PGSYSCONFDIR", "PGOPTIONS", "PGSSLMODE", "PGSSLROOTCERT", "PGTARGETSESSIONATTRS",
        "PGTZ", "PGDATESTYLE", "PGGEQO", "PGREQUIRESSL"}) {
    const Variable set(name, "hunter2");
    CHECK_TEXT(check_environment().error().kind == ErrorKind::unavailable, name);
    STRCMP_CONTAINS(name, opening().c_str());
    CHECK_TEXT(opening().find("hunter2") == std::string::npos, name);
  }
}

TEST(PostgresqlEnvironment, AllOfThemAreNamedAtOnce) {
  const Variable host("PGHOST", "/elsewhere");
  const Variable options("PGOPTIONS", "");
  const std::string said = opening();
  STRCMP_CONTAINS("PGHOST", said.c_str());
  STRCMP_CONTAINS("PGOPTIONS", said.c_str());
}
