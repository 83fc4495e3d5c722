// The whole PKCS#11 module, from C_Initialize to C_Finalize, over a reader whose card answers what the input
// says.
//
// Whatever the card says: no crash, no byte outside the caller's buffers, no PIN sent that the caller did not
// give, and a code that a caller can do something with.
#include <array>
#include <memory>
#include <string>

#include "hostile_card.h"
#include "lists.h"
#include "module.h"
#include "readers.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

constexpr int kMostSteps = 40;
constexpr CK_ATTRIBUTE_TYPE kAttributes[] = {CKA_CLASS,
                                             CKA_TOKEN,
                                             CKA_PRIVATE,
                                             CKA_LABEL,
                                             CKA_ID,
                                             CKA_VALUE,
                                             CKA_CERTIFICATE_TYPE,
                                             CKA_ISSUER,
                                             CKA_SERIAL_NUMBER,
                                             CKA_SUBJECT,
                                             CKA_KEY_TYPE,
                                             CKA_EC_PARAMS,
                                             CKA_EC_POINT,
                                             CKA_MODULUS,
                                             CKA_MODULUS_BITS,
                                             CKA_PUBLIC_EXPONENT,
                                             CKA_ALWAYS_AUTHENTICATE,
                                             CKA_ALLOWED_MECHANISMS,
                                             CKA_EXTRACTABLE,
                                             CKA_LOCAL,
                                             CKA_PUBLIC_KEY_INFO,
                                             CKA_UNIQUE_ID,
                                             CKA_START_DATE,
                                             CKA_END_DATE,
                                             CKA_APPLICATION,
                                             CKA_OBJECT_ID};
constexpr CK_MECHANISM_TYPE kMechanisms[] = {CKM_ECDSA,        CKM_ECDSA_SHA256, CKM_ECDSA_SHA384,
                                             CKM_RSA_PKCS,     CKM_RSA_X_509,    CKM_SHA256_RSA_PKCS,
                                             CKM_RSA_PKCS_PSS, CKM_SHA256};
constexpr CK_BYTE kP256[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};

// One reader, whose card comes and goes as a step says.
class HostileReaders final : public pkcs11::ReaderSource {
 public:
  HostileReaders(Feed& feed, Seen& seen, const bool& present) : feed_(feed), seen_(seen), present_(present) {}

  sceau::Result<std::vector<token::ReaderStatus>> list() override {
    return std::vector<token::ReaderStatus>{{"Hostile", present_, {}}};
  }
  sceau::Result<std::unique_ptr<token::Channel>> connect(const std::string& /*reader*/) override {
    if (!present_) return Error{ErrorKind::unavailable, "no card in reader \"Hostile\""};
    return std::unique_ptr<token::Channel>(
        std::make_unique<HostileCard>(feed_, card_, seen_, feed_.below(4) != 3));
  }
  sceau::Result<bool> wait(const std::vector<token::ReaderStatus>& known,
                           std::chrono::milliseconds) override {
    return known.size() != 1 || known[0].card_present != present_;
  }
  void stop() override {}

 private:
  Feed& feed_;
  SimulatedCard card_;
  Seen& seen_;
  const bool& present_;
};

