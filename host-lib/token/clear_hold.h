// A clear-sign token held against other processes.
#pragma once

#include <utility>

#include "sceau/token/clear_card.h"

namespace sceau::token {

// Holds the card against other processes, with the application selected.
class ClearCard::Hold {
 public:
  static Result<Hold> take(ClearCard& card) {
    if (auto state = card.channel_->begin(); !state) return state.error();
    Hold hold(card);
    if (auto selected = card.select(); !selected) return selected.error();
    return hold;
  }
  Hold(Hold&& other) noexcept : card_(std::exchange(other.card_, nullptr)) {}
  Hold& operator=(Hold&&) = delete;
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() {
    if (card_ != nullptr) card_->channel_->end();
  }

 private:
  explicit Hold(ClearCard& card) : card_(&card) {}
  ClearCard* card_;
};

}  // namespace sceau::token
