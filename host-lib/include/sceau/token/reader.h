// Readers on this machine, through PC/SC (libpcsclite).
//
// Connections are always shared, transactions short, and the card is always left as it is
// (SCARD_LEAVE_CARD): other programs may be using it. Errors name the reader.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "sceau/token/apdu.h"

namespace sceau::token {

struct ReaderStatus {
  std::string name;
  bool card_present = false;
  Bytes atr;  // empty without a card
};

// A connection to the PC/SC service. Cheap to copy; the last copy and the last channel release it.
// Not for use by two threads at once, except cancel().
class Readers {
 public:
  // unavailable: the service does not run, or cannot be reached.
  static Result<Readers> open();

  // All readers, with or without a card; an empty list when there is none. unavailable: service gone.
  [[nodiscard]] Result<std::vector<ReaderStatus>> list() const;
  // A channel to the card in that reader. not_found: no such reader; unavailable: no card in it, or the
  // card does not answer, or another program holds it alone.
  [[nodiscard]] Result<std::unique_ptr<Channel>> connect(const std::string& reader) const;
  // Waits until a reader or a card comes or goes; false when nothing did before the time-out, or on cancel().
  // `known` is what list() said last.
  [[nodiscard]] Result<bool> wait_for_change(const std::vector<ReaderStatus>& known,
                                             std::chrono::milliseconds timeout) const;
  // Wakes a wait_for_change() that another thread is in.
  void cancel() const;

 private:
  struct Context;
  explicit Readers(std::shared_ptr<Context> context) : context_(std::move(context)) {}
  std::shared_ptr<Context> context_;
  friend class ReaderChannel;
};

}  // namespace sceau::token
