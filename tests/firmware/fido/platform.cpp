#include "platform.h"

#include "crypto/aes_cbc.h"
#include "crypto/elliptic.h"

namespace sceau::firmware::test {

namespace {

Bytes written(const std::function<void(fido::CborWriter&)>& write) {
  Bytes buffer(4096);
  Writer out(buffer);
  fido::CborWriter cbor(out);
  write(cbor);
  buffer.resize(out.size());
  return buffer;
}

Bytes item_bytes(ByteView view) { return {view.begin(), view.end()}; }

constexpr std::size_t kDataHead = 37;

}  // namespace

Bytes number(std::int64_t value) {
  return written([&](auto& cbor) { cbor.integer(value); });
}
Bytes text(const std::string& value) {
  return written([&](auto& cbor) { cbor.text(value); });
}
Bytes bytes(const Bytes& value) {
  return written([&](auto& cbor) { cbor.bytes(value); });
}
Bytes boolean(bool value) {
  return written([&](auto& cbor) { cbor.boolean(value); });
}
Bytes array(const std::vector<Bytes>& items) {
  Bytes all = written([&](auto& cbor) { cbor.array(items.size()); });
  for (const Bytes& item : items) all.insert(all.end(), item.begin(), item.end());
  return all;
}
Bytes map(const std::vector<std::pair<Bytes, Bytes>>& pairs) {
  Bytes all;
  std::size_t count = 0;
  for (const auto& pair : pairs) {
    if (pair.second.empty()) continue;  // absent
    ++count;
    all = all + pair.first + pair.second;
  }
  return written([&](auto& cbor) { cbor.map(count); }) + all;
}
Bytes text_map(const std::vector<std::pair<std::string, Bytes>>& pairs) {
  std::vector<std::pair<Bytes, Bytes>> encoded;
  encoded.reserve(pairs.size());
  for (const auto& pair : pairs) encoded.emplace_back(text(pair.first), pair.second);
  return map(encoded);
}

Bytes Reply::member(const Bytes& encoded, std::int64_t key) {
  fido::CborReader reader(encoded);
  const std::size_t count = encoded.empty() ? 0 : reader.map().value();
  for (std::size_t i = 0; i < count; ++i) {
    const bool same = reader.integer().value() == key;
    const Bytes item = item_bytes(reader.item());
    if (same) return item;
  }
  return {};
}
Bytes Reply::named(const Bytes& encoded, const std::string& key) {
  fido::CborReader reader(encoded);
  const std::size_t count = encoded.empty() ? 0 : reader.map().value();
  for (std::size_t i = 0; i < count; ++i) {
    const bool same = reader.text().value() == key;
    const Bytes item = item_bytes(reader.item());
    if (same) return item;
  }
  return {};
}
Bytes Reply::bytes_of(const Bytes& item) { return item_bytes(fido::CborReader(item).bytes().value()); }
std::string Reply::text_of(const Bytes& item) { return std::string(fido::CborReader(item).text().value()); }
std::int64_t Reply::number_of(const Bytes& item) { return fido::CborReader(item).integer().value(); }

Bytes sha(const Bytes& message) {
  const Hash hash = sha256({message}).value();
  return {hash.begin(), hash.end()};
}

Reply Platform::send(std::uint8_t command, const Bytes& parameters, std::uint32_t channel) {
  Bytes message = Bytes{command} + parameters;
  if (spoil) spoil(message);
  // Of exactly its size, so that AddressSanitizer sees one byte read too many.
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[message.size()]);
  std::memcpy(exact.get(), message.data(), message.size());
  Bytes buffer(fido::kMaxMessage);
  Writer answer(buffer);
  authenticator().process({channel, nullptr}, {exact.get(), message.size()}, answer);
  buffer.resize(answer.size());
  Reply reply;
  reply.status = buffer.at(0);
  reply.body.assign(buffer.begin() + 1, buffer.end());
  if (!reply.body.empty() && fido::check_cbor(reply.body) != fido::CtapStatus::kSuccess) reply.status = 0xFE;
  return reply;
}

Bytes Platform::list(const Bytes& id) {
  return array({text_map({{"id", bytes(id)}, {"type", text("public-key")}})});
}