class Caller {
 public:
  explicit Caller(ByteView input) : feed_(input) {
    pkcs11::Module::instance().make_with([this] {
      return std::make_shared<pkcs11::Provider>(std::make_unique<HostileReaders>(feed_, seen_, present_),
                                                pkcs11::TokenOptions{});
    });
    require(p11_->C_Initialize(nullptr) == CKR_OK, "no C_Initialize");
    open();
  }
  ~Caller() { p11_->C_Finalize(nullptr); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void go() {
    for (int step = 0; step < kMostSteps && !feed_.done(); ++step) {
      const std::size_t kind = feed_.below(20);
      if (kind < 8)
        look(kind);
      else if (kind < 13)
        authenticate(kind);
      else
        use(kind);
      require(seen_.pins <= given_, "a PIN sent more often than it was given");
    }
  }

 private:
  // What no caller can do anything with, and no card may bring about.
  static CK_RV sound(CK_RV code) {
    require(code != CKR_HOST_MEMORY && code != CKR_GENERAL_ERROR && code != CKR_FUNCTION_FAILED,
            "a code that says nothing: " + std::to_string(code));
    return code;
  }

  void open() {
    CK_SLOT_ID slot = 0;
    CK_ULONG count = 1;
    if (sound(p11_->C_GetSlotList(CK_FALSE, &slot, &count)) != CKR_OK || count != 1) return;
    slot_ = slot;
    CK_SESSION_HANDLE made = CK_INVALID_HANDLE;
    const CK_FLAGS flags = CKF_SERIAL_SESSION | (feed_.below(4) == 3 ? 0 : CKF_RW_SESSION);
    if (sound(p11_->C_OpenSession(slot, flags, nullptr, nullptr, &made)) == CKR_OK) session_ = made;
  }

  void look(std::size_t kind) {
    switch (kind) {
      case 0:
        return describe();
      case 1:
        return open();
      case 2:
        sound(p11_->C_CloseSession(session_));
        return;
      case 3:
      case 4:
        return find();
      case 5:
      case 6:
        return read_attributes();
      default: {
        present_ = feed_.below(3) != 0;
        CK_SLOT_ID slot = 0;
        sound(p11_->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr));
      }
    }
  }

  void describe() {
    CK_SLOT_INFO slot{};
    sound(p11_->C_GetSlotInfo(slot_, &slot));
    CK_TOKEN_INFO token{};
    sound(p11_->C_GetTokenInfo(slot_, &token));
    CK_ULONG count = 0;
    if (sound(p11_->C_GetMechanismList(slot_, nullptr, &count)) != CKR_OK) return;
    const std::unique_ptr<CK_MECHANISM_TYPE[]> list(new CK_MECHANISM_TYPE[count]);
    if (sound(p11_->C_GetMechanismList(slot_, list.get(), &count)) != CKR_OK) return;
    CK_MECHANISM_INFO mechanism{};
    for (CK_ULONG i = 0; i < count; ++i) sound(p11_->C_GetMechanismInfo(slot_, list[i], &mechanism));
    CK_SESSION_INFO session{};
    sound(p11_->C_GetSessionInfo(session_, &session));
  }

  void find() {
    CK_OBJECT_CLASS object_class = feed_.below(5);
    CK_BYTE id = feed_.byte();
    std::array<CK_ATTRIBUTE, 2> wanted{{{CKA_CLASS, &object_class, sizeof object_class}, {CKA_ID, &id, 1}}};
    const CK_ULONG count = feed_.below(3);
    if (sound(p11_->C_FindObjectsInit(session_, wanted.data(), count)) != CKR_OK) return;
    CK_ULONG found = 0;
    sound(p11_->C_FindObjects(session_, objects_.data(), objects_.size(), &found));
    found_ = found;
    sound(p11_->C_FindObjectsFinal(session_));
  }
  CK_OBJECT_HANDLE object() { return found_ == 0 ? CK_OBJECT_HANDLE{1} : objects_[feed_.byte() % found_]; }

  void read_attributes() {
    const CK_OBJECT_HANDLE which = object();
    for (const CK_ATTRIBUTE_TYPE type : kAttributes) {
      CK_ATTRIBUTE asked{type, nullptr, 0};
      if (sound(p11_->C_GetAttributeValue(session_, which, &asked, 1)) != CKR_OK) continue;
      const std::unique_ptr<CK_BYTE[]> exact(new CK_BYTE[asked.ulValueLen]);
      asked.pValue = exact.get();
      sound(p11_->C_GetAttributeValue(session_, which, &asked, 1));
    }
    CK_ULONG size = 0;
    sound(p11_->C_GetObjectSize(session_, which, &size));
  }

