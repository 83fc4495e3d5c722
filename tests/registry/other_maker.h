// Cards of another maker: keys that nothing attests, certified by an organisation's own authority, whose key
// nobody in the registry holds.
#pragma once

#include <string>

#include "world.h"

namespace sceau::test {

class OtherMaker {
 public:
  // Its certificate and revocation list are among the world's blobs; nothing is in the ledger yet.
  explicit OtherMaker(World& world, const std::string& name = "Cards authority");

  // By ada and bea: its authority is trusted (and nothing more); policy lists it.
  void trust() const;
  void list() const;
  // authority.add's body, and a policy that lists this authority.
  [[nodiscard]] Object addition() const;
  [[nodiscard]] Object policy() const;

  [[nodiscard]] Card make_card(const std::string& person, const std::string& serial) const;
  [[nodiscard]] pki::Certificate issue(const pki::SoftwareKey& key, const std::string& person,
                                       pki::KeyUse use) const;
  [[nodiscard]] Value token_value(const Card& card) const;
  // What an enrolment of this card says: no attestation, no escrow.
  [[nodiscard]] Object enrolment(const Card& card) const;
  [[nodiscard]] Digest digest() const { return authority_.digest(); }

 private:
  World& world_;
  pki::SoftwareKey key_;
  pki::Certificate authority_;
  Digest crl_;
};

}  // namespace sceau::test
