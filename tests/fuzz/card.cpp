// A hostile card in front of token::PivCard and token::PivSigner.
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "hostile_card.h"
#include "sceau/token/piv.h"
#include "sceau/token/piv_signer.h"
#include "targets.h"
#include "tlv.h"

namespace sceau::fuzz {
namespace {

using token::Algorithm;
using token::PinPolicy;
using token::PivCard;
using token::Slot;
using token::TouchPolicy;

constexpr int kMostSteps = 40;
constexpr Slot kSlots[] = {Slot::authentication, Slot::signature, Slot::key_management,
                           Slot::card_authentication, Slot::session};
constexpr Algorithm kAlgorithms[] = {Algorithm::p256, Algorithm::p384, Algorithm::rsa_2048};
constexpr std::uint32_t kObjects[] = {0x5FC102, 0x5FC105, 0x5FC10A, 0x7E, 0x5FC10C, 0x5FFF01, 0x5FC107};

template <auto free_one>
struct Freer {
  template <typename T>
  void operator()(T* one) const {
    free_one(one);
  }
};

class CountedPins final : public token::PinSource {
 public:
  Result<Secret> pin(const token::PinRequest& /*request*/) override {
    ++asked;
    return Secret(as_bytes(kPin));
  }
  int asked = 0;
};

void require_public_key(ByteView spki) {
  const unsigned char* at = spki.data();
  const std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  require(key != nullptr && at == spki.data() + spki.size(), "a public key that is none");
}

// The one spelling of (r, s).
void require_signature_form(ByteView signature) {
  const unsigned char* at = signature.data();
  const std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>> read(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  require(read != nullptr, "a signature that is none");
  Bytes again(static_cast<std::size_t>(i2d_ECDSA_SIG(read.get(), nullptr)));
  unsigned char* into = again.data();
  i2d_ECDSA_SIG(read.get(), &into);
  require(again == to_bytes(signature), "a signature in another spelling");
}

void require_verifies(ByteView certificate, ByteView message, ByteView signature) {
  const unsigned char* at = certificate.data();
  const std::unique_ptr<X509, Freer<X509_free>> read(
      d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
  require(read != nullptr, "signed under a certificate that is none");
  const std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  require(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(read.get())) ==
                  1 &&
              EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                               message.size()) == 1,
          "a signature given out that does not verify");
}

// A run of one input: one card, and steps with it.
class Run {
 public:
  explicit Run(ByteView input) : feed_(input), honest_(), card_(connect()) {}

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) {
      const std::size_t kind = feed_.below(24);
      if (kind < 8)
        look(kind);
      else if (kind < 14)
        show_secret(kind);
      else
        use(kind);
      require(seen_.pins <= may_show_, "a PIN sent more often than it was given");
    }
  }

 private:
  std::shared_ptr<PivCard> connect() {
    const bool extended = feed_.below(2) == 0;
    return std::make_shared<PivCard>(std::make_unique<HostileCard>(feed_, honest_, seen_, extended));
  }
  Slot slot() { return feed_.one_of(kSlots); }

  void look(std::size_t kind) {
    switch (kind) {
      case 0:
        return ignore(card_->select());
      case 1:
        return ignore(card_->serial());
      case 2:
        return ignore(card_->version());
      case 3: {
        const auto object = card_->object(feed_.one_of(kObjects));
        return require(!object || object->size() <= token::kMaxResponse, "an object beyond all bounds");
      }
      case 4:
        return ignore(card_->certificate(slot()));
      case 5: {
        const auto metadata = card_->metadata(slot());
        return metadata ? require_public_key(metadata->public_key) : void();
      }
      case 6:
        return ignore(card_->attest(slot()));
      default:
        return ignore(card_->puk_is_default());
    }
  }

  void show_secret(std::size_t kind) {
    const Secret pin(as_bytes(feed_.below(4) == 0 ? "111222" : kPin));
    const Secret puk(as_bytes(kPuk));
    ++may_show_;
    switch (kind) {
      case 8:
        return ignore(card_->verify_pin(pin));
      case 9:
        return ignore(card_->change_pin(pin, Secret(as_bytes("654321"))));
      case 10:
        return ignore(card_->unblock_pin(puk, pin));
      case 11:
        --may_show_;
        return ignore(card_->pin_state());
      case 12:
        --may_show_;
        return ignore(card_->pin_verified());
      default:
        return manage();
    }
  }

  void manage() {
    --may_show_;
    Bytes key;
    for (int i = 0; i < 24; ++i) key.push_back(static_cast<std::uint8_t>(i % 8 + 1));
    SeededRandom random(7);
    if (!card_->authenticate(Secret(ByteView(key)), random)) return;
    switch (feed_.below(4)) {
      case 0: {
        const Slot which = slot();
        const Algorithm algorithm = feed_.below(3) == 1 ? Algorithm::p384 : Algorithm::p256;
        const auto made = card_->generate(which, algorithm, PinPolicy::standard, TouchPolicy::standard);
        return made ? require_public_key(*made) : void();
      }
      case 1: {
        const std::uint32_t object = feed_.one_of(kObjects);
        return ignore(card_->put_object(object, feed_.bytes(2000)));
      }
      case 2:
        return ignore(card_->remove_key(slot()));
      default:
        return ignore(card_->set_management_key(Secret(ByteView(key))));
    }
  }

  void use(std::size_t kind) {
    const Algorithm algorithm = feed_.one_of(kAlgorithms);
    const Bytes digest(algorithm == Algorithm::p384 ? 48 : 32, 0x5A);
    switch (kind) {
      case 14: {
        const auto made = card_->sign_digest(slot(), algorithm, digest);
        return made ? require_signature_form(*made) : void();
      }
      case 15: {
        const Slot which = slot();
        return ignore(card_->agree(which, algorithm, feed_.bytes(97)));
      }
      case 16:
        return ignore(card_->rsa_private(slot(), algorithm, Bytes(256, 1)));
      case 17: {
        const std::size_t count = 1 + feed_.below(255);
        const auto made = card_->random_bytes(count);
        return require(!made || made->size() == count, "another number of random bytes than asked for");
      }
      case 18: {
        const auto hold = card_->hold();
        return hold ? look(feed_.below(8)) : void();
      }
      case 19:
        return ignore(token::announces_extended_length(feed_.bytes()));
      case 20:
        return read_elements(feed_.bytes(1000));
      case 21:
        card_ = connect();
        return;
      default:
        return sign();
    }
  }

  void sign() {
    token::PivSignerOptions options;
    options.slot = slot();
    token::PivSigner signer(card_, options);
    const auto key = signer.key();
    const Bytes attributes(40, 0x31);
    CountedPins pins;
    const auto made = signer.sign({{}, attributes}, pins);
    require(pins.asked <= 1, "a PIN asked for twice");
    may_show_ += pins.asked;
    if (made && key) require_verifies(key->certificate, made->attributes, made->signature);
  }

  static void read_elements(ByteView bytes) {
    token::TlvReader reader(bytes);
    std::size_t inside = 0;
    while (const auto element = reader.next()) inside += element->value.size();
    require(inside <= bytes.size(), "elements longer than what they stand in");
    ignore(token::only_element(bytes, 0x7C));
    ignore(token::find_element(bytes, 0x5C));
  }

  template <typename T>
  static void ignore(const T& /*result*/) {}

  Feed feed_;
  SimulatedCard honest_;
  Seen seen_;
  int may_show_ = 0;
  std::shared_ptr<PivCard> card_;
};

}  // namespace

void card(ByteView input) { Run(input).go(); }

}  // namespace sceau::fuzz
