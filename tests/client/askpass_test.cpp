#include <CppUTest/TestHarness.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "people.h"
#include "sceau/base/files.h"
#include "sceau/client/askpass.h"

using namespace sceau;
using namespace sceau::client;

namespace {

// A program in a folder of its own, named by SCEAU_ASKPASS until the end of the test.
class Program {
 public:
  explicit Program(const std::string& script) : file_(folder_ / "askpass") {
    (void)write_file(file_, as_bytes("#!/bin/sh\n" + script + "\n"), 0700);
    ::setenv("SCEAU_ASKPASS", file_.c_str(), 1);
  }
  ~Program() { ::unsetenv("SCEAU_ASKPASS"); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
  test::Folder folder_;
  std::filesystem::path file_;
};

// What a child process that has the terminal `typed` on showed, and whether it got `expected`.
struct Typing {
  std::string shown;
  int exit_code = -1;
};

Typing type(const std::string& prompt, const std::string& typed, const std::string& expected) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    ::unsetenv("SCEAU_ASKPASS");
    auto pin = ask_secret(prompt);
    const bool right = expected.empty() ? !pin.ok() : pin.ok() && pin->equals(as_bytes(expected));
    ::_exit(right ? 0 : 1);
  }
  Typing typing;
  char buffer[256];
  // The prompt comes when the terminal is quiet already: only then is anything typed.
  while (typing.shown.find(prompt) == std::string::npos) {
    const auto got = ::read(terminal, buffer, sizeof buffer);
    if (got <= 0) break;
    typing.shown.append(buffer, static_cast<std::size_t>(got));
  }
  const bool sent = ::write(terminal, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size());
  while (sent) {
    const auto got = ::read(terminal, buffer, sizeof buffer);
    if (got <= 0) break;
    typing.shown.append(buffer, static_cast<std::size_t>(got));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(terminal);
  typing.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return typing;
}

}  // namespace

TEST_GROUP(Askpass){void teardown() override{::unsetenv("SCEAU_ASKPASS");
}
}
;

TEST(Askpass, TheProgramGetsThePromptAndItsFirstLineIsThePin) {
  const Program program("printf '%s' \"$1\" > \"$(dirname \"$0\")/prompt\"; echo 246824; echo more");
  auto pin = ask_secret("PIN of token A: ");
  CHECK(pin.ok());
  CHECK(pin->equals(as_bytes("246824")));
  STRCMP_EQUAL("PIN of token A: ", to_text(read_file(program.file("prompt")).value()).c_str());
}

TEST(Askpass, AProgramThatFailsOrSaysNothingIsNoPin) {
  {
    const Program program("echo 246824; exit 1");
    CHECK(ask_secret("PIN: ").error().kind == ErrorKind::authentication);
  }
  const Program program("true");
  CHECK(ask_secret("PIN: ").error().kind == ErrorKind::authentication);
}

TEST(Askpass, AProgramThatIsNotThereIsNamed) {
  ::setenv("SCEAU_ASKPASS", "/nowhere/askpass", 1);
  const auto pin = ask_secret("PIN: ");
  CHECK(!pin.ok());
  CHECK(pin.error().message.find("/nowhere/askpass") != std::string::npos);
}

TEST(Askpass, ATypedPinIsTakenAndNeverShown) {
  const auto typing = type("PIN of token A: ", "246824\n", "246824");
  CHECK_EQUAL(0, typing.exit_code);
  CHECK(typing.shown.find("PIN of token A: ") != std::string::npos);
  CHECK(typing.shown.find('2') == std::string::npos);
}

TEST(Askpass, BackspaceAndControlUCorrectWhatWasTyped) {
  CHECK_EQUAL(0, type("PIN: ",
                      "99\x15"
                      "24682\x7F"
                      "24\n",
                      "246824")
                     .exit_code);
}

TEST(Askpass, ControlCControlDAndAnEmptyLineGiveUp) {
  CHECK_EQUAL(0, type("PIN: ", "12\x03", "").exit_code);
  CHECK_EQUAL(0, type("PIN: ", "\x04", "").exit_code);
  CHECK_EQUAL(0, type("PIN: ", "\n", "").exit_code);
}

TEST(Askpass, APinIsAskedOnceForACommandAndAnewWhenForgotten) {
  const Program program("echo x >> \"$(dirname \"$0\")/asked\"; echo 246824");
  TokenPins pins("A (serial 1)");
  CHECK(pins.pin({"A", {}, "sign"}).ok());
  CHECK(pins.pin({"A", {}, "sign"}).ok());
  STRCMP_EQUAL("x\n", to_text(read_file(program.file("asked")).value()).c_str());
  pins.forget();
  CHECK(pins.pin({"A", {}, "sign"}).ok());
  STRCMP_EQUAL("x\nx\n", to_text(read_file(program.file("asked")).value()).c_str());
}

TEST(Askpass, ThePromptNamesTokenPurposeAndTriesLeft) {
  const Program program("printf '%s' \"$1\" > \"$(dirname \"$0\")/prompt\"; echo 246824");
  TokenPins pins("Sceau carol (serial 17)");
  CHECK(pins.pin({"17", 1, "sign with slot 9C"}).ok());
  STRCMP_EQUAL("PIN of token Sceau carol (serial 17), to sign with slot 9C (1 try left): ",
               to_text(read_file(program.file("prompt")).value()).c_str());
}