  void authenticate(std::size_t kind) {
    std::string pin = feed_.below(5) == 0 ? "111222" : kPin;
    std::string officer = "010203040506070801020304050607080102030405060708";
    std::string other = "654321";
    const auto bytes = [](std::string& text) { return reinterpret_cast<CK_BYTE*>(text.data()); };
    switch (kind) {
      case 8:
        ++given_;
        sound(p11_->C_Login(session_, CKU_USER, bytes(pin), pin.size()));
        return;
      case 9:
        ++given_;
        sound(p11_->C_Login(session_, CKU_CONTEXT_SPECIFIC, bytes(pin), pin.size()));
        return;
      case 10:
        sound(p11_->C_Login(session_, CKU_SO, bytes(officer), officer.size()));
        return;
      case 11:
        sound(p11_->C_Logout(session_));
        return;
      default:
        ++given_;
        sound(p11_->C_SetPIN(session_, bytes(pin), pin.size(), bytes(other), other.size()));
    }
  }

  void use(std::size_t kind) {
    switch (kind) {
      case 13:
      case 14:
        return sign();
      case 15:
        return decrypt();
      case 16:
        return derive();
      case 17:
        return generate();
      case 18:
        sound(p11_->C_DestroyObject(session_, object()));
        return;
      default: {
        const CK_ULONG size = 1 + feed_.below(200);
        const std::unique_ptr<CK_BYTE[]> exact(new CK_BYTE[size]);
        sound(p11_->C_GenerateRandom(session_, exact.get(), size));
      }
    }
  }

  // Size, then the right size.
  template <typename Function>
  void in_two_steps(Function function) {
    Bytes data(feed_.one_of({32, 48, 256, 20, 65}), 0x11);
    CK_ULONG size = 0;
    if (sound(function(session_, data.data(), data.size(), nullptr, &size)) != CKR_OK) return;
    const std::unique_ptr<CK_BYTE[]> exact(new CK_BYTE[size]);
    const CK_ULONG room = size;
    if (sound(function(session_, data.data(), data.size(), exact.get(), &size)) == CKR_OK)
      require(size <= room, "an answer longer than its buffer");
  }
  void sign() {
    CK_MECHANISM mechanism{feed_.one_of(kMechanisms), nullptr, 0};
    if (sound(p11_->C_SignInit(session_, &mechanism, object())) != CKR_OK) return;
    if (feed_.below(2) == 0) authenticate(9);
    in_two_steps(p11_->C_Sign);
  }
  void decrypt() {
    CK_MECHANISM mechanism{feed_.below(2) == 0 ? CKM_RSA_PKCS : CKM_RSA_X_509, nullptr, 0};
    if (sound(p11_->C_DecryptInit(session_, &mechanism, object())) == CKR_OK) in_two_steps(p11_->C_Decrypt);
  }
  void derive() {
    Bytes point = to_bytes(feed_.bytes(97));
    CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), point.data()};
    CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    std::array<CK_ATTRIBUTE, 2> wanted{
        {{CKA_CLASS, &object_class, sizeof object_class}, {CKA_KEY_TYPE, &type, sizeof type}}};
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    sound(p11_->C_DeriveKey(session_, &mechanism, object(), wanted.data(), wanted.size(), &made));
  }
  void generate() {
    CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
    CK_BYTE curve[sizeof kP256];
    std::copy(std::begin(kP256), std::end(kP256), curve);
    CK_BYTE id = static_cast<CK_BYTE>(1 + feed_.below(6));
    std::array<CK_ATTRIBUTE, 2> wanted{{{CKA_EC_PARAMS, curve, sizeof curve}, {CKA_ID, &id, 1}}};
    CK_OBJECT_HANDLE public_key = 0, private_key = 0;
    sound(p11_->C_GenerateKeyPair(session_, &mechanism, wanted.data(), wanted.size(), &wanted[1], 1,
                                  &public_key, &private_key));
  }

  Feed feed_;
  Seen seen_;
  bool present_ = true;
  int given_ = 0;
  CK_FUNCTION_LIST* p11_ = pkcs11::functions_2_40();
  CK_SLOT_ID slot_ = 0;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
  std::array<CK_OBJECT_HANDLE, 100> objects_{};
  CK_ULONG found_ = 0;
};

}  // namespace

void provider(ByteView input) { Caller(input).go(); }

}  // namespace sceau::fuzz
