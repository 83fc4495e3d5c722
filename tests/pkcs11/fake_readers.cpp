#include "fake_readers.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <utility>

namespace sceau::test {
namespace {

// A connection to a card that others may be connected to as well.
class SharedCard final : public token::Channel {
 public:
  SharedCard(std::shared_ptr<FakeCard> card, std::shared_ptr<Pad> pad, std::shared_ptr<Meeting> meeting)
      : card_(std::move(card)), pad_(std::move(pad)), meeting_(std::move(meeting)), resets_(card_->resets) {}
  Result<Bytes> transmit(ByteView command) override {
    meet();
    return card_->transmit(command);
  }
  Result<token::CardState> begin() override {
    if (card_->leaves_at && card_->seen.size() >= *card_->leaves_at)
      return Error{ErrorKind::unavailable, "lost the card"};
    const bool was_reset = std::exchange(resets_, card_->resets) != card_->resets;
    return was_reset ? token::CardState::reset : token::CardState::kept;
  }
  Result<bool> has_pin_pad() override { return pad_->is_there; }
  Result<bool> can_change_on_pad() override { return pad_->can_change; }
  Result<Bytes> verify_on_pad(ByteView structure) override { return on_pad(structure, 19, {pad_->typed}); }
  Result<Bytes> change_on_pad(ByteView structure) override {
    return on_pad(structure, 24, {pad_->typed, pad_->fresh});
  }
  [[nodiscard]] std::string name() const override { return "Fake"; }
  [[nodiscard]] bool extended_length() const override { return true; }

 private:
  void meet() {
    constexpr std::chrono::seconds kPatience{20};
    std::unique_lock lock(meeting_->mutex);
    if (meeting_->wanted == 0) return;
    if (++meeting_->there == meeting_->wanted) meeting_->happened = true;
    meeting_->changed.notify_all();
    meeting_->changed.wait_for(lock, kPatience, [&] { return meeting_->happened; });
    --meeting_->there;
  }

  // The command begins there; each PIN is typed into its own 8 bytes.
  Result<Bytes> on_pad(ByteView structure, std::size_t begins, const std::vector<std::string>& typed) {
    ++pad_->asked;
    if (pad_->typed.empty()) return Bytes{0x64, 0x01};
    Bytes command = to_bytes(structure.subspan(begins));
    auto place = command.begin() + 5;
    for (const std::string& pin : typed) {
      std::copy(pin.begin(), pin.end(), place);
      place += 8;
    }
    return transmit(command);
  }

