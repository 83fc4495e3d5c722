#include "board/host/trace.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "apdu/apdu.h"

namespace sceau::firmware::host {

namespace {

std::string describe(ByteView bytes) {
  const Result<Command> command = parse_command(bytes);
  if (!command.ok()) return "not an APDU, " + std::to_string(bytes.size()) + " bytes,";
  char header[16];
  std::snprintf(header, sizeof header, "%02X %02X %02X %02X ", command.value().cla, command.value().ins,
                command.value().p1, command.value().p2);
  const std::size_t sent = command.value().data.size();
  return header + (sent == 0 ? std::string("-") : std::to_string(sent)) + " " +
         (command.value().expects ? std::to_string(command.value().expected) : std::string("-"));
}

}  // namespace

TracingTransport::TracingTransport(Transport& inner, const std::string& path)
    : inner_(inner), file_(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) {}

Transport::Received TracingTransport::wait(ByteSpan buffer) {
  const Received received = inner_.wait(buffer);
  if (received.event == Event::kCommand) line_ = describe(ByteView(buffer).first(received.size));
  if (received.event == Event::kTooLong) line_ = "longer than the card takes,";
  return received;
}

Status TracingTransport::answer(ByteView response) {
  char word[8] = " ----\n";
  if (response.size() >= 2) {
    std::snprintf(word, sizeof word, " %02X%02X\n", response[response.size() - 2], response.back());
  }
  line_ += word;
  // Before the answer goes out: whoever has the answer finds the line. A full disk loses lines, not commands.
  static_cast<void>(!::write(file_.get(), line_.data(), line_.size()));
  return inner_.answer(response);
}

}  // namespace sceau::firmware::host
