#include "provider.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fido_token.h"
#include "handles.h"
#include "sceau/base/digest.h"

namespace sceau::pkcs11 {
namespace {

// How long a wait sleeps where the smart-card service cannot be asked.
constexpr std::chrono::milliseconds kRetry{500};
constexpr std::chrono::milliseconds kLongWait{60'000};
// How often other modules are asked meanwhile, and how many events one of them may tell at once.
constexpr std::chrono::milliseconds kForeignPause{500};
constexpr int kMostEvents = 64;

// From the reader's name, so that it is the same in every process; `attempt` where two names meet.
CK_SLOT_ID slot_id(const std::string& reader, int attempt) {
  const std::string salt = attempt == 0 ? "" : std::to_string(attempt);
  const Digest digest = sha256({as_bytes(reader), as_bytes(salt)});
  CK_SLOT_ID id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8U | digest[i];
  return id & 0x7FFFFFFFU;
}

}  // namespace

Provider::Provider(std::unique_ptr<ReaderSource> readers, TokenOptions options, ForeignOptions foreign,
                   FidoOptions fido)
    : readers_(std::move(readers)),
      options_(std::move(options)),
      fido_(std::move(fido)),
      for_other_cards_(std::move(foreign.for_other_cards)) {
  for (const std::string& path : foreign.modules)
    if (auto module = ForeignModule::load(path)) modules_.push_back(std::move(module));
  look();
}

// Modules are asked without the lock: they may be at work with their cards.
void Provider::add_foreign_slots() {
  for (const auto& module : modules_)
    for (const CK_SLOT_ID number : module->slots()) {
      const std::string name = module->path() + " " + std::to_string(number);
      const auto known = slots();
      if (std::any_of(known.begin(), known.end(), [&](const auto& slot) { return slot->reader() == name; }))
        continue;
      const bool present = module->token_present(number);
      const std::lock_guard lock(mutex_);
      slots_.push_back(
          std::make_shared<Slot>(new_slot_id(name), name, *readers_, ForeignSlot{module, number}));
      static_cast<void>(slots_.back()->observe(present));
      if (!looked_) slots_.back()->forget_event();
    }
}

// A module that tells events is believed; of one that does not, the tokens are looked at.
void Provider::look_at_foreign_slots() {
  const auto known = slots();
  for (const auto& module : modules_) {
    std::set<CK_SLOT_ID> changed;
    auto event = module->next_event();
    for (int count = 1; event && count < kMostEvents; ++count, event = module->next_event())
      changed.insert(*event);
    const bool tells = event || event.failure().code == CKR_NO_EVENT;
    for (const auto& slot : known) {
      if (!slot->fixed() || slot->fixed()->module != module) continue;
      if (changed.contains(slot->fixed()->id)) slot->note_event();
      if (tells) {
        slot->remember(slot->card_present());
      } else {
        static_cast<void>(slot->observe(slot->card_present()));
      }
    }
  }
}

std::optional<ForeignSlot> Provider::foreign_slot(Slot& slot, bool asks_card) {
  if (slot.fixed()) return slot.fixed();
  if (slot.is_fido()) return std::nullopt;
  if (auto adopted = slot.adopted()) return adopted;
  if (!asks_card || for_other_cards_.empty()) return std::nullopt;
  if (const auto token = slot.token(); token || token.failure().code != CKR_TOKEN_NOT_RECOGNIZED)
    return std::nullopt;
  std::shared_ptr<ForeignModule> module;
  {
    const std::lock_guard lock(other_mutex_);
    if (!other_) other_ = ForeignModule::load(for_other_cards_);
    module = other_;
  }
  const auto number = module ? module->slot_of_reader(slot.reader()) : std::nullopt;
  if (!number) return std::nullopt;
  slot.adopt({module, *number});
  return ForeignSlot{module, *number};
}

std::optional<ForeignSession> Provider::foreign_session(CK_SESSION_HANDLE handle) {
  const std::lock_guard lock(mutex_);
  const auto found = foreign_sessions_.find(handle);
  if (found == foreign_sessions_.end()) return std::nullopt;
  return found->second;
}

Result<CK_SESSION_HANDLE> Provider::open_foreign_session(const Slot& slot, const ForeignSlot& foreign,
                                                         CK_FLAGS flags, CK_VOID_PTR application,
                                                         CK_NOTIFY notify) {
  CK_SESSION_HANDLE theirs = CK_INVALID_HANDLE;
  const CK_RV code =
      foreign.module->functions()->C_OpenSession(foreign.id, flags, application, notify, &theirs);
  if (code != CKR_OK) return Failure{code};
  SystemRandom random;
  const std::lock_guard lock(mutex_);
  const CK_SESSION_HANDLE handle = new_handle(random, [&](CK_SESSION_HANDLE taken) {
    return sessions_.contains(taken) || foreign_sessions_.contains(taken);
  });
  foreign_sessions_.emplace(handle, ForeignSession{foreign.module, slot.id(), theirs});
  return handle;
}

void Provider::look() {
  // Without the lock: a token that is let go may be at work.
  for (const auto& slot : look_at_readers()) slot->drop_token();
}

std::vector<std::shared_ptr<Slot>> Provider::look_at_readers() {
  std::vector<std::shared_ptr<Slot>> left;
  const std::lock_guard look_lock(look_mutex_);
  auto listed = readers_->list();
  seen_ = listed ? std::move(*listed) : std::vector<token::ReaderStatus>{};
  for (const token::ReaderStatus& reader : seen_) {
    const auto slot = slot_of_reader(reader.name);
    if (slot->observe(reader.card_present)) left.push_back(slot);
    if (!looked_) slot->forget_event();  // what was there from the beginning is no news
  }
  for (auto& slot : look_at_fido_keys()) left.push_back(std::move(slot));
  add_foreign_slots();
  for (const auto& slot : slots()) {
    if (slot->fixed() || slot->is_fido()) continue;
    const bool listed_now = std::any_of(seen_.begin(), seen_.end(), [&](const token::ReaderStatus& reader) {
      return reader.name == slot->reader();
    });
    if (!listed_now && slot->observe(false)) left.push_back(slot);
  }
  looked_ = true;
  return left;
}

std::vector<std::shared_ptr<Slot>> Provider::look_at_fido_keys() {
  std::vector<std::shared_ptr<Slot>> left;
  if (!fido_.source) return left;
  std::set<std::string> there;
  for (const FidoSlot& place : fido_.source->list(*readers_, seen_, looked_)) {
    there.insert(place.name);
    const auto slot = slot_of_fido_key(place);
    static_cast<void>(slot->observe(true));
    if (!looked_) slot->forget_event();
  }
  for (const auto& slot : slots())
    if (slot->is_fido() && !there.contains(slot->reader()) && slot->observe(false)) left.push_back(slot);
  return left;
}

std::shared_ptr<Slot> Provider::slot_of_fido_key(const FidoSlot& place) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return slot->is_fido() && slot->reader() == place.name;
  });
  if (known != slots_.end()) return *known;
  const auto open = [this, place]() -> Result<std::shared_ptr<Token>> {
    if (place.reader.empty())
      return std::shared_ptr<Token>(std::make_shared<FidoToken>(
          std::make_unique<token::FidoKey>(place.path, place.name), false, fido_.relying_parties));
    auto channel = readers_->connect(place.reader);
    if (!channel) return Failure{CKR_TOKEN_NOT_PRESENT, channel.error().message};
    return std::shared_ptr<Token>(std::make_shared<FidoToken>(
        std::make_unique<token::FidoKey>(std::move(*channel)), true, fido_.relying_parties));
  };
  slots_.push_back(std::make_shared<Slot>(new_slot_id(place.name), place.name, *readers_, open));
  return slots_.back();
}

