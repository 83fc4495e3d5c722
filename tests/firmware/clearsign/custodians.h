// Custodians in a test's hand: three holders with keys of their own, a policy that names them, and what they
// do with their shares, which is what the host library does.
#pragma once

#include "../../token/certificates.h"
#include "clear_card.h"
#include "samples.h"
#include "sceau/base/digest.h"
#include "sceau/token/escrow.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

namespace sceau::firmware::test {

inline constexpr const char* kShares = "00 48 00 C1 00 00 00";

inline Bytes derivation(const std::string& project = "etude-42", std::int64_t epoch = 3,
                        const std::string& label = "pseudonym", const std::string& extraction = "") {
  auto body =
      sceau::statement::read_statement(sceau::test::sample(*sceau::statement::find_type("derive"), false))
          ->body;
  body.as_object()["project"] = project;
  body.as_object()["epoch"] = epoch;
  body.as_object()["label"] = label;
  if (!extraction.empty()) body.as_object()["extraction"] = extraction;
  return sceau::test::sample_with("derive", body);
}

inline Bytes part(const Answer& answer, std::uint32_t tag) {
  const Result<ByteView> found = find_tlv(answer.data, tag);
  return found.ok() ? Bytes(found.value().begin(), found.value().end()) : Bytes();
}

class Custodians {
 public:
  PolicyWords words() const {
    PolicyWords policy;
    policy.types = {"derive"};
    policy.threshold = 2;
    policy.holders = {{"alice", keys_[0].point()}, {"bob", keys_[1].point()}, {"carol", keys_[2].point()}};
    return policy;
  }
  // Holder i's, of the shares that a token gave.
  sceau::token::OpenedShare open(const Answer& given, std::size_t i, ClearCard& from) const {
    const sceau::token::SealedShare share{words().holders[i].first, static_cast<int>(i + 1),
                                          sceau::to_base64(share_of(given, i))};
    auto opened = sceau::token::open_share(share, context(from), keys_[i].spki(),
                                           [&](sceau::ByteView point) -> sceau::Result<sceau::Secret> {
                                             return sceau::Secret(keys_[i].agree(point));
                                           });
    CHECK(opened.ok());
    return std::move(*opened);
  }
  // The master, from the shares of some of them; empty where they do not give it.
  Bytes join(const Answer& given, const std::vector<std::size_t>& whose, ClearCard& from) const {
    std::vector<sceau::token::OpenedShare> opened;
    for (const std::size_t i : whose) opened.push_back(open(given, i, from));
    const auto joined = sceau::token::combine_shares(opened, context(from));
    if (!joined) return {};
    return {joined->puk.view().begin(), joined->puk.view().end()};
  }
  // Holder i's share, sealed to a point of another token.
  Bytes pass_on(const Answer& given, std::size_t i, ClearCard& from, ClearCard& to,
                const Bytes& point) const {
    return pass_on_by(i, given, i, from, to, point);
  }
  // The same by somebody else's key.
  Bytes pass_on_by(std::size_t by, const Answer& given, std::size_t i, ClearCard& from, ClearCard& to,
                   const Bytes& point) const {
    Bytes key = keys_[0].spki();
    std::copy(point.begin(), point.end(), key.end() - 65);
    const auto sealed =
        sceau::token::pass_on_share(open(given, i, from), {"restore", key}, context(to),
                                    [&](sceau::ByteView peer) -> sceau::Result<sceau::Secret> {
                                      return sceau::Secret(keys_[by].agree(peer));
                                    });
    CHECK(sealed.ok());
    return *sceau::from_base64(sealed->sealed);
  }

 private:
  static sceau::token::EscrowContext context(ClearCard& token) {
    return {std::to_string(token.card.board().serial()), "custodian C1"};
  }
  static Bytes share_of(const Answer& given, std::size_t i) {
    TlvReader reader(given.data);
    for (; i > 0; --i) static_cast<void>(reader.next());
    const ByteView share = reader.next().value().value;
    return {share.begin(), share.end()};
  }

  std::vector<sceau::test::SoftwareKey> keys_{3};
};

}  // namespace sceau::firmware::test
