// What is known of a card, and whether it still holds.
#include <utility>

#include "card_token.h"
#include "sceau/base/digest.h"
#include "token_card.h"

namespace sceau::pkcs11 {
namespace {

// How long what a card without a directory said is believed, in this process and in the next.
constexpr Time kBelievedSeconds = 600;

bool is_young(const Contents& contents, Time now) {
  return contents.learnt_at() <= now && now - contents.learnt_at() < kBelievedSeconds;
}

}  // namespace

Time CardToken::now() const { return options_.clock ? options_.clock->now() : SystemClock().now(); }

sceau::Status CardToken::identify(token::PivCard& card) {
  if (identified_) return {};
  auto serial = card.serial();
  if (!serial && is_gone(serial.error())) return serial.error();
  std::optional<token::Directory> directory;
  if (serial && is_own_) {
    auto read = card.directory();
    if (!read && is_gone(read.error())) return read.error();
    if (read) directory = std::move(*read);
  }
  chuid_.clear();
  // The directory's mark stands for the CHUID: it changes with it.
  if (!directory) {
    auto chuid = card.object(kTagChuid);
    if (!chuid && is_gone(chuid.error())) return chuid.error();
    if (chuid) chuid_ = std::move(*chuid);
  }
  serial_ = serial ? std::move(*serial) : to_hex(ByteView(sha256(chuid_)).first(8));
  has_directory_ = directory.has_value();
  contents_.forget_all();
  // Without either, two cards could not be told apart.
  if (serial || !chuid_.empty()) recall(directory);
  if (directory) {
    contents_.take(*directory);
  } else {
    contents_.set_chuid(chuid_);
  }
  cached_revision_ = contents_.revision();
  identified_ = true;
  return {};
}

// What the cache has of this card, if that still holds.
void CardToken::recall(const std::optional<token::Directory>& directory) {
  contents_.set_learnt_at(now());
  if (!options_.cache) return;
  auto cached = options_.cache->load(serial_, chuid_);
  if (!cached) return;
  if (directory ? cached->mark() == directory->mark : cached->mark().empty() && is_young(*cached, now()))
    contents_.replace(std::move(*cached));
}

// Forgets what another program may have changed.
sceau::Status CardToken::look_again(token::PivCard& card) {
  if (!identified_) return identify(card);
  if (!has_directory_) {
    if (!is_young(contents_, now())) identified_ = false;
    return identify(card);
  }
  auto directory = card.directory();
  if (!directory) return directory.error();
  if (directory->mark == contents_.mark()) return {};
  contents_.forget_all();
  contents_.set_learnt_at(now());
  contents_.take(*directory);
  return {};
}

sceau::Status CardToken::learn(token::PivCard& card, const Interest& interest) {
  if (auto looked = look_again(card); !looked) return looked;
  if (auto learnt = contents_.learn(card, interest); !learnt) return learnt;
  save();
  return {};
}

// What was learnt since, for the next process.
void CardToken::save() {
  if (options_.cache && !serial_.empty() && contents_.revision() != cached_revision_ && !contents_.doubtful())
    options_.cache->store(serial_, chuid_, contents_);
  cached_revision_ = contents_.revision();
}

}  // namespace sceau::pkcs11