std::shared_ptr<Slot> Provider::slot_of_reader(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  const auto known =
      std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->reader() == reader; });
  if (known != slots_.end()) return *known;
  slots_.push_back(std::make_shared<Slot>(new_slot_id(reader), reader, *readers_, options_));
  return slots_.back();
}

CK_SLOT_ID Provider::new_slot_id(const std::string& name) const {
  for (int attempt = 0;; ++attempt) {
    const CK_SLOT_ID id = slot_id(name, attempt);
    if (std::none_of(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->id() == id; }))
      return id;
  }
}

std::vector<std::shared_ptr<Slot>> Provider::slots() {
  const std::lock_guard lock(mutex_);
  return slots_;
}

Result<std::shared_ptr<Slot>> Provider::slot(CK_SLOT_ID id) {
  const std::lock_guard lock(mutex_);
  for (const auto& slot : slots_)
    if (slot->id() == id) return slot;
  return Failure{CKR_SLOT_ID_INVALID};
}

Result<CK_SLOT_ID> Provider::wait_for_event(bool may_wait) {
  for (;;) {
    look();
    look_at_foreign_slots();
    for (const auto& slot : slots())
      if (slot->take_event()) return slot->id();
    if (!may_wait) return Failure{CKR_NO_EVENT};
    std::vector<token::ReaderStatus> seen;
    {
      const std::lock_guard look_lock(look_mutex_);
      seen = seen_;
    }
    const bool must_look = !modules_.empty() || fido_.source != nullptr;
    const auto waited = readers_->wait(seen, must_look ? kForeignPause : kLongWait);
    std::unique_lock lock(mutex_);
    if (!waited) changed_.wait_for(lock, kRetry, [&] { return stopped_; });
    if (stopped_) return Failure{CKR_CRYPTOKI_NOT_INITIALIZED};
  }
}

