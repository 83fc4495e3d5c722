#include "acts.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::tool;

TEST_GROUP(ActCommands){};

TEST(ActCommands, ARefusalIsShownWithTheCommandThatMakesWhatIsMissing) {
  STRCMP_EQUAL("claire is no agent: an administrator grants the role with role.grant ('sceau role grant')",
               with_commands("claire is no agent: an administrator grants the role with role.grant").c_str());
  STRCMP_EQUAL("add it with authority.add ('sceau ca add') first, then set the policy",
               with_commands("add it with authority.add first, then set the policy").c_str());
  STRCMP_EQUAL("sign with another, or enrol one with token.replace ('sceau token enrol --replaces')",
               with_commands("sign with another, or enrol one with token.replace").c_str());
}

TEST(ActCommands, OtherMentionsAndOtherWordsStayAsTheyAre) {
  for (const char* line :
       {"", "role.grant by alice refused", "with role.grants", "with role.grant.more", "with approval"})
    STRCMP_EQUAL(line, with_commands(line).c_str());
}
