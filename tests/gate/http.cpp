#include "http.h"

namespace sceau::test {

std::string envelope_of(const Signed& given, const std::vector<Bytes>& blobs) {
  Array carried;
  for (const Bytes& blob : blobs) carried.emplace_back(to_base64(blob));
  return statement::to_canonical(Object{{"statement", to_base64(given.statement)},
                                        {"evidence", to_base64(given.evidence)},
                                        {"blobs", std::move(carried)}});
}

Value json_of(const HttpAnswer& answer) {
  auto value = statement::parse_wire(as_bytes(answer.body), 64U << 20U);
  return value ? std::move(*value) : Value(Object{});
}

std::string field(const Value& object, std::string_view name) {
  auto text = statement::text_field(object, name);
  return text ? *text : std::string();
}

statement::After newest_tree(HttpsClient& client) {
  auto checkpoint =
      ledger::open_checkpoint(field(json_of(client.get("/state")), "checkpoint"), log_signer().verifier());
  return checkpoint ? statement::After{checkpoint->size, checkpoint->root} : statement::After{};
}

std::string log_in(GateHome& home, HttpsClient& client, const std::string& person) {
  const Signed login = home.write("login", {person}, Object{{"audience", "gate"}}, newest_tree(client));
  return field(json_of(client.post("/statements", envelope_of(login))), "session");
}

}  // namespace sceau::test
