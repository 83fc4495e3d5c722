#include <CppUTest/TestHarness.h>

#include "registry_view.h"

using namespace sceau;
using namespace sceau::tool;

TEST_GROUP(RegistryView){};

TEST(RegistryView, ADayIsItsLastSecondOrItsFirst) {
  CHECK_EQUAL(from_rfc3339("2027-12-31T23:59:59Z").value(), read_date("2027-12-31").value());
  CHECK_EQUAL(from_rfc3339("2027-12-31T00:00:00Z").value(), read_date("2027-12-31", true).value());
  CHECK_EQUAL(from_rfc3339("2027-12-31T18:00:00Z").value(), read_date("2027-12-31T18:00:00Z").value());
}

TEST(RegistryView, OtherDatesAreRefusedWithAnExample) {
  for (const char* text : {"", "tomorrow", "31/12/2027", "2027-13-01", "2027-12-31 18:00"}) {
    const auto date = read_date(text);
    CHECK_TEXT(!date.ok(), text);
    CHECK(date.error().message.find("2027-12-31") != std::string::npos);
  }
}

TEST(RegistryView, FieldsReadAsPeopleReadThem) {
  const statement::Value entry = statement::Object{
      {"name", "Carol"},
      {"max_rows", 10},
      {"closed", false},
      {"kinds", statement::Array{"aggregate", "individual"}},
      {"roles",
       statement::Array{statement::Object{{"role", "agent"}}, statement::Object{{"role", "auditor"}}}}};
  STRCMP_EQUAL("Carol", field_text(entry, "name").c_str());
  STRCMP_EQUAL("10", field_text(entry, "max_rows").c_str());
  STRCMP_EQUAL("no", field_text(entry, "closed").c_str());
  STRCMP_EQUAL("aggregate,individual", field_text(entry, "kinds").c_str());
  STRCMP_EQUAL("agent,auditor", field_text(entry, "roles").c_str());
  STRCMP_EQUAL("", field_text(entry, "missing").c_str());
}
