// What an agent may name in SQL, as her programs ask the gate for it.
#include <CppUTest/TestHarness.h>

#include "gate_home.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(CatalogueDocument) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  [[nodiscard]] Result<std::string> ask(const std::string& person, std::string_view project = "asthma",
                                        std::string_view source = "snds") {
    return gate->catalogue_document(test::log_in(home, *gate, person), project, source);
  }
  void refused(const Result<std::string>& document, const char* why) {
    CHECK_FALSE(document.ok());
    CHECK(document.error().kind == ErrorKind::refused);
    STRCMP_CONTAINS(why, document.error().message.c_str());
  }
};

TEST(CatalogueDocument, NamesTablesColumnsTypesAndLabels) {
  const auto document = ask("dora");
  CHECK(document.ok());
  STRCMP_CONTAINS(R"("engine":"sqlite","project":"asthma","source":"snds","tables":[{"columns":[)",
                  document->c_str());
  STRCMP_CONTAINS(R"({"label":"person_key","name":"BEN_NIR_PSA","type":"text"})", document->c_str());
  STRCMP_CONTAINS(R"("name":"IR_BEN_R","workspace":false)", document->c_str());
}

TEST(CatalogueDocument, IsForThoseWhoWorkInTheProjectNow) {
  refused(ask("carl"), "carl is not assigned");
  refused(ask("dora", "cancer"), "not assigned");
  refused(ask("dora", "asthma", "other"), "does not cover");
  refused(ask("dora", ""), "not assigned");
  home.world.clock.advance(Time{20} * 366 * 86400);
  CHECK_FALSE(gate->catalogue_document({"dora"}, "asthma", "snds").ok());
}
