// The token on a PIV card; and, on one of ours, its clear-sign keys.
//
// The card is used under the token's own lock and within one PC/SC transaction an operation, so that no other
// token waits and other processes can use the card in between.
//
// What is known of its contents is checked by each search: against the mark in the directory of a Sceau
// token, with one command; by its age on all other cards, which have nothing that tells of a change: what was
// read ten minutes ago is read again.
#pragma once

#include <functional>

#include "contents.h"
#include "pin_keeper.h"
#include "token.h"

namespace sceau::pkcs11 {

class CardToken final : public Token {
 public:
  CardToken(std::unique_ptr<token::Channel> channel, TokenOptions options);

  // SELECT. CKR_TOKEN_NOT_RECOGNIZED: no PIV application.
  Status recognise();
  // Costs no command.
  bool present() override;
  void mark_removed() override;

  Result<TokenFacts> facts() override;
  // Only Sceau's tokens can have clear-sign keys.
  [[nodiscard]] bool has(const Mechanism& mechanism) const override;

  Status log_in(Login who, const std::optional<Secret>& pin) override;
  // Of a clear-sign key in that application, which ends PIV's log-in on the card.
  Status verify_for(const Object& key, const std::optional<Secret>& pin) override;
  Status log_out() override;

  // In the order of slots.
  Result<std::vector<CK_OBJECT_HANDLE>> find(const Attributes& wanted) override;
  Result<ObjectPtr> complete(const ObjectPtr& object) override;

  Result<Bytes> sign_digest(const Object& key, ByteView digest) override;
  Result<Bytes> witness(const Object& key, const ToWitness& what) override;
  [[nodiscard]] std::size_t longest_witness(const Object& key) const override;
  Result<Secret> rsa_private(const Object& key, ByteView block) override;
  Result<Secret> agree(const Object& key, ByteView point) override;
  Status fill_random(std::span<std::uint8_t> out) override;

  Result<KeyPair> generate(token::Slot slot, token::Algorithm algorithm, token::PinPolicy pin) override;
  Result<KeyPair> import_key(token::Slot slot, const token::PrivateKey& key, token::PinPolicy pin) override;
  Result<CK_OBJECT_HANDLE> put_certificate(token::Slot slot, ByteView certificate) override;
  Result<CK_OBJECT_HANDLE> put_data(std::uint32_t tag, ByteView value) override;
  Status remove(const Object& object) override;
  Status set_management_key(const Secret& old_key, const Secret& new_key) override;
  Status init_pin(const Secret& pin) override;

  Status set_pin(const Secret& old_pin, const Secret& new_pin) override;
  Status set_pin_on_pad() override;
  Status initialise(const Secret& management_key) override;

 private:
  // One VERIFY, in whichever application; says how many tries the card told to be left.
  using PinAttempt = std::function<sceau::Status(token::PivCard& card, std::optional<int>& tries_left)>;
  // `pin`, or one typed on the reader when there is none.
  Status verify_pin(const std::optional<Secret>& pin, const PinAttempt& attempt);
  // Runs work(PivCard&) -> sceau::Result<T> with the card held; translates what it fails with.
  template <typename Work>
  auto with_card(Work work);
  Failure failure_of(const Error& error);
  Status administer(const std::function<sceau::Status(token::PivCard&)>& work);
  Status change_pin(const std::function<sceau::Status(token::PivCard&)>& work, const Secret* fresh);
  bool verify_kept_pin(token::PivCard& card);
  Status verify_again(const std::optional<Secret>& pin);
  Status verify_for_statement(const std::optional<Secret>& pin);
  void end_login() override;
  Result<KeyPair> new_key(token::Slot slot);
  CK_OBJECT_HANDLE handle_of(CK_OBJECT_CLASS object_class, ByteView id);
  [[nodiscard]] Time now() const;
  sceau::Status identify(token::PivCard& card);
  void recall(const std::optional<token::Directory>& directory);
  sceau::Status look_again(token::PivCard& card);
  sceau::Status learn(token::PivCard& card, const Interest& interest);
  void save();
  void rebuild();
  [[nodiscard]] Bytes certificate_beside(const Object& key) const;
  template <typename Work>
  auto use_key(const Object& key, Work work) -> decltype(with_card(work));

  const TokenOptions options_;
  std::atomic<bool> removed_ = false;
  std::atomic<bool> is_own_ = false;

  std::mutex card_mutex_;  // the card, and what is known of it
  token::PivCard card_;
  bool identified_ = false;
  bool has_directory_ = false;
  std::string serial_;
  Bytes chuid_;
  Contents contents_;
  std::size_t cached_revision_ = 0;
  std::optional<token::PinState> pin_state_;

  PinKeeper pin_;
  std::size_t built_revision_ = 0;
};

}  // namespace sceau::pkcs11
