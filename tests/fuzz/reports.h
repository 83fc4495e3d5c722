// Reports of CTAPHID as a host reads them: whole messages, one after the other, each packet in its place.
#pragma once

#include "../firmware/fido/platform.h"
#include "fuzz.h"

namespace sceau::fuzz {

class Reports {
 public:
  // The next report (64 bytes). True: a message begins with it.
  bool take(ByteView report) {
    const std::uint32_t channel = firmware::load_be32(report.data());
    if ((report[4] & 0x80U) == 0) {
      require(left_ != 0 && channel == channel_ && report[4] == sequence_, "a continuation of nothing");
      sequence_ = static_cast<std::uint8_t>(sequence_ + 1);
      left_ -= std::min<std::size_t>(left_, 59);
      return false;
    }
    require(left_ == 0, "two messages in each other");
    size_ = firmware::load_be16(report.data() + 5);
    channel_ = channel;
    sequence_ = 0;
    left_ = size_ - std::min<std::size_t>(size_, 57);
    return true;
  }
  // What was read of a message is nothing any more: the line began anew.
  void forget() { left_ = 0; }
  [[nodiscard]] bool complete() const { return left_ == 0; }
  // Of the message that began last.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::uint32_t channel_ = 0;
  std::uint8_t sequence_ = 0;
  std::size_t size_ = 0, left_ = 0;
};

}  // namespace sceau::fuzz
