// What a browser sends, or a program that says it is one: attestation objects, assertions, headers.
#include "web/browser.h"
#include "fuzz.h"
#include "sceau/evidence/attestation_object.h"
#include "targets.h"
#include "web/pages.h"

namespace sceau::fuzz {
namespace {

const evidence::RelyingParty& party() {
  static const evidence::RelyingParty known{"localhost", {"https://localhost", "https://localhost:*"}};
  return known;
}

void read_as_attestation(ByteView input) {
  const auto read = evidence::read_attestation_object(input, to_bytes(std::string_view("{}")));
  if (!read) return;
  // Of a key that no maker attests there are no certificates; policy decides whether that is enough.
  require(!read->authenticator_data.empty() && (read->certificates.empty() || !read->signature.empty()),
          "an attestation without one of its parts");
  const auto again = evidence::read_fido_attestation(evidence::serialise(*read));
  require(!again || *again == *read, "an attestation that is another one when it is kept");
}

void read_as_client_data(ByteView input) {
  const Digest nobodys{};
  if (!evidence::check_client_data(input, evidence::Ceremony::get, nobodys, party())) return;
  const std::string_view text = as_text(input);
  require(
      text.starts_with(R"({"type":"webauthn.get","challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",)"
                       R"("origin":"https://localhost)"),
      "client data of another origin or question");
}

void read_as_headers(std::string_view text) {
  const bool taken =
      web::check_post({std::string(text), "same-origin", "application/json"}, party().origins).ok();
  require(!taken || text.empty() || text == "https://localhost" || text.starts_with("https://localhost:"),
          "another site's page let in");
  require(!web::check_post({"https://localhost", std::string(text), "application/json"}, party().origins) ||
              text.empty() || text == "same-origin",
          "what the browser calls another site's let in");
  static_cast<void>(web::choose_language(text, text));
  const auto page =
      web::find_page(text, web::Language::french, {std::string(text), std::string(text), {}, false});
  require(!page || text.starts_with("/"), "a page at no path");
}

}  // namespace

void browser(ByteView input) {
  read_as_attestation(input);
  read_as_client_data(input);
  static_cast<void>(evidence::read_authenticator_data(input).ok());
  if (const auto assertion = evidence::read_assertion(input))
    require(evidence::serialise(*assertion) == to_bytes(input), "an assertion with two spellings");
  read_as_headers(as_text(input));
}

}  // namespace sceau::fuzz
