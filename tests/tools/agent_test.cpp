#include <CppUTest/TestHarness.h>
#include <sys/socket.h>

#include <array>

#include "agent.h"

using namespace sceau;
using namespace sceau::tool;

TEST_GROUP(Agent){
    static ErrorKind refusal(const std::string& body){const auto read = read_agent_request(as_bytes(body));
CHECK_TEXT(!read.ok(), body.c_str());
return read.error().kind;
}
}
;

TEST(Agent, RequestsAreReadAsTheyAreWritten) {
  const AgentRequest request{true, token::Slot::session, to_bytes(as_bytes(std::string_view("statement")))};
  const auto read = read_agent_request(write_agent_request(request));
  CHECK(read.ok());
  CHECK(read->sign && read->slot == token::Slot::session && read->statement == request.statement);
  CHECK(!read_agent_request(write_agent_request({false, token::Slot::signature, {}}))->sign);
}

TEST(Agent, WhatIsNotARequestIsRefused) {
  for (const char* body :
       {"", "x", "{}", "[]", R"({"act":"sign","slot":"9C"})", R"({"act":"identity","slot":"9D"})",
        R"({"act":"identity","slot":"F9"})", R"({"act":"erase","slot":"9C"})",
        R"({"act":"identity","pin":"1","slot":"9C"})", R"({"slot":"9C","act":"identity"})",
        R"({"act":"sign","slot":"9C","statement":"!"})"})
    CHECK(refusal(body) == ErrorKind::invalid);
}

TEST(Agent, ErrorsKeepTheirKind) {
  const auto answer = read_agent_answer(write_agent_error({ErrorKind::authentication, "wrong PIN"}));
  CHECK(!answer.ok());
  CHECK(answer.error().kind == ErrorKind::authentication);
  STRCMP_EQUAL("wrong PIN", answer.error().message.c_str());
  CHECK(read_agent_answer(as_bytes(std::string_view("HTTP/1.1 400"))).error().kind == ErrorKind::corrupt);
}

TEST(Agent, FramesHaveAnEndAndABound) {
  std::array<int, 2> ends{};
  LONGS_EQUAL(0, ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
  const FileDescriptor here(ends[0]);
  FileDescriptor there(ends[1]);
  CHECK(send_frame(there.get(), as_bytes(std::string_view("body"))).ok());
  STRCMP_EQUAL("body", to_text(*receive_frame(here.get())).c_str());
  const std::array<std::uint8_t, 4> giant{0, 1, 0, 1};
  LONGS_EQUAL(4, ::send(there.get(), giant.data(), giant.size(), 0));
  CHECK(receive_frame(here.get()).error().kind == ErrorKind::invalid);
  const std::array<std::uint8_t, 5> half{0, 0, 0, 9, 'x'};
  LONGS_EQUAL(5, ::send(there.get(), half.data(), half.size(), 0));
  there.reset();
  CHECK(receive_frame(here.get()).error().kind == ErrorKind::unavailable);
}

TEST(Agent, ThatIsNotThereIsNotFound) {
  Workplace place;
  AgentClient nobody("/nowhere/agent.sock");
  CHECK(nobody.identity(token::Slot::signature).error().kind == ErrorKind::not_found);
  CHECK(Holder::open(place, "agent:/nowhere/agent.sock").error().kind == ErrorKind::not_found);
}
