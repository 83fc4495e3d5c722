// One screen that asks before something is done with a key: its first lines, and a line that says so where
// there are more.
#pragma once

#include "board/board.h"
#include "clearsign/custodian.h"
#include "statement/line_writer.h"

namespace sceau::firmware::clearsign {

class ScreenSink final : public statement::LineSink {
 public:
  void line(std::string_view text) override {
    if (count_ == kLines) {
      constexpr std::string_view kMore = "and more: see the attestation";
      lines_[kLines - 1].size = kMore.size();
      std::memcpy(lines_[kLines - 1].bytes.data(), kMore.data(), kMore.size());
      return;
    }
    Line& to = lines_[count_++];
    to.size = text.size() <= to.bytes.size() ? text.size() : to.bytes.size();
    std::memcpy(to.bytes.data(), text.data(), to.size);
  }

  void show_on(Board& board) const {
    std::array<std::string_view, kLines> views{};
    for (std::size_t i = 0; i < count_; ++i) views[i] = lines_[i].view();
    board.display(std::span<const std::string_view>(views).first(count_));
  }

 private:
  static constexpr std::size_t kLines = 8;
  struct Line {
    std::array<char, statement::kLineBytes> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {bytes.data(), size}; }
  };

  std::array<Line, kLines> lines_{};
  std::size_t count_ = 0;
};

// "make a clear-sign key in slot C1"
inline void put_slot(statement::LineWriter& out, std::string_view words, std::uint8_t slot) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out.put(words);
  out.put(kDigits.substr(slot >> 4U, 1));
  out.put(kDigits.substr(slot & 0x0FU, 1));
  out.end();
}

// "cloned to any 2 of: alice, bob, carol"
inline void put_holders(statement::LineWriter& out, std::string_view words, const Custodian& custodian) {
  out.put(words);
  out.put_number(custodian.threshold);
  out.put(" of: ");
  for (const Holder& holder : custodian.all()) {
    if (&holder != custodian.holders.data()) out.put(", ");
    out.put(as_text(holder.id));
  }
  out.end();
}

}  // namespace sceau::firmware::clearsign
