// Verdicts and entries as bytes.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Record){};

TEST(Record, AVerdictReadsBackAsItWasWritten) {
  registry::Verdict verdict;
  verdict.state = "refused";
  verdict.crls = {sha256(as_bytes("crl"))};
  verdict.reason = "no";
  verdict.consumed = false;
  const auto read = registry::parse_verdict(registry::write_verdict(verdict));
  CHECK(read.ok());
  STRCMP_EQUAL("no", read->reason.c_str());
  CHECK_FALSE(read->consumed);
  CHECK(read->crls == verdict.crls);
}

TEST(Record, AnAdmissionIsAsShortAsItCanBe) {
  registry::Verdict verdict;
  verdict.state = "admitted";
  STRCMP_EQUAL("{\"crls\":[],\"state\":\"admitted\"}", to_text(registry::write_verdict(verdict)).c_str());
}

TEST(Record, AReasonWithBytesThatNoTextMayHoldIsWrittenWithoutThem) {
  registry::Verdict verdict;
  verdict.state = "refused";
  verdict.reason = "bad\x01 name \xff";
  const auto read = registry::parse_verdict(registry::write_verdict(verdict));
  CHECK(read.ok());
  STRCMP_EQUAL("bad? name ?", read->reason.c_str());
}

TEST(Record, UnknownFieldsAndStatesAreCorrupt) {
  for (const char* text :
       {"{\"crls\":[],\"more\":1,\"state\":\"admitted\"}", "{\"crls\":[],\"state\":\"maybe\"}",
        "{\"state\":\"admitted\"}", "{\"crls\":[],\"state\":\"refused\"}", "[]", ""}) {
    const auto read = registry::parse_verdict(as_bytes(text));
    CHECK_FALSE(read.ok());
    CHECK(read.error().kind == ErrorKind::corrupt);
  }
}

TEST(Record, AStepKeepsItsDetails) {
  SeededRandom random{1};
  const Digest request = sha256(as_bytes("request"));
  const auto entry =
      registry::make_step(kBegin, request, registry::RequestState::checked, {{"rows", 7}}, random);
  const auto record = registry::record_of(4, entry.value());
  CHECK(record.ok());
  STRCMP_EQUAL("step", record->type.c_str());
  CHECK(record->verdict->request == request);
  LONGS_EQUAL(7, record->verdict->details.at("rows").as_int());
}
