#include "board/host/host_board.h"

#include <sys/random.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

#include "crypto/hash.h"

namespace sceau::firmware::host {

HostBoard::HostBoard(std::unique_ptr<FlashFile> flash, const Fuses& fuses, std::unique_ptr<Button> button,
                     std::string display)
    : flash_(std::move(flash)),
      fuses_(fuses),
      button_(std::move(button)),
      display_(std::move(display)),
      maker_(*this) {}

HostBoard::~HostBoard() { wipe(fuses_.secret); }

Status HostBoard::random(ByteSpan into) {
  while (!into.empty()) {
    const ssize_t got = ::getrandom(into.data(), into.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Status::kHardware;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return Status::kOk;
}

std::uint64_t HostBoard::milliseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

namespace {

// Two that are called during one wait; the first decides how long it goes on.
class Both final : public Meanwhile {
 public:
  Both(Meanwhile* first, Meanwhile* second) : first_(first), second_(second) {}
  bool go_on() override {
    if (second_ != nullptr) static_cast<void>(second_->go_on());
    return first_ == nullptr || first_->go_on();
  }

 private:
  Meanwhile* first_;
  Meanwhile* second_;
};

}  // namespace

Touch HostBoard::wait_for_touch(std::uint32_t milliseconds) {
  Both both(nullptr, attendant_);
  return button_->wait(milliseconds, shown_, both);
}

Touch HostBoard::wait_for_touch_while(std::uint32_t milliseconds, Meanwhile& meanwhile) {
  Both both(&meanwhile, attendant_);
  return button_->wait(milliseconds, shown_, both);
}

void HostBoard::display(std::span<const std::string_view> lines) {
  shown_.assign(lines.begin(), lines.end());
  if (lines.empty() || display_ == "none") return;
  std::string screen;
  for (const std::string& line : shown_) screen += line + "\n";
  if (display_ == "stdout") {
    std::fputs(screen.c_str(), stdout);
    std::fflush(stdout);
    return;
  }
  if (std::FILE* file = std::fopen(display_.c_str(), "ae")) {
    std::fputs((screen + "\n").c_str(), file);
    std::fclose(file);
  }
}

ByteView HostBoard::firmware_digest() {
  if (firmware_.size != 0) return firmware_.view();
  std::FILE* program = std::fopen("/proc/self/exe", "rbe");
  if (program == nullptr) return {};
  Sha256 hash;
  std::array<std::uint8_t, 4096> part{};
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), program)) != 0;) {
    hash.update(ByteView(part).first(got));
  }
  std::fclose(program);
  const Result<Hash> digest = hash.finish();
  if (digest.ok()) firmware_.assign(digest.value());
  return firmware_.view();
}

}  // namespace sceau::firmware::host
