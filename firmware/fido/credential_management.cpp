// authenticatorCredentialManagement (CTAP 2.1, 6.8).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

enum : std::uint32_t {
  kGetCredsMetadata = 0x01,
  kEnumerateRpsBegin = 0x02,
  kEnumerateRpsNext = 0x03,
  kEnumerateCredentialsBegin = 0x04,
  kEnumerateCredentialsNext = 0x05,
  kDeleteCredential = 0x06,
  kUpdateUserInformation = 0x07,
};

struct Parameters {
  bool has_rp_hash = false;
  Hash rp_hash{};
  bool has_id = false;
  ByteView id;
  bool has_user = false;
  User user;
};

CtapStatus read_rp_hash(CborReader& reader, Parameters& into) {
  const CtapResult<ByteView> bytes = reader.bytes();
  if (!bytes.ok()) return bytes.status();
  if (bytes.value().size() != into.rp_hash.size()) return CtapStatus::kInvalidParameter;
  copy(bytes.value(), into.rp_hash);
  into.has_rp_hash = true;
  return CtapStatus::kSuccess;
}

CtapStatus read_parameters(ByteView encoded, Parameters& into) {
  if (encoded.empty()) return CtapStatus::kMissingParameter;
  CborReader reader(encoded);
  return each_member(reader, [&](std::int64_t key) {
    switch (key) {
      case 1:
        return read_rp_hash(reader, into);
      case 2:
        into.has_id = true;
        return take(read_descriptor(reader), into.id);
      case 3:
        into.has_user = true;
        return read_user(reader, into.user);
      default:
        return skip(reader);
    }
  });
}

}  // namespace

