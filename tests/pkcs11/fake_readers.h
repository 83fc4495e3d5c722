// Readers in memory with fake cards in them, and the module's functions over them as a caller sees them.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "fake_card.h"
#include "lists.h"
#include "module.h"
#include "readers.h"

namespace sceau::test {

// The keys of a reader, and what somebody types on them.
struct Pad {
  bool is_there = false;
  bool can_change = false;
  std::string typed;  // empty: nobody types, and the reader says so
  std::string fresh;  // the new PIN, when it is changed
  int asked = 0;
};

// Where commands to different cards wait for each other: all are let through once so many are there at a
// time.
struct Meeting {
  std::mutex mutex;
  std::condition_variable changed;
  int wanted = 0;  // 0: nobody waits
  int there = 0;
  bool happened = false;
};

class FakeReaders final : public pkcs11::ReaderSource {
 public:
  // What is in that reader from now on; null: nothing.
  void insert(const std::string& reader, std::shared_ptr<FakeCard> card);
  void unplug(const std::string& reader);

  sceau::Result<std::vector<token::ReaderStatus>> list() override;
  sceau::Result<std::unique_ptr<token::Channel>> connect(const std::string& reader) override;
  sceau::Result<bool> wait(const std::vector<token::ReaderStatus>& known,
                           std::chrono::milliseconds timeout) override;
  void stop() override;

  std::shared_ptr<Meeting> meeting = std::make_shared<Meeting>();
  std::shared_ptr<Pad> pad = std::make_shared<Pad>();

 private:
  std::vector<token::ReaderStatus> status();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::map<std::string, std::shared_ptr<FakeCard>> cards_;
};

// An initialised module over one reader "Fake" with a card that has keys in 9A, 9C and 9E, the first two with
// certificates. Finalised at the end.
class FakeModule {
 public:
  explicit FakeModule(bool initialise = true, std::shared_ptr<pkcs11::Cache> cache = nullptr)
      : FakeModule(pkcs11::TokenOptions{std::move(cache)}, {}, initialise) {}
  explicit FakeModule(pkcs11::TokenOptions options, pkcs11::ForeignOptions foreign = {},
                      bool initialise = true);
  ~FakeModule();
  FakeModule(const FakeModule&) = delete;
  FakeModule& operator=(const FakeModule&) = delete;

  CK_SLOT_ID slot();
  CK_SESSION_HANDLE open(CK_FLAGS flags = CKF_RW_SESSION);
  CK_RV log_in(CK_SESSION_HANDLE session, const std::string& pin = "123456", CK_USER_TYPE who = CKU_USER);
  // Nothing given: the PIN is to be typed on the reader.
  CK_RV log_in_on_pad(CK_SESSION_HANDLE session, CK_USER_TYPE who = CKU_USER) {
    return functions->C_Login(session, who, nullptr, 0);
  }
  CK_RV log_in_as_officer(CK_SESSION_HANDLE session);
  // All objects that match; CK_INVALID_HANDLE stands for none in find_one().
  std::vector<CK_OBJECT_HANDLE> find(CK_SESSION_HANDLE session, const std::vector<CK_ATTRIBUTE>& wanted);
  CK_OBJECT_HANDLE find_one(CK_SESSION_HANDLE session, CK_OBJECT_CLASS object_class, CK_BYTE id);
  Bytes attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

  FakeReaders* readers = nullptr;  // the provider's
  std::shared_ptr<FakeCard> card = make_card();
  CK_FUNCTION_LIST* functions = pkcs11::functions_2_40();

  static std::shared_ptr<FakeCard> make_card();
};

}  // namespace sceau::test
