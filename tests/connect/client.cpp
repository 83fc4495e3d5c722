#include "client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sceau/base/digest.h"

namespace sceau::connect {

std::string catalogue_document() {
  return R"({"engine":"sqlite","project":"p-1","source":"snds","tables":[)"
         R"({"columns":[{"label":"person_key","name":"BEN_NIR_PSA","type":"text"},)"
         R"({"label":"measure","name":"BEN_SEX_COD","type":"integer"},)"
         R"({"label":"measure","name":"AMOUNT","type":"real"}],"name":"IR_BEN_R","workspace":false},)"
         R"({"columns":[{"label":"measure","name":"x","type":"integer"}],"name":"mine","workspace":true}]})";
}

Tables some_tables() {
  const std::string document = catalogue_document();
  return *Tables::read(*statement::parse_wire(as_bytes(document), document.size()));
}

Result<std::shared_ptr<const Tables>> FakeWarehouse::tables(const Wanted& wanted, bool) {
  if (wanted.project != "p-1") return Error{ErrorKind::refused, "not assigned to " + wanted.project};
  if (!held) held = std::make_shared<const Tables>(some_tables());
  return held;
}

Result<std::unique_ptr<Spool>> FakeWarehouse::rows(const Wanted& wanted, const std::string& sql,
                                                   Waiting& waiting) {
  asked.push_back(sql);
  last = wanted;
  waiting.notice("to be signed", {});
  if (fails) return *fails;
  auto spool = std::make_unique<Spool>("/tmp");
  if (auto written = spool->write(as_bytes(csv)); !written) return written.error();
  return spool;
}

Status FakeWarehouse::work(const Wanted& wanted, const std::vector<std::string>& sql, Waiting&) {
  worked.push_back(sql);
  last = wanted;
  return fails && worked.size() > works ? Status(*fails) : Status();
}

Client::Client() : session(warehouse, {"p-1", "why", "aggregate", "", 0}, *this, 7) {
  Opening startup;
  startup.parameters = {{"user", "carol"}, {"database", "sceau"}};
  alive = session.begin(startup, 99);
  received_.clear();
}

bool Client::send(std::string bytes) {
  received_ += bytes;
  return true;
}

std::vector<Said> Client::say(char type, const std::string& body) {
  alive = session.handle({type, body});
  if (type == 'P' || type == 'B' || type == 'D' || type == 'E' || type == 'C')
    alive = session.handle({'H', ""}) && alive;
  MessageReader reader;
  reader.feed(received_);
  received_.clear();
  std::vector<Said> said;
  for (;;) {
    auto message = reader.message(1U << 24U);
    if (!message || !*message) return said;
    said.push_back({(*message)->type, (*message)->body});
  }
}

std::string Client::types(const std::vector<Said>& said) {
  std::string all;
  for (const auto& one : said) all += one.type;
  return all;
}

std::string Client::state(const std::vector<Said>& said) {
  for (const auto& one : said) {
    if (one.type != 'E') continue;
    Fields fields(one.body);
    for (auto name = fields.byte(); name != 0; name = fields.byte()) {
      const auto text = fields.text();
      if (name == 'C') return text;
    }
  }
  return {};
}

std::string Client::firsts(const std::vector<Said>& said) {
  std::string all;
  for (const auto& one : said) {
    if (one.type != 'D') continue;
    Fields fields(one.body);
    fields.int16();
    const auto length = fields.int32();
    all += (all.empty() ? "" : " ") + (length < 0 ? "NULL" : fields.bytes(static_cast<std::size_t>(length)));
  }
  return all;
}

std::string Client::columns(const std::vector<Said>& said) {
  std::string all;
  for (const auto& one : said) {
    if (one.type != 'T') continue;
    Fields fields(one.body);
    for (int left = fields.int16(); left > 0; --left) {
      all += (all.empty() ? "" : " ") + fields.text();
      fields.int32();
      fields.int16();
      all += ":" + std::to_string(fields.int32());
      fields.bytes(8);
    }
  }
  return all;
}

std::string int16(int value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

std::string int32(std::int64_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

std::string zero(const std::string& text) { return text + std::string(1, '\0'); }

namespace {
Digest hmac(ByteView key, const std::string& message) {
  Digest out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_bytes(message).data(), message.size(),
       out.data(), &size);
  return out;
}
}  // namespace

std::string scram_proven(const std::string& password, const std::string& first_bare,
                         const std::string& server_first, const std::string& last_bare) {
  const auto salt_at = server_first.find(",s=") + 3;
  const auto count_at = server_first.find(",i=");
  const auto salt = *from_base64(server_first.substr(salt_at, count_at - salt_at));
  Digest salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                    static_cast<int>(salt.size()), std::stoi(server_first.substr(count_at + 3)), EVP_sha256(),
                    sizeof salted, salted.data());
  Digest proof = hmac(salted, "Client Key");
  const auto signature = hmac(sha256(proof), first_bare + "," + server_first + "," + last_bare);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= signature[i];
  return last_bare + ",p=" + to_base64(proof);
}

}  // namespace sceau::connect