CtapStatus Authenticator::credential_management(const Client& client, ByteView parameters, Writer& answer) {
  Subcommand asked;
  const CtapStatus status = read_subcommand(parameters, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (asked.number == kEnumerateRpsNext) {
    const CtapResult<std::size_t> slot = next_slot(client, Kind::kRelyingParties);
    return slot.ok() ? write_relying_party(slot.value(), 0, answer) : slot.status();
  }
  if (asked.number == kEnumerateCredentialsNext) {
    const CtapResult<std::size_t> slot = next_slot(client, Kind::kCredentials);
    return slot.ok() ? write_credential(slot.value(), 0, answer) : slot.status();
  }
  if (asked.number < kGetCredsMetadata || asked.number > kUpdateUserInformation) {
    return CtapStatus::kInvalidSubcommand;
  }
  return manage(client, asked, answer);
}

CtapStatus Authenticator::manage(const Client& client, const Subcommand& asked, Writer& answer) {
  const auto number = static_cast<std::uint8_t>(asked.number);
  const bool whole_token = number == kGetCredsMetadata || number == kEnumerateRpsBegin;
  const ByteView parameters = whole_token ? ByteView() : asked.parameters;
  const CtapStatus status = authorise(asked.auth, kCredentialManagement, {ByteView(&number, 1), parameters});
  if (status != CtapStatus::kSuccess) return status;
  if (whole_token && token_.bound()) return CtapStatus::kPinAuthInvalid;
  switch (number) {
    case kGetCredsMetadata:
      return get_creds_metadata(answer);
    case kEnumerateRpsBegin:
      return enumerate_relying_parties(client, answer);
    case kEnumerateCredentialsBegin:
      return enumerate_credentials(client, asked.parameters, answer);
    case kDeleteCredential:
      return delete_credential(asked.parameters);
    default:
      return update_user_information(asked.parameters);
  }
}

CtapStatus Authenticator::get_creds_metadata(Writer& answer) {
  CborWriter cbor(answer);
  cbor.map(2);
  cbor.integer(0x01);
  cbor.integer(static_cast<std::int64_t>(credentials_.stored()));
  cbor.integer(0x02);
  cbor.integer(static_cast<std::int64_t>(credentials_.remaining()));
  return CtapStatus::kSuccess;
}

CtapStatus Authenticator::enumerate_relying_parties(const Client& client, Writer& answer) {
  const Result<Slots> slots = credentials_.relying_parties();
  if (!slots.ok()) return ctap_status(slots.status());
  if (slots.value().count == 0) return CtapStatus::kNoCredentials;
  if (slots.value().count > 1) begin_iteration(client, Kind::kRelyingParties, slots.value());
  return write_relying_party(slots.value().slots[0], slots.value().count, answer);
}

CtapStatus Authenticator::write_relying_party(std::size_t slot, std::size_t total, Writer& answer) {
  const Result<StoredCredential> stored = credentials_.read(slot);
  if (!stored.ok()) return CtapStatus::kNotAllowed;
  CborWriter cbor(answer);
  cbor.map(total != 0 ? 3 : 2);
  cbor.integer(0x03);
  cbor.map(1);
  cbor.text("id");
  cbor.text(as_text(stored.value().rp_id.view()));
  cbor.integer(0x04);
  cbor.bytes(stored.value().rp_hash);
  if (total != 0) {
    cbor.integer(0x05);
    cbor.integer(static_cast<std::int64_t>(total));
  }
  return CtapStatus::kSuccess;
}

CtapStatus Authenticator::enumerate_credentials(const Client& client, ByteView encoded, Writer& answer) {
  Parameters asked;
  const CtapStatus status = read_parameters(encoded, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (!asked.has_rp_hash) return CtapStatus::kMissingParameter;
  if (!token_.reaches(asked.rp_hash)) return CtapStatus::kPinAuthInvalid;
  const Result<Slots> slots = credentials_.of_relying_party(asked.rp_hash);
  if (!slots.ok()) return ctap_status(slots.status());
  if (slots.value().count == 0) return CtapStatus::kNoCredentials;
  if (slots.value().count > 1) begin_iteration(client, Kind::kCredentials, slots.value());
  return write_credential(slots.value().slots[0], slots.value().count, answer);
}

CtapStatus Authenticator::write_credential(std::size_t slot, std::size_t total, Writer& answer) {
  const Result<StoredCredential> stored = credentials_.read(slot);
  if (!stored.ok()) return CtapStatus::kNotAllowed;
  const Result<CredentialSource> source = credentials_.open(stored.value().id, stored.value().rp_hash);
  if (!source.ok()) return CtapStatus::kOther;
  const Result<KeyPair> pair = engine_.from_scalar(KeyType::kP256, source.value().scalar);
  if (!pair.ok()) return CtapStatus::kOther;
  CborWriter cbor(answer);
  cbor.map(std::size_t{4} + (total != 0 ? 1 : 0) + (source.value().large_blob_key ? 1 : 0));
  cbor.integer(0x06);
  write_user(stored.value(), true, answer);
  cbor.integer(0x07);
  write_descriptor(stored.value().id, answer);
  cbor.integer(0x08);
  write_cose_key(pair.value().open.bytes.view(), kEs256, answer);
  if (total != 0) {
    cbor.integer(0x09);
    cbor.integer(static_cast<std::int64_t>(total));
  }
  cbor.integer(0x0A);
  cbor.integer(static_cast<int>(source.value().protection));
  if (!source.value().large_blob_key) return CtapStatus::kSuccess;
  const Result<DerivedKey> key = credentials_.secret("sceau fido large blob", stored.value().id);
  if (!key.ok()) return CtapStatus::kOther;
  cbor.integer(0x0B);
  cbor.bytes(key.value());
  return CtapStatus::kSuccess;
}

CtapStatus Authenticator::delete_credential(ByteView encoded) {
  Parameters asked;
  const CtapStatus status = read_parameters(encoded, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (!asked.has_id) return CtapStatus::kMissingParameter;
  const Result<std::size_t> slot = credentials_.find(asked.id);
  if (!slot.ok()) return slot.status() == Status::kNotFound ? CtapStatus::kNoCredentials : CtapStatus::kOther;
  const Result<StoredCredential> stored = credentials_.read(slot.value());
  if (!stored.ok()) return CtapStatus::kOther;
  if (!token_.reaches(stored.value().rp_hash)) return CtapStatus::kPinAuthInvalid;
  return ctap_status(credentials_.remove(slot.value()));
}

CtapStatus Authenticator::update_user_information(ByteView encoded) {
  Parameters asked;
  const CtapStatus status = read_parameters(encoded, asked);
  if (status != CtapStatus::kSuccess) return status;
  if (!asked.has_id || !asked.has_user || !asked.user.has_id) return CtapStatus::kMissingParameter;
  const Result<std::size_t> slot = credentials_.find(asked.id);
  if (!slot.ok()) return slot.status() == Status::kNotFound ? CtapStatus::kNoCredentials : CtapStatus::kOther;
  Result<StoredCredential> stored = credentials_.read(slot.value());
  if (!stored.ok()) return CtapStatus::kOther;
  if (!token_.reaches(stored.value().rp_hash)) return CtapStatus::kPinAuthInvalid;
  StoredCredential& changed = stored.value();
  if (!equal(changed.user_id.view(), asked.user.id)) return CtapStatus::kInvalidParameter;
  changed.has_name = !asked.user.name.empty();
  changed.has_display_name = !asked.user.display_name.empty();
  changed.name.assign(as_bytes(cut_text(asked.user.name, kMaxName)));
  changed.display_name.assign(as_bytes(cut_text(asked.user.display_name, kMaxName)));
  return ctap_status(credentials_.update(slot.value(), changed));
}

}  // namespace sceau::firmware::fido