Made Platform::make(const std::string& rp, const Bytes& user, const Extra& extra) {
  Bytes param;
  if (!extra.permission_pin.empty()) {
    get_token(extra.permission_pin, 0x01, rp);
    param = bytes(authenticate(client_data_hash));
  }
  Made made;
  made.reply = send(
      0x01, map({{number(1), bytes(client_data_hash)},
                 {number(2), text_map({{"id", text(rp)}, {"name", text("Party")}})},
                 {number(3),
                  text_map({{"id", bytes(user)}, {"name", text("alice")}, {"displayName", text("Alice")}})},
                 {number(4), array({text_map({{"alg", number(-7)}, {"type", text("public-key")}})})},
                 {number(5), extra.list},
                 {number(6), extra.extensions},
                 {number(7), extra.options},
                 {number(8), param},
                 {number(9), param.empty() ? Bytes() : number(protocol)},
                 {number(10), extra.enterprise}}));
  made.status = made.reply.status;
  if (made.status != 0) return made;
  const Bytes data = Reply::bytes_of(made.reply.at(2));
  made.flags = data[32];
  made.count = load_be32(data.data() + 33);
  const std::size_t size = load_be16(data.data() + kDataHead + 16);
  const auto id = data.begin() + kDataHead + 18;
  made.id.assign(id, id + static_cast<long>(size));
  const Bytes rest(id + static_cast<long>(size), data.end());
  fido::CborReader reader(rest);
  const Bytes key = item_bytes(reader.item());
  made.point = Bytes{4} + Reply::bytes_of(Reply::member(key, -2)) + Reply::bytes_of(Reply::member(key, -3));
  made.extensions = item_bytes(reader.rest());
  return made;
}

Asserted Platform::read_assertion(const Reply& reply, const Bytes& point) {
  Asserted asserted;
  asserted.reply = reply;
  asserted.status = reply.status;
  if (reply.status != 0) return asserted;
  asserted.id = Reply::bytes_of(Reply::named(reply.at(1), "id"));
  const Bytes data = Reply::bytes_of(reply.at(2));
  asserted.flags = data[32];
  asserted.count = load_be32(data.data() + 33);
  asserted.extensions.assign(data.begin() + kDataHead, data.end());
  // SEQUENCE { r, s } back to two numbers of 32 bytes.
  const Bytes der = Reply::bytes_of(reply.at(3));
  Bytes raw(64);
  TlvReader numbers(find_tlv(der, 0x30).value());
  for (std::size_t i = 0; i < 2; ++i) {
    ByteView value = numbers.next().value().value;
    if (value.size() > 32) value = value.last(32);
    copy(value, ByteSpan(raw).subspan(32 * i + 32 - value.size()));
  }
  EllipticCurve curve(card.board(), KeyType::kP256);
  asserted.verified = !point.empty() && curve.verify(point, sha(data + client_data_hash), raw) == Status::kOk;
  return asserted;
}

Asserted Platform::get(const Made& made, const std::string& rp, const Extra& extra) {
  Bytes param;
  if (!extra.permission_pin.empty()) {
    get_token(extra.permission_pin, 0x02, rp);
    param = bytes(authenticate(client_data_hash));
  }
  const Bytes allow = !extra.list.empty() ? extra.list : made.id.empty() ? Bytes() : list(made.id);
  return read_assertion(send(0x02, map({{number(1), text(rp)},
                                        {number(2), bytes(client_data_hash)},
                                        {number(3), allow},
                                        {number(4), extra.extensions},
                                        {number(5), extra.options},
                                        {number(6), param},
                                        {number(7), param.empty() ? Bytes() : number(protocol)}})),
                        made.point);
}

Asserted Platform::next(const Bytes& point, std::uint32_t channel) {
  return read_assertion(send(0x08, {}, channel), point);
}

Bytes Platform::cose_key(const Bytes& point) {
  const Bytes x(point.begin() + 1, point.begin() + 33);
  const Bytes y(point.begin() + 33, point.end());
  return map({{number(1), number(2)},
              {number(3), number(-25)},
              {number(-1), number(1)},
              {number(-2), bytes(x)},
              {number(-3), bytes(y)}});
}

fido::SharedSecret Platform::share(Bytes& cose) {
  const Bytes theirs = send(0x06, map({{number(1), number(protocol)}, {number(2), number(2)}})).at(1);
  KeyEngine engine(card.board());
  const KeyPair pair = engine.generate(KeyType::kP256).value();
  const ByteView point = pair.open.bytes.view();
  cose = cose_key({point.begin(), point.end()});
  const Bytes their_point =
      Bytes{4} + Reply::bytes_of(Reply::member(theirs, -2)) + Reply::bytes_of(Reply::member(theirs, -3));
  const KeyOutput z = engine.agree(pair, their_point).value();
  fido::SharedSecret shared;
  shared.protocol = protocol;
  if (protocol == 1) {
    copy(sha256({z.view()}).value(), shared.authentication);
    shared.encryption = shared.authentication;
  } else {
    shared.authentication = derive_key(z.view(), "CTAP2 HMAC key").value();
    shared.encryption = derive_key(z.view(), "CTAP2 AES key").value();
  }
  return shared;
}

Bytes Platform::encrypt(const fido::SharedSecret& shared, const Bytes& plain) {
  const fido::Encrypted encrypted = fido::encrypt(card.board(), shared, plain).value();
  return item_bytes(encrypted.view());
}