  std::shared_ptr<FakeCard> card_;
  std::shared_ptr<Pad> pad_;
  std::shared_ptr<Meeting> meeting_;
  int resets_;
};

}  // namespace

void FakeReaders::insert(const std::string& reader, std::shared_ptr<FakeCard> card) {
  const std::lock_guard lock(mutex_);
  auto& place = cards_[reader];
  if (place) place->leaves_at = 0;
  place = std::move(card);
  changed_.notify_all();
}

void FakeReaders::unplug(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  cards_.erase(reader);
  changed_.notify_all();
}

std::vector<token::ReaderStatus> FakeReaders::status() {
  std::vector<token::ReaderStatus> list;
  for (const auto& [reader, card] : cards_) {
    const bool gone = card && card->leaves_at && card->seen.size() >= *card->leaves_at;
    list.push_back({reader, card != nullptr && !gone, {}});
  }
  return list;
}

sceau::Result<std::vector<token::ReaderStatus>> FakeReaders::list() {
  const std::lock_guard lock(mutex_);
  return status();
}

sceau::Result<std::unique_ptr<token::Channel>> FakeReaders::connect(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  const auto found = cards_.find(reader);
  if (found == cards_.end() || !found->second) return Error{ErrorKind::unavailable, "no card"};
  return std::unique_ptr<token::Channel>(std::make_unique<SharedCard>(found->second, pad, meeting));
}

sceau::Result<bool> FakeReaders::wait(const std::vector<token::ReaderStatus>& known,
                                      std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto differs = [&] {
    const auto now = status();
    return !std::equal(now.begin(), now.end(), known.begin(), known.end(), [](const auto& a, const auto& b) {
      return a.name == b.name && a.card_present == b.card_present;
    });
  };
  changed_.wait_for(lock, timeout, [&] { return stopped_ || differs(); });
  return differs();
}

void FakeReaders::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::shared_ptr<FakeCard> FakeModule::make_card() {
  auto card = std::make_shared<FakeCard>();
  for (const int slot : {0x9A, 0x9C, 0x9E}) static_cast<void>(card->keys[static_cast<std::uint8_t>(slot)]);
  const auto store = [&](std::uint8_t slot, std::uint8_t last) {
    const Bytes certificate = make_certificate(card->keys[slot].spki());
    const auto size = static_cast<std::uint16_t>(certificate.size());
    Bytes content{0x70, 0x82};
    append_u16(content, size);
    append(content, certificate);
    Bytes object{0x53, 0x82};
    append_u16(object, static_cast<std::uint16_t>(content.size()));
    append(object, content);
    card->objects[{0x5F, 0xC1, last}] = object;
  };
  store(0x9A, 0x05);
  store(0x9C, 0x0A);
  card->objects[{0x5F, 0xC1, 0x02}] = Bytes{0x53, 0x02, 0x34, 0x00};
  return card;
}

FakeModule::FakeModule(pkcs11::TokenOptions options, pkcs11::ForeignOptions foreign, bool initialise) {
  pkcs11::Module::instance().make_with([this, options, foreign] {
    auto own = std::make_unique<FakeReaders>();
    readers = own.get();
    readers->insert("Fake", card);
    return std::make_shared<pkcs11::Provider>(std::move(own), options, foreign);
  });
  if (initialise) CHECK_EQUAL(CKR_OK, functions->C_Initialize(nullptr));
}

FakeModule::~FakeModule() { functions->C_Finalize(nullptr); }

CK_SLOT_ID FakeModule::slot() {
  CK_SLOT_ID slot = 0;
  CK_ULONG count = 1;
  CHECK_EQUAL(CKR_OK, functions->C_GetSlotList(CK_TRUE, &slot, &count));
  CHECK_EQUAL(1, count);
  return slot;
}

CK_SESSION_HANDLE FakeModule::open(CK_FLAGS flags) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CHECK_EQUAL(CKR_OK,
              functions->C_OpenSession(slot(), flags | CKF_SERIAL_SESSION, nullptr, nullptr, &session));
  return session;
}

CK_RV FakeModule::log_in(CK_SESSION_HANDLE session, const std::string& pin, CK_USER_TYPE who) {
  std::string copy = pin;
  return functions->C_Login(session, who, reinterpret_cast<CK_BYTE*>(copy.data()), copy.size());
}

CK_RV FakeModule::log_in_as_officer(CK_SESSION_HANDLE session) {
  return log_in(session, "010203040506070801020304050607080102030405060708", CKU_SO);
}

std::vector<CK_OBJECT_HANDLE> FakeModule::find(CK_SESSION_HANDLE session,
                                               const std::vector<CK_ATTRIBUTE>& wanted) {
  std::vector<CK_ATTRIBUTE> copy = wanted;
  CHECK_EQUAL(CKR_OK, functions->C_FindObjectsInit(session, copy.data(), copy.size()));
  std::vector<CK_OBJECT_HANDLE> found;
  for (;;) {
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    CHECK_EQUAL(CKR_OK, functions->C_FindObjects(session, &handle, 1, &count));
    if (count == 0) break;
    found.push_back(handle);
  }
  CHECK_EQUAL(CKR_OK, functions->C_FindObjectsFinal(session));
  return found;
}

CK_OBJECT_HANDLE FakeModule::find_one(CK_SESSION_HANDLE session, CK_OBJECT_CLASS object_class, CK_BYTE id) {
  const auto found =
      find(session, {{CKA_CLASS, &object_class, sizeof object_class}, {CKA_ID, &id, sizeof id}});
  return found.size() == 1 ? found[0] : CK_OBJECT_HANDLE{CK_INVALID_HANDLE};
}

Bytes FakeModule::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE asked{type, nullptr, 0};
  CHECK_EQUAL(CKR_OK, functions->C_GetAttributeValue(session, object, &asked, 1));
  Bytes value(asked.ulValueLen);
  asked.pValue = value.data();
  CHECK_EQUAL(CKR_OK, functions->C_GetAttributeValue(session, object, &asked, 1));
  return value;
}

}  // namespace sceau::test
