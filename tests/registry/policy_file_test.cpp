// The policy's file: what it says, and what it may not say.
#include "sceau/registry/policy_file.h"
#include "check.h"

using namespace sceau;
using namespace sceau::test;
using registry::read_policy_file;

namespace {

constexpr const char* kWhole = R"(format = 1
minimum_people = 20
rp_id = "entrepot.exemple.fr"
[retention_days]
access = 400
[approvals.individual]
needed = 2
by = ["carl", "erin", "fay"]
from_another_organisation = 1
[keys]
individual = "clear-sign"
aggregate = "card"
[hours]
offset = "-03:30"
open = [{ days = ["monday", "sunday"], from = "08:15", until = "24:00" }]
[profiles.standard]
default = true
always = ["IR_BEN_R.BEN_SEX_COD"]
together = [["IR_BEN_R.BEN_RES_COM"], ["IR_BEN_R.BEN_NAI_ANN", "ER_PRS_F.EXE_SOI_DTD"]]
[profiles.wide]
projects = ["asthma"]
together = [["IR_BEN_R.BEN_RES_COM", "IR_BEN_R.BEN_NAI_ANN"]]
)";

std::string why_not(const std::string& text) {
  auto file = read_policy_file(text);
  return file ? std::string("(read)") : file.error().message;
}

}  // namespace

#define CHECK_LINE(line, reason, text)                \
  do {                                                \
    const std::string said = why_not(text);           \
    STRCMP_CONTAINS("line " #line ":", said.c_str()); \
    STRCMP_CONTAINS(reason, said.c_str());            \
  } while (false)

TEST_GROUP(PolicyFile){};

TEST(PolicyFile, SaysAllThatItSays) {
  const auto file = read_policy_file(kWhole);
  STRCMP_EQUAL("", file ? "" : file.error().message.c_str());
  LONGS_EQUAL(20, file->settings.at("minimum_people").as_int());
  LONGS_EQUAL(2, file->settings.at("approvals").as_int());
  LONGS_EQUAL(400, file->settings.at("retention_days").find("access")->as_int());
  const registry::Rules& rules = file->rules;
  LONGS_EQUAL(2, rules.approvals.at("individual").needed);
  LONGS_EQUAL(1, rules.approvals.at("individual").from_another);
  LONGS_EQUAL(3, rules.approvals.at("individual").by.size());
  CHECK(rules.keys.at("individual") == registry::KeyKind::clear_sign);
  CHECK(rules.keys.at("aggregate") == registry::KeyKind::card);
  LONGS_EQUAL(-12600, rules.offset);
  LONGS_EQUAL(0x41, rules.hours.front().days);
  LONGS_EQUAL(495, rules.hours.front().from);
  LONGS_EQUAL(1440, rules.hours.front().until);
  LONGS_EQUAL(2, rules.profiles.size());
  CHECK(rules.profiles.front().everybody);
  LONGS_EQUAL(2, rules.profiles.front().together.size());
}

TEST(PolicyFile, OfThisFormat) {
  STRCMP_CONTAINS("must begin with format = 1", why_not("minimum_people = 11\n").c_str());
  STRCMP_CONTAINS("line 2: not TOML", why_not("format = 1\nminimum_people = \n").c_str());
  STRCMP_CONTAINS("may have 16384", why_not(std::string(70000, '#')).c_str());
}

TEST(PolicyFile, WithoutWhatItDoesNotKnow) {
  CHECK_LINE(2, "\"minimum_persons\" is unknown", "format = 1\nminimum_persons = 11\n");
  CHECK_LINE(3, "\"of\" is unknown in approvals.individual", "format = 1\n[approvals.individual]\nof = 3\n");
  CHECK_LINE(3, "use work, aggregate or individual", "format = 1\n[keys]\nexport = \"card\"\n");
  CHECK_LINE(3, "\"pin\" is unknown: use clear-sign", "format = 1\n[keys]\nwork = \"pin\"\n");
  CHECK_LINE(4, "\"zone\" is unknown",
             "format = 1\n[hours]\nopen = [{ days = [\"monday\"], from = \"08:00\", until = \"09:00\" "
             "}]\nzone = 1\n");
  CHECK_LINE(3, "\"except\" is unknown", "format = 1\n[profiles.a]\nexcept = []\n");
}

TEST(PolicyFile, WithoutValuesOfAnotherKind) {
  CHECK_LINE(2, "must be a whole number", "format = 1\nminimum_people = \"11\"\n");
  CHECK_LINE(2, "must be a quoted text", "format = 1\nrp_id = 3\n");
  CHECK_LINE(2, "must be a table a kind", "format = 1\napprovals = 2\n");
  CHECK_LINE(4, "list of quoted texts", "format = 1\n[approvals.work]\nneeded = 1\nby = \"carl\"\n");
  CHECK_LINE(3, "time of day",
             "format = 1\n[hours]\nopen = [{ days = [\"monday\"], from = \"8h\", until = \"09:00\" }]\n");
  CHECK_LINE(3, "names of zones", "format = 1\n[hours]\noffset = \"Europe/Paris\"\n");
}

TEST(PolicyFile, NeverBelowTheFloors) {
  CHECK_LINE(2, "must be 11 or more", "format = 1\nminimum_people = 10\n");
  CHECK_LINE(2, "and 85 or less", "format = 1\ndominance_percent = 86\n");
  CHECK_LINE(3, "must be 1 or more", "format = 1\n[approvals.individual]\nneeded = 0\n");
}

TEST(PolicyFile, ShowsWhatItSays) {
  CHECK_LINE(3, "bidirectional", "format = 1\nminimum_people = 20\nrow_limit = 9 # \u202E000 = timil_wor\n");
  CHECK_LINE(2, "bidirectional", "format = 1\r\n# \u2066\r\n");
  STRCMP_EQUAL("(read)", why_not("format = 1\r\n# la\tpolitique de l'entrepôt\r\n").c_str());
}

TEST(PolicyFile, WithoutContradictions) {
  CHECK_LINE(2, "nobody could ever get them",
             "format = 1\n[approvals.individual]\nneeded = 2\nby = [\"carl\"]\n");
  CHECK_LINE(2, "raise needed", "format = 1\n[approvals.work]\nneeded = 1\nfrom_another_organisation = 2\n");
  CHECK_LINE(3, "names \"carl\" twice",
             "format = 1\n[approvals.work]\nby = [\"carl\", \"carl\"]\nneeded = 1\n");
  CHECK_LINE(2, "nothing could ever be asked", "format = 1\n[hours]\noffset = \"Z\"\n");
  CHECK_LINE(3, "ends before it begins",
             "format = 1\n[hours]\nopen = [{ days = [\"monday\"], from = \"20:00\", until = \"06:00\" }]\n");
  CHECK_LINE(2, "names no column", "format = 1\n[profiles.none]\ndefault = true\n");
  CHECK_LINE(2, "is nobody's", "format = 1\n[profiles.none]\nalways = [\"A.B\"]\n");
  CHECK_LINE(6, "dora is in profiles.b and in profiles.a",
             "format = 1\n[profiles.a]\npeople = [\"dora\"]\nalways = [\"A.B\"]\n\n[profiles.b]\npeople = "
             "[\"dora\"]\nalways = [\"A.C\"]\n");
}
