#include "clearsign/clearsign.h"

#include "clearsign/screen.h"
#include "core/tlv.h"

namespace sceau::firmware::clearsign {

ClearSign::ClearSign(Board& board, Store& store, KeyEngine& engine)
    : board_(board),
      store_(store),
      engine_(engine),
      pins_(board, store),
      attestation_(board, store, engine),
      keys_(store),
      journal_(store),
      restoration_(engine) {}

// 61 { 4F AID, 50 name, 53 { format of the commands } }
StatusWord ClearSign::select(bool again, Writer& response) {
  if (!again) deselect();
  clear_desk();
  restoration_.clear();
  TlvWriter tlv(response);
  const std::size_t whole = tlv.begin(0x61);
  tlv.element(0x4F, kAid);
  tlv.element(0x50, as_bytes("Sceau clear-sign"));
  tlv.element(0x53, ByteView(&kFormat, 1));
  tlv.end(whole);
  return sw::kOk;
}

void ClearSign::deselect() {
  forget_pin();
  clear_desk();
  restoration_.clear();
}

void ClearSign::forget_pin() {
  pin_verified_ = false;
  pin_fresh_ = false;
}

void ClearSign::clear_desk() {
  desk_.clear();
  order_ = {};
}

bool ClearSign::touched() { return board_.wait_for_touch(kTouchWait) == Touch::kTouched; }

bool ClearSign::agreed_on(const ScreenSink& screen) {
  screen.show_on(board_);
  const bool agreed = touched();
  board_.display({});
  return agreed;
}

StatusWord ClearSign::process(const Command& command, Writer& response) {
  switch (command.ins) {
    case kVerify:
      return verify(command);
    case kLoad:
      return load(command);
    case kPrepare:
      return prepare(command, response);
    case kShow:
      return show(command, response);
    case kSign:
      return sign(command, Act::kStatement, response);
    case kDerive:
      return derive(command, response);
    case kJournalHead:
      return journal_head(command, response);
    case kJournalEntry:
      return journal_entry(command, response);
    default:
      return process_key(command, response);
  }
}

StatusWord ClearSign::process_key(const Command& command, Writer& response) {
  switch (command.ins) {
    case kGenerate:
      return generate(command, response);
    case kShares:
      return give_shares(command, response);
    case kRestore:
      return restore(command, response);
    case kDelete:
      return remove(command);
    case kPutCertificate:
      return put_certificate(command);
    case kGetCertificate:
      return get_certificate(command, response);
    case kInformation:
      return information(command, response);
    case kAttest:
      return attest(command, response);
    default:
      return sw::kInstruction;
  }
}

// As PIV's VERIFY (SP 800-73-5 part 2, 3.2.1), of the same PIN.
StatusWord ClearSign::verify(const Command& command) {
  if (command.p1 != 0 || command.p2 != kReferencePin) return sw::kWrongP1P2;
  const auto tries_word = [this] {
    const Result<piv::Tries> tries = pins_.tries(piv::Reference::kPin);
    if (!tries.ok()) return status_word(tries.status());
    const std::uint8_t left = tries.value().left;
    return left == 0 ? sw::kBlocked : static_cast<StatusWord>(sw::kTriesLeft | (left < 15 ? left : 15));
  };
  if (command.data.empty()) return pin_verified_ ? sw::kOk : tries_word();
  if (command.data.size() != piv::kPinSize) return sw::kWrongData;
  forget_pin();
  const Result<piv::Match> match = pins_.verify(piv::Reference::kPin, command.data);
  if (!match.ok()) return status_word(match.status());
  if (match.value() != piv::Match::kYes) {
    restoration_.clear();
    return tries_word();
  }
  pin_verified_ = true;
  pin_fresh_ = true;
  return sw::kOk;
}

}  // namespace sceau::firmware::clearsign
