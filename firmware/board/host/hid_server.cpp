#include "board/host/hid_server.h"

namespace sceau::firmware::host {

HidServer::HidServer(std::vector<std::unique_ptr<HidSocket>> sockets) {
  lines_.reserve(sockets.size());
  for (std::unique_ptr<HidSocket>& socket : sockets) {
    lines_.push_back({std::move(socket), nullptr, std::vector<std::uint8_t>(kMaxPayload),
                      std::vector<std::uint8_t>(fido::kMaxMessage + 2)});
  }
}

void HidServer::attach(Board& board, Token& token) {
  fido::Authenticator& authenticator = token.fido().authenticator;
  std::uint32_t base = 0;
  for (Line& line : lines_) {
    line.hid = std::make_unique<fido::CtapHid>(board, authenticator, *line.socket, line.message, line.answer,
                                               base << 24);
    static_cast<void>(line.socket->reboot_asked());
    ++base;
  }
}

void HidServer::add_to(std::vector<pollfd>& waiting) const {
  for (const Line& line : lines_) line.socket->add_to(waiting);
}

int HidServer::patience() const {
  for (const Line& line : lines_) {
    if (line.hid->waiting()) return static_cast<int>(fido::CtapHid::kPacketWait / 4);
  }
  return -1;
}

void HidServer::attend() {
  for (Line& line : lines_) {
    fido::Report report{};
    while (!line.socket->reboots() && line.socket->poll(report)) line.hid->receive(report);
    line.hid->tick();
  }
}

bool HidServer::rebooting() const {
  for (const Line& line : lines_) {
    if (line.socket->reboots()) return true;
  }
  return false;
}

bool HidServer::go_on() {
  for (Line& line : lines_) {
    if (line.hid->running()) continue;  // it looks after its line itself
    fido::Report report{};
    while (line.socket->poll(report)) line.hid->refuse(report);
  }
  return true;
}

}  // namespace sceau::firmware::host
