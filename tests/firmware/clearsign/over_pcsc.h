// The simulated token "alice", through pcscd.
#pragma once

#include <cstdlib>
#include <memory>

#include "sceau/base/clock.h"
#include "sceau/token/reader.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

namespace sceau::test {

inline constexpr Time kSampleTime = 1795339860;  // in the window of the samples

inline std::unique_ptr<token::Channel> connect() {
  auto readers = token::Readers::open();
  CHECK(readers.ok());
  const char* name = std::getenv("SCEAU_READER_alice");  // NOLINT(concurrency-mt-unsafe): one thread
  CHECK(name != nullptr);
  auto channel = readers->connect(name);
  CHECK_TEXT(channel.ok(), channel ? "" : channel.error().message.c_str());
  return std::move(*channel);
}

}  // namespace sceau::test
