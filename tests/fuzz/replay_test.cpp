// Every file of tests/fuzz/corpus, through the target that its folder is named after.
#include <filesystem>
#include <set>
#include <string>

#include "../sampling.h"
#include "fuzz.h"
#include "sceau/base/files.h"
#include "targets.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

namespace {

std::string current;  // the input that is tried

}  // namespace

namespace sceau::fuzz {

void require(bool holds, std::string_view what) {
  if (!holds) FAIL((current + " shows what must never be: " + std::string(what)).c_str());
}

}  // namespace sceau::fuzz

namespace {

// In the order of their names, so that a failure is the same one the next time.
void replay(const std::string& name, void (*target)(sceau::ByteView)) {
  const std::filesystem::path folder = std::filesystem::path(SCEAU_FUZZ_CORPUS) / name;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
  CHECK_TEXT(files.size() >= 3, "the corpus is not where it should be");
  std::size_t place = 0;
  for (const std::filesystem::path& file : files) {
    if (!sceau::test::is_sampled(place++)) continue;
    const auto bytes = sceau::read_file(file);
    CHECK_TEXT(bytes.ok(), file.c_str());
    current = name + "/" + file.filename().string();
    target(*bytes);
  }
  current = name + " of nothing";
  target({});
}

}  // namespace

#define SCEAU_REPLAY(group, target) \
  TEST_GROUP(Fuzz##group){};        \
  TEST(Fuzz##group, EachInputOfTheCorpusIsSurvived) { replay(#target, sceau::fuzz::target); }

SCEAU_REPLAY(Card, card)
SCEAU_REPLAY(Provider, provider)
SCEAU_REPLAY(Browser, browser)
SCEAU_REPLAY(Json, json)
SCEAU_REPLAY(Evidence, evidence)
SCEAU_REPLAY(Note, note)
SCEAU_REPLAY(Certificate, certificate)
SCEAU_REPLAY(Policy, policy)
SCEAU_REPLAY(Sql, sql)
SCEAU_REPLAY(Apdu, apdu)
SCEAU_REPLAY(ClearSign, clearsign)
SCEAU_REPLAY(Custodian, custodian)
SCEAU_REPLAY(Cbor, cbor)
SCEAU_REPLAY(Ctap, ctap)
SCEAU_REPLAY(CtapHid, ctaphid)
SCEAU_REPLAY(Store, store)
SCEAU_REPLAY(Usb, usb)
SCEAU_REPLAY(Wire, wire)
SCEAU_REPLAY(Agent, agent)
