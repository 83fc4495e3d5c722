#include "sceau/client/askpass.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "sceau/base/files.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves the declaration to us

namespace sceau::client {
namespace {

constexpr std::size_t kLongestSecret = 128;

Error gave_up() { return {ErrorKind::authentication, "no PIN was given: nothing was signed or sent"}; }

Status write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return Error{ErrorKind::unavailable, "the terminal cannot be written to: " + system_error_text(errno)};
    }
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// The terminal without echo, signals or line editing of its own, so that no copy of a PIN stays in its
// buffers and Ctrl-C cannot leave it silent. Put back by the destructor.
class QuietTerminal {
 public:
  explicit QuietTerminal(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor_, &before_) != 0) return;
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    changed_ = ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  [[nodiscard]] bool quiet() const { return changed_; }

 private:
  int descriptor_;
  termios before_{};
  bool changed_ = false;
};

enum class Typed { more, done, gave_up };

// One character, as a line editor takes it.
Typed take(char character, std::span<std::uint8_t> held, std::size_t& length) {
  switch (character) {
    case '\r':
    case '\n':
      return Typed::done;
    case 0x03:  // Ctrl-C
    case 0x04:  // Ctrl-D
      return Typed::gave_up;
    case 0x7F:
    case 0x08:
      if (length > 0) held[--length] = 0;
      return Typed::more;
    case 0x15:  // Ctrl-U
      wipe(held.first(length));
      length = 0;
      return Typed::more;
    default:
      if (static_cast<unsigned char>(character) >= 0x20 && length < held.size()) {
        held[length++] = static_cast<std::uint8_t>(character);
      }
      return Typed::more;
  }
}

Result<Secret> type_secret(int terminal) {
  auto held = Secret::sized(kLongestSecret);
  std::size_t length = 0;
  for (;;) {
    char character = 0;
    const auto got = ::read(terminal, &character, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return gave_up();
    const auto typed = take(character, held.writable(), length);
    wipe({reinterpret_cast<std::uint8_t*>(&character), 1});
    if (typed == Typed::gave_up) return gave_up();
    if (typed == Typed::done) break;
  }
  if (length == 0) return gave_up();
  return Secret(held.view().first(length));
}

Result<FileDescriptor> open_terminal() {
  FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) {
    return Error{
        ErrorKind::authentication,
        "there is no terminal to ask on: run this at a terminal, or name a program that prints the PIN "
        "in SCEAU_ASKPASS"};
  }
  return terminal;
}

Result<Secret> ask_terminal(const std::string& prompt) {
  auto terminal = open_terminal();
  if (!terminal) return terminal.error();
  const QuietTerminal quiet(terminal->get());
  if (!quiet.quiet()) {
    return Error{ErrorKind::authentication,
                 "the terminal cannot be kept from showing the PIN: use another one"};
  }
  if (auto written = write_all(terminal->get(), prompt); !written) return written.error();
  auto secret = type_secret(terminal->get());
  (void)write_all(terminal->get(), "\n");
  return secret;
}

// The first line that a program prints.
Result<Secret> first_line(int pipe) {
  auto held = Secret::sized(kLongestSecret);
  std::size_t length = 0;
  while (length < held.size()) {
    const auto got = ::read(pipe, held.writable().data() + length, held.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  const auto text = as_text(held.view().first(length));
  auto line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return gave_up();
  return Secret(as_bytes(line));
}

Result<Secret> ask_program(const std::string& program, const std::string& prompt) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Error{ErrorKind::unavailable, "no pipe for SCEAU_ASKPASS: " + system_error_text(errno)};
  }
  FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  std::string name = program;
  std::string argument = prompt;
  std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, name.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return Error{ErrorKind::authentication, "SCEAU_ASKPASS names '" + program + "', which does not run: " +
                                                system_error_text(failed) + ": give its full path"};
  }
  write_end.reset();
  auto secret = first_line(read_end.get());
  read_end.reset();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return gave_up();
  return secret;
}

const char* askpass_program() {
  const char* program = std::getenv("SCEAU_ASKPASS");  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return program != nullptr && *program != '\0' ? program : nullptr;
}

}  // namespace

Result<Secret> ask_secret(const std::string& prompt) {
  if (const char* program = askpass_program()) return ask_program(program, prompt);
  return ask_terminal(prompt);
}

Result<Secret> ask_new_secret(const std::string& what) {
  auto first = ask_secret("New " + what + ": ");
  if (!first || askpass_program() != nullptr) return first;
  auto second = ask_secret("New " + what + ", once more: ");
  if (!second) return second;
  if (!first->equals(second->view())) {
    return Error{ErrorKind::invalid, "the two PINs typed differ: nothing was changed; start again"};
  }
  return first;
}

Result<bool> ask_yes(const std::string& question) {
  auto terminal = open_terminal();
  if (!terminal) return terminal.error();
  if (auto written = write_all(terminal->get(), question + " [y/N] "); !written) return written.error();
  std::string answer;
  for (char character = 0; ::read(terminal->get(), &character, 1) == 1 && character != '\n';) {
    if (answer.size() < 8) answer += character;
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<Secret> TokenPins::pin(const token::PinRequest& request) {
  if (held_.empty()) {
    std::string prompt = "PIN of token " + label_;
    if (!request.purpose.empty()) prompt += ", to " + request.purpose;
    if (request.tries_left) {
      const auto left = *request.tries_left;
      prompt += " (" + std::to_string(left) + (left == 1 ? " try left)" : " tries left)");
    }
    auto typed = ask_secret(prompt + ": ");
    if (!typed) return typed;
    held_ = std::move(typed).value();
  }
  return held_.clone();
}

void TokenPins::shows(const token::ShownPage& page) {
  const std::string which = std::to_string(page.page) + " of " + std::to_string(page.pages);
  std::string text = "token " + label_ + " shows, page " + which + ":\n  ";
  for (const char c : page.lines) {
    // What a token sends must not move the terminal's cursor.
    const auto byte = static_cast<unsigned char>(c);
    text += c == '\n' || (byte >= 0x20 && byte != 0x7F) ? c : '?';
    if (c == '\n') text += "  ";
  }
  text += page.page == page.pages
              ? "compare these lines with its display, and press its button to sign them\n"
              : "compare these lines with its display, and press its button for the next page\n";
  (void)write_all(STDERR_FILENO, text);
}

void TokenPins::awaits_touch(const std::string& token) {
  if (::isatty(STDERR_FILENO) == 1)
    (void)write_all(STDERR_FILENO, "touch FIDO2 key " + token + " to go on\n");
}

}  // namespace sceau::client
