// Between a transport and the applications: command chaining, GET RESPONSE, SELECT by AID
// (ISO 7816-4 clauses 5.3, 11.2 and 12).
//
// Invariants: a chain under way, or a response not yet fetched, is dropped by any command that is not its
// continuation, by SELECT and by reset; a chain never crosses applications. What does not parse, or exceeds
// kMaxData, reaches no application.
//
// One buffer holds both sides of an exchange: a command's data, gathered from its chain, and behind it the
// response, which moves to the front once the command is done. So a command and its response share
// kMaxTogether bytes: nothing that is asked with much data is answered with much.
#pragma once

#include "apdu/apdu.h"

namespace sceau::firmware {

class Dispatcher {
 public:
  static constexpr std::size_t kMaxData = 3200;      // bytes of command data, chained or not
  static constexpr std::size_t kMaxResponse = 3200;  // bytes of response data
  static constexpr std::size_t kMaxFrame = kMaxData + 9;
  static constexpr std::size_t kMaxTogether = kMaxFrame + 311;

  // Borrows the applications; the first is selected by default (SP 800-73-5
  // wants that of PIV). With `short_only`, extended lengths are refused.
  Dispatcher(std::span<Application* const> applications, bool short_only)
      : applications_(applications),
        short_only_(short_only),
        selected_(applications.empty() ? nullptr : applications.front()) {}

  // Power went, or came: the first application is selected, as if by power-on, and nothing else remains.
  void reset();
  // One command in, one response (data and status word) out; its size is returned. `out` should hold
  // kMaxResponse + 2 bytes; a smaller one makes the answer 6F00.
  std::size_t exchange(ByteView in, ByteSpan out);
  // Where the next command, which begins with `header`, may be put for exchange(), by those who have no
  // buffer of their own: behind the chain under way, which it may continue, or behind the response, when it
  // fetches more of that. Valid until the next call.
  ByteSpan frame(ByteView header);
  // What is in use of neither; to be wiped by who has put a command there.
  ByteSpan unused() { return ByteSpan(bytes_).subspan(chain_size_ + response_size_); }
  // The answer to a command longer than any buffer.
  std::size_t too_long(ByteSpan out);

 private:
  StatusWord handle(const Command& command, Writer& out);
  bool continues_chain(const Command& command) const;
  StatusWord handle_chain(const Command& command, Writer& out);
  StatusWord run(const Command& command, Writer& out);
  StatusWord run_selected(const Command& command);
  StatusWord select(const Command& command, Writer& response);
  StatusWord get_response(const Command& command, Writer& out);
  StatusWord send(std::uint32_t expected, StatusWord word, Writer& out);
  void drop_chain();
  void drop_response();
  std::size_t end_of(ByteView data) const;

  std::span<Application* const> applications_;
  bool short_only_;
  Application* selected_;

  std::array<std::uint8_t, kMaxTogether> bytes_{};
  std::size_t chain_size_ = 0;  // at the front; then there is no response
  bool chaining_ = false;
  Command chain_header_;

  std::size_t response_size_ = 0;  // at the front; then there is no chain
  std::size_t response_sent_ = 0;
};

}  // namespace sceau::firmware