Result<CK_SESSION_HANDLE> Provider::open_session(Slot& slot, bool read_write) {
  auto token = slot.token();
  if (!token) return token.failure();
  if (!read_write && (*token)->login() == Login::security_officer)
    return Failure{CKR_SESSION_READ_WRITE_SO_EXISTS};
  auto session = std::make_shared<Session>(slot.id(), *token, read_write);
  SystemRandom random;
  const std::lock_guard lock(mutex_);
  const CK_SESSION_HANDLE handle = new_handle(random, [&](CK_SESSION_HANDLE taken) {
    return sessions_.contains(taken) || foreign_sessions_.contains(taken);
  });
  sessions_.emplace(handle, std::move(session));
  return handle;
}

Result<std::shared_ptr<Session>> Provider::session(CK_SESSION_HANDLE handle) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(handle);
  if (found == sessions_.end()) return Failure{CKR_SESSION_HANDLE_INVALID};
  return found->second;
}

Status Provider::close_session(CK_SESSION_HANDLE handle) {
  if (const auto foreign = foreign_session(handle)) {
    {
      const std::lock_guard lock(mutex_);
      foreign_sessions_.erase(handle);
    }
    return from_code(foreign->module->functions()->C_CloseSession(foreign->handle));
  }
  std::shared_ptr<Session> closing;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(handle);
    if (found == sessions_.end()) return Failure{CKR_SESSION_HANDLE_INVALID};
    closing = std::move(found->second);
    sessions_.erase(found);
  }
  closing->close();
  return {};
}

bool Provider::has_sessions(CK_SLOT_ID slot) {
  const std::lock_guard lock(mutex_);
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [&](const auto& entry) { return entry.second->slot() == slot; });
}

void Provider::close_all_sessions(CK_SLOT_ID slot) {
  std::vector<std::shared_ptr<Session>> closing;
  std::vector<ForeignSession> foreign;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = foreign_sessions_.begin(); at != foreign_sessions_.end();) {
      if (at->second.own_slot == slot) foreign.push_back(at->second);
      at = at->second.own_slot == slot ? foreign_sessions_.erase(at) : std::next(at);
    }
    for (auto at = sessions_.begin(); at != sessions_.end();) {
      if (at->second->slot() == slot) closing.push_back(at->second);
      at = at->second->slot() == slot ? sessions_.erase(at) : std::next(at);
    }
  }
  for (const auto& session : closing) session->close();
  for (const ForeignSession& session : foreign) session.module->functions()->C_CloseSession(session.handle);
}

void Provider::stop() {
  readers_->stop();
  std::unique_lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return inside_ == 0; });
}

Provider::Visit Provider::enter(std::shared_ptr<Provider> provider) {
  {
    const std::lock_guard lock(provider->mutex_);
    ++provider->inside_;
  }
  return Visit(std::move(provider));
}

Provider::Visit::~Visit() {
  if (!provider_) return;
  const std::lock_guard lock(provider_->mutex_);
  --provider_->inside_;
  provider_->changed_.notify_all();
}

}  // namespace sceau::pkcs11
