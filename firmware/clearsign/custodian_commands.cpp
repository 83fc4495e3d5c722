// Commands of custodian keys: their master in shares, once; one from another token; and the keys derived from
// it.
#include "clearsign/clearsign.h"
#include "clearsign/screen.h"
#include "clearsign/shares.h"
#include "core/tlv.h"

namespace sceau::firmware::clearsign {

// Of a key that is no custodian's, one of zeros that nobody keeps. kInvalid: a holder's point that is none.
Result<Master> ClearSign::make_master(const KeyPolicy& policy) {
  Master master;
  if (!policy.is_custodian) return master;
  PublicKey own;  // of the holders' curve
  own.bytes.size = kHolderPoint;
  for (const Holder& holder : policy.custodian.all()) {
    if (!engine_.can_agree(own, holder.point)) return Status::kInvalid;
  }
  const Status status = board_.random(master);
  return status == Status::kOk ? Result<Master>(master) : status;
}

bool ClearSign::confirm_shares(std::uint8_t slot, const Custodian& custodian) {
  ScreenSink screen;
  statement::LineWriter out(screen);
  put_slot(out, "clone, this once, the master in slot ", slot);
  put_holders(out, "to any ", custodian);
  return agreed_on(screen);
}

// After the PIN: 6985 when the master was cloned, 6A88 when the slot has none.
StatusWord ClearSign::read_fresh(std::uint8_t slot, FreshCustodian& fresh) {
  if (!pin_verified_) return sw::kSecurityStatus;
  const Result<KeptMaster> master = keys_.master(slot);
  if (!master.ok()) return status_word(master.status());
  if (master.value().cloned) return sw::kConditions;
  const Result<Key> key = keys_.read(slot);
  if (!key.ok()) return status_word(key.status());
  fresh.master = master.value().secret;
  fresh.policy = key.value().policy;
  const Result<KeyPolicy> policy = read_policy(fresh.policy.view());
  if (!policy.ok()) return sw::kMemoryFailure;
  fresh.custodian = policy.value().custodian;
  return sw::kOk;
}

// P2: a custodian's slot. Answer: one 80 a holder, in their order: the share sealed to him. That they were
// given out is durable before any of them is made: a power cut can lose them, and nothing brings them twice.
// Who lost them deletes the key, from which nothing was derived yet, and makes another.
StatusWord ClearSign::give_shares(const Command& command, Writer& response) {
  if (command.p1 != 0 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  FreshCustodian fresh;
  const StatusWord word = read_fresh(command.p2, fresh);
  if (word != sw::kOk) return word;
  if (!confirm_shares(command.p2, fresh.custodian)) return sw::kSecurityStatus;
  const Status status = keys_.mark_cloned(command.p2, fresh.master);
  if (status != Status::kOk) return status_word(status);
  return write_shares(command.p2, fresh.custodian, fresh.master, response);
}

StatusWord ClearSign::write_shares(std::uint8_t slot, const Custodian& custodian, const Master& master,
                                   Writer& response) {
  MasterShares shares(board_, engine_);
  Status status = shares.split(master, custodian.threshold, {board_.serial(), slot});
  TlvWriter tlv(response);
  for (std::uint8_t index = 1; index <= custodian.count && status == Status::kOk; ++index) {
    std::array<std::uint8_t, kSealedShare> share{};
    Writer out(share);
    status = shares.seal_one(custodian, index, out);
    tlv.element(0x80, out.written());
  }
  return status_word(status);
}

// P2: a custodian's slot whose master was not cloned; that master is replaced. P1: 0 begins, 1 brings a
// share.
StatusWord ClearSign::restore(const Command& command, Writer& response) {
  if (command.p1 > 1 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  FreshCustodian fresh;
  const StatusWord word = read_fresh(command.p2, fresh);
  if (word != sw::kOk) return word;
  return command.p1 == 0 ? begin_restoration(command, fresh.custodian, response)
                         : take_share(command, fresh.custodian, response);
}

bool ClearSign::confirm_restoration(std::uint8_t slot, const Custodian& custodian,
                                    const ShareContext& origin) {
  ScreenSink screen;
  statement::LineWriter out(screen);
  put_slot(out, "replace the master in slot ", slot);
  out.put("by the one of token ");
  out.put_number(origin.serial);
  put_slot(out, ", slot ", origin.slot);
  put_holders(out, "cloned to any ", custodian);
  return agreed_on(screen);
}

// Data: serial number and slot of the token whose master it was. Answer: 80 the point to seal shares to, 81
// the device key's signature over "sceau restore v1", this token's serial number, the slot and the point.
StatusWord ClearSign::begin_restoration(const Command& command, const Custodian& custodian,
                                        Writer& response) {
  if (command.data.size() != 5) return sw::kWrongLength;
  const ShareContext origin{load_be32(command.data.data()), command.data[4]};
  if (!is_key_slot(origin.slot)) return sw::kWrongData;
  if (!confirm_restoration(command.p2, custodian, origin)) return sw::kSecurityStatus;
  const Result<PublicKey> point = restoration_.begin({board_.serial(), command.p2}, origin);
  if (!point.ok()) return status_word(point.status());
  std::array<std::uint8_t, 16 + 4 + 1 + kHolderPoint> message{};
  std::array<std::uint8_t, 4> serial{};
  store_be32(serial.data(), board_.serial());
  Writer out(message);
  out.bytes(as_bytes("sceau restore v1"));
  out.bytes(serial);
  out.byte(command.p2);
  out.bytes(point.value().bytes.view());
  const Result<KeyOutput> signature = attestation_.sign(out.written());
  if (!signature.ok()) return status_word(signature.status());
  TlvWriter tlv(response);
  tlv.element(0x80, point.value().bytes.view());
  tlv.element(0x81, signature.value().view());
  return sw::kOk;
}

// Data: one share. Answer: 80 how many are missing. With the last one the master is in its place, as one that
// was cloned. What is refused ends the restoration, so that nobody can try shares one after the other.
StatusWord ClearSign::take_share(const Command& command, const Custodian& custodian, Writer& response) {
  if (!restoration_.is_for(command.p2)) return sw::kConditions;
  Status status = restoration_.take(custodian, command.data);
  const std::uint8_t missing = restoration_.missing(custodian);
  if (status == Status::kOk && missing == 0) {
    const Result<Master> master = restoration_.join();
    status = master.ok() ? keys_.mark_cloned(command.p2, master.value()) : master.status();
  }
  if (status != Status::kOk || missing == 0) restoration_.clear();
  if (status == Status::kCorrupt) return sw::kWrongData;
  if (status != Status::kOk) return status_word(status);
  TlvWriter(response).element(0x80, ByteView(&missing, 1));
  return sw::kOk;
}

// As SIGN, of a custodian's key whose master was cloned. Answer: also 82 the derived key.
StatusWord ClearSign::derive(const Command& command, Writer& response) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!desk_.all_shown()) return sw::kConditions;
  const Result<KeptMaster> master = keys_.master(order_.slot);
  if (!master.ok()) {
    return master.status() == Status::kNotFound ? sw::kFunctionNotSupported : status_word(master.status());
  }
  if (!master.value().cloned) return sw::kConditions;
  const Result<DerivedKey> derived = derive_project_key(master.value().secret, desk_.signed_statement());
  if (!derived.ok()) return status_word(derived.status());
  const StatusWord word = sign(command, Act::kDerivation, response);
  if (word == sw::kOk) TlvWriter(response).element(0x82, derived.value());
  return word;
}

}  // namespace sceau::firmware::clearsign
