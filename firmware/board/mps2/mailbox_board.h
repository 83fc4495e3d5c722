// The board: NOR flash on the shared file, everything else through the mailbox.
//
// Random bytes come from a generator that the bridge seeds at each power-on from the host's random source.
// That is right for an emulated board and for nothing else: QEMU's machine has no source of random bits, and
// whoever controls the host controls the token's keys. A real board seeds from its own source instead. In the
// same way the bridge stands for fuses (secret, serial number) and for the maker at the factory.
#pragma once

#include "board/board.h"
#include "board/mps2/mailbox.h"
#include "board/mps2/nor_flash.h"
#include "crypto/random_generator.h"

namespace sceau::firmware::mps2 {

class MailboxMaker final : public Maker {
 public:
  explicit MailboxMaker(Mailbox& mailbox) : mailbox_(mailbox) {}

  ByteView name() const override { return ByteView(mailbox_.maker_name).first(name_size_); }
  ByteView key_identifier() const override { return mailbox_.maker_key_identifier; }
  // kHardware: the bridge's maker failed.
  Result<std::size_t> sign(ByteView hash, ByteSpan signature) override;

  // Looks at what the bridge has filled in; whether there is a maker.
  bool take();

 private:
  Mailbox& mailbox_;
  std::size_t name_size_ = 0;
};

class MailboxBoard final : public Board {
 public:
  MailboxBoard(std::uintptr_t shared_memory);

  // Takes secret, seed, serial number and options from the mailbox, and makes the secrets there zero. Once,
  // before all else. kInvalid: the bridge has filled nothing in.
  Status start();

  Flash& flash() override { return flash_; }
  // kHardware: the bridge gave no seed.
  Status random(ByteSpan into) override { return random_.fill(into); }
  std::uint64_t milliseconds() override;
  Touch wait_for_touch(std::uint32_t milliseconds) override;
  Touch wait_for_touch_while(std::uint32_t milliseconds, Meanwhile& meanwhile) override;
  bool awaits_touch() const { return awaits_touch_; }
  void display(std::span<const std::string_view> lines) override;
  ByteView unique_secret() override { return secret_; }
  std::uint32_t serial() override { return serial_; }
  Maker* maker() override { return has_maker_ ? &maker_ : nullptr; }
  // Of the bytes in code memory, which are those that the loader has checked.
  ByteView firmware_digest() override { return firmware_digest_; }

  Mailbox& mailbox() { return mailbox_; }
  bool short_only() const { return short_only_; }

 private:
  Mailbox& mailbox_;
  NorFlash flash_;
  RandomGenerator random_;
  SecretArray<32> secret_;
  std::array<std::uint8_t, 32> firmware_digest_{};
  std::uint32_t serial_ = 0;
  bool short_only_ = false;
  bool has_maker_ = false;
  volatile bool awaits_touch_ = false;
  MailboxMaker maker_;
};

// Commands from the bridge, answers to it. While a command is at work, the bridge is rung for time
// extensions.
class MailboxTransport {
 public:
  explicit MailboxTransport(Mailbox& mailbox) : mailbox_(mailbox) {}

  // A command's size; its bytes wait in the mailbox. kClosed: nothing of the reader's.
  Transport::Received wait();
  // What the command begins with, as far as that tells where it may be put.
  std::array<std::uint8_t, 2> header() const { return {mailbox_.command[0], mailbox_.command[1]}; }
  // Takes the command out of the mailbox: its size, or 0 when the buffer has no room for it.
  std::size_t take(std::size_t size, ByteSpan buffer);
  // Where an answer is written; the token never reads it back.
  ByteSpan answer_buffer() { return mailbox_.answer; }
  void answer(std::size_t size);

 private:
  Mailbox& mailbox_;
};

}  // namespace sceau::firmware::mps2
