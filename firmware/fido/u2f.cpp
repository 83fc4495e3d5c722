// U2F (FIDO U2F raw message formats 1.2). Its key handles are credential ids, so what it registered can be
// used with CTAP2 too. Not there while alwaysUv is on: it has no user verification (CTAP 2.1, 7.2.4).
#include "fido/authenticator.h"

namespace sceau::firmware::fido {

namespace {

constexpr std::uint8_t kRegister = 0x01;
constexpr std::uint8_t kAuthenticate = 0x02;
constexpr std::uint8_t kVersion = 0x03;

constexpr std::uint8_t kEnforce = 0x03;    // P1 of authenticate: with a touch
constexpr std::uint8_t kCheckOnly = 0x07;  // is this key handle yours?
constexpr std::uint8_t kDoNotEnforce = 0x08;

StatusWord touch_word(CtapStatus confirmed) {
  return confirmed == CtapStatus::kSuccess ? sw::kOk : sw::kConditions;
}

}  // namespace

bool Authenticator::offers_u2f() {
  const Result<Settings> settings = pin_.settings();
  return settings.ok() && !settings.value().always_uv;
}

StatusWord Authenticator::process_u2f(const Client& client, const Command& command, Writer& response) {
  drop_iteration();
  if (!offers_u2f()) return sw::kInstruction;
  if (command.cla != 0) return sw::kClass;
  switch (command.ins) {
    case kRegister:
      return u2f_register(client, command, response);
    case kAuthenticate:
      return u2f_authenticate(client, command, response);
    case kVersion:
      if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
      if (!command.data.empty()) return sw::kWrongLength;
      response.bytes(as_bytes("U2F_V2"));
      return sw::kOk;
    default:
      return sw::kInstruction;
  }
}

// 05 || public key || length || key handle || certificate || signature
StatusWord Authenticator::u2f_register(const Client& client, const Command& command, Writer& response) {
  if (command.data.size() != 2 * kHashSize) return sw::kWrongLength;
  const StatusWord touched = touch_word(confirm(client, "U2F: register?", {}));
  if (touched != sw::kOk) return touched;
  Hash application{};
  copy(command.data.subspan(kHashSize), application);
  const Result<KeyPair> pair = engine_.generate(KeyType::kP256);
  if (!pair.ok()) return sw::kMemoryFailure;
  CredentialSource source;
  copy(pair.value().secret.view(), source.scalar);
  const Result<CredentialId> id = credentials_.seal(source, application);
  if (!id.ok()) return sw::kMemoryFailure;
  const ByteView point = pair.value().open.bytes.view();
  const std::uint8_t zero = 0;
  const Result<Hash> hash =
      sha256({ByteView(&zero, 1), application, command.data.first(kHashSize), ByteView(id.value()), point});
  if (!hash.ok()) return sw::kMemoryFailure;
  const Result<KeyOutput> signature = attestation_.sign(Attestation::Kind::kBatch, hash.value());
  if (!signature.ok()) return sw::kMemoryFailure;
  response.byte(0x05);
  response.bytes(point);
  response.byte(static_cast<std::uint8_t>(id.value().size()));
  response.bytes(id.value());
  if (attestation_.certificate(Attestation::Kind::kBatch, response) != Status::kOk) return sw::kMemoryFailure;
  response.bytes(signature.value().view());
  return sw::kOk;
}

// user presence || counter || signature
StatusWord Authenticator::u2f_authenticate(const Client& client, const Command& command, Writer& response) {
  constexpr std::size_t kHead = 2 * kHashSize + 1;
  if (command.data.size() < kHead || command.data.size() != kHead + command.data[kHead - 1]) {
    return sw::kWrongLength;
  }
  if (command.p1 != kEnforce && command.p1 != kCheckOnly && command.p1 != kDoNotEnforce) {
    return sw::kWrongP1P2;
  }
  Hash application{};
  copy(command.data.subspan(kHashSize, kHashSize), application);
  const Result<CredentialSource> source = credentials_.open(command.data.subspan(kHead), application);
  // What asks for user verification is not for U2F.
  if (!source.ok() || source.value().protection == Protection::kRequired) return sw::kWrongData;
  if (command.p1 == kCheckOnly) return sw::kConditions;
  std::uint8_t presence = 0;
  if (command.p1 == kEnforce) {
    const StatusWord touched = touch_word(confirm(client, "U2F: log in?", {}));
    if (touched != sw::kOk) return touched;
    presence = 1;
  }
  const Result<std::uint32_t> count = credentials_.count(source.value(), application);
  if (!count.ok()) return sw::kMemoryFailure;
  std::array<std::uint8_t, 4> counter{};
  store_be32(counter.data(), count.value());
  const Result<Hash> hash =
      sha256({application, ByteView(&presence, 1), ByteView(counter), command.data.first(kHashSize)});
  if (!hash.ok()) return sw::kMemoryFailure;
  KeyPair pair;
  pair.secret.assign(source.value().scalar);
  const Result<KeyOutput> signature = engine_.use(pair, hash.value());
  if (!signature.ok()) return sw::kMemoryFailure;
  response.byte(presence);
  response.bytes(counter);
  response.bytes(signature.value().view());
  return sw::kOk;
}

}  // namespace sceau::firmware::fido