Bytes Platform::tag(const Bytes& key, const Bytes& message) const {
  const Hash hash = hmac_sha256(key, {message}).value();
  return {hash.begin(), hash.begin() + (protocol == 1 ? 16 : 32)};
}

Bytes Platform::authenticate(const Bytes& message) const { return tag(token_, message); }

unsigned Platform::set_pin(const std::string& pin) {
  Bytes cose;
  const fido::SharedSecret shared = share(cose);
  Bytes padded = to_bytes(pin);
  padded.resize(64);
  const Bytes encrypted = encrypt(shared, padded);
  return send(0x06, map({{number(1), number(protocol)},
                         {number(2), number(3)},
                         {number(3), cose},
                         {number(4), bytes(tag(item_bytes(shared.authentication), encrypted))},
                         {number(5), bytes(encrypted)}}))
      .status;
}

unsigned Platform::change_pin(const std::string& from, const std::string& to) {
  Bytes cose;
  const fido::SharedSecret shared = share(cose);
  Bytes padded = to_bytes(to);
  padded.resize(64);
  const Bytes encrypted = encrypt(shared, padded);
  Bytes hash = sha(to_bytes(from));
  hash.resize(16);
  const Bytes pin_hash = encrypt(shared, hash);
  return send(0x06, map({{number(1), number(protocol)},
                         {number(2), number(4)},
                         {number(3), cose},
                         {number(4), bytes(tag(item_bytes(shared.authentication), encrypted + pin_hash))},
                         {number(5), bytes(encrypted)},
                         {number(6), bytes(pin_hash)}}))
      .status;
}

unsigned Platform::take_token(const std::vector<std::pair<Bytes, Bytes>>& more, std::uint8_t subcommand,
                              const std::string& pin) {
  Bytes cose;
  const fido::SharedSecret shared = share(cose);
  Bytes hash = sha(to_bytes(pin));
  hash.resize(16);
  std::vector<std::pair<Bytes, Bytes>> parameters{{number(1), number(protocol)},
                                                  {number(2), number(subcommand)},
                                                  {number(3), cose},
                                                  {number(6), bytes(encrypt(shared, hash))}};
  parameters.insert(parameters.end(), more.begin(), more.end());
  const Reply reply = send(0x06, map(parameters));
  if (reply.status == 0) {
    const fido::Decrypted token = fido::decrypt(shared, Reply::bytes_of(reply.at(2))).value();
    token_ = item_bytes(token.view());
  }
  return reply.status;
}

unsigned Platform::get_token(const std::string& pin, std::uint8_t permissions, const std::string& rp) {
  return take_token({{number(9), number(permissions)}, {number(10), rp.empty() ? Bytes() : text(rp)}}, 9,
                    pin);
}

unsigned Platform::get_old_token(const std::string& pin) { return take_token({}, 5, pin); }

unsigned Platform::tries() {
  const Reply reply = send(0x06, map({{number(2), number(1)}}));
  return static_cast<unsigned>(Reply::number_of(reply.at(3)));
}

Reply Platform::manage(std::uint8_t subcommand, const Bytes& parameters, std::uint32_t channel) {
  return send(0x0A,
              map({{number(1), number(subcommand)},
                   {number(2), parameters},
                   {number(3), number(protocol)},
                   {number(4), bytes(authenticate(Bytes{subcommand} + parameters))}}),
              channel);
}

Reply Platform::configure(std::uint8_t subcommand, const Bytes& parameters) {
  const Bytes message = Bytes(32, 0xFF) + Bytes{0x0D, subcommand} + parameters;
  return send(0x0D, map({{number(1), number(subcommand)},
                         {number(2), parameters},
                         {number(3), number(protocol)},
                         {number(4), bytes(authenticate(message))}}));
}

Reply Platform::write_blobs(const Bytes& fragment, std::size_t offset, std::size_t length) {
  Bytes place(4);
  store_le32(place.data(), static_cast<std::uint32_t>(offset));
  const Bytes message = Bytes(32, 0xFF) + Bytes{0x0C, 0x00} + place + sha(fragment);
  return send(0x0C, map({{number(2), bytes(fragment)},
                         {number(3), number(static_cast<std::int64_t>(offset))},
                         {number(4), offset == 0 ? number(static_cast<std::int64_t>(length)) : Bytes()},
                         {number(5), token_.empty() ? Bytes() : bytes(authenticate(message))},
                         {number(6), token_.empty() ? Bytes() : number(protocol)}}));
}

Bytes Platform::read_blobs(std::size_t offset, std::size_t count) {
  const Reply reply = send(0x0C, map({{number(1), number(static_cast<std::int64_t>(count))},
                                      {number(3), number(static_cast<std::int64_t>(offset))}}));
  return reply.status == 0 ? Reply::bytes_of(reply.at(1)) : Bytes();
}

}  // namespace sceau::firmware::test
