// A way to the token that is no reader: lines of CTAPHID, a USB device. Several are served as one.
#pragma once

#include "board/host/attendant.h"
#include "board/host/host_board.h"
#include "token.h"

namespace sceau::firmware::host {

class Service : public Attendant, public Meanwhile {
 public:
  virtual ~Service() = default;
  // Serves this token from now on; borrows both. What it knew of another is forgotten.
  virtual void attach(Board& board, Token& token) = 0;
};

// All of them, in turn.
class Services final : public Attendant, public Meanwhile {
 public:
  explicit Services(std::vector<std::unique_ptr<Service>> services) : services_(std::move(services)) {}

  void attach(Board& board, Token& token) {
    for (const auto& one : services_) one->attach(board, token);
  }

  void add_to(std::vector<pollfd>& waiting) const override {
    for (const auto& one : services_) one->add_to(waiting);
  }
  int patience() const override {
    int least = -1;
    for (const auto& one : services_) {
      const int its = one->patience();
      if (its >= 0 && (least < 0 || its < least)) least = its;
    }
    return least;
  }
  void attend() override {
    for (const auto& one : services_) one->attend();
  }
  bool rebooting() const override {
    for (const auto& one : services_) {
      if (one->rebooting()) return true;
    }
    return false;
  }
  bool go_on() override {
    for (const auto& one : services_) static_cast<void>(one->go_on());
    return true;
  }

 private:
  std::vector<std::unique_ptr<Service>> services_;
};

}  // namespace sceau::firmware::host
