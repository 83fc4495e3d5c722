#include "sealing.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sceau/gate/auditors.h"
#include "sceau/ledger/opening.h"

namespace sceau::gate {
namespace {

constexpr std::string_view kLabel = "sceau sealed statements 1";

Result<Secret> own_key(const Secret& master) {
  Secret key = Secret::sized(pki::sealing_key_size);
  unsigned size = 0;
  if (HMAC(EVP_sha256(), master.view().data(), static_cast<int>(master.size()), as_bytes(kLabel).data(),
           kLabel.size(), key.writable().data(), &size) == nullptr ||
      size != key.size())
    return Error{ErrorKind::internal, "making the key of sealed statements: OpenSSL failed"};
  return key;
}

}  // namespace

bool is_sealed(std::string_view type, const statement::Value& body) {
  if (type != "extraction.request") return false;
  const auto parameters = statement::array_field(body, "parameters");
  return parameters && !(*parameters)->as_array().empty();
}

Result<Sealing> Sealing::read(const Home& home, const Secret& master) {
  auto files = auditor_files(home);
  if (!files) return files.error();
  std::vector<pki::Certificate> auditors;
  auditors.reserve(files->size());
  for (const auto& file : *files) {
    auto certificate = read_auditor(file);
    if (!certificate) return certificate.error();
    auditors.push_back(std::move(*certificate));
  }
  auto own = own_key(master);
  if (!own) return own.error();
  return Sealing(std::move(auditors), std::move(*own));
}

Result<Bytes> Sealing::seal(ByteView statement) const {
  if (auditors_.empty())
    return Error{
        ErrorKind::refused,
        "keeping the request's parameters: no auditor could read them, so this gate takes none: its "
        "operator puts an auditor's certificate into the home's auditors/ and starts the gate again"};
  auto envelope = pki::seal_for(statement, auditors_, own_);
  if (!envelope) return envelope.error();
  return ledger::sealed_statement(statement, *envelope);
}

Result<Bytes> Sealing::unseal(ByteView envelope) const {
  auto statement = pki::open_sealed(envelope, own_);
  if (!statement)
    return Error{ErrorKind::corrupt,
                 "reading a sealed statement: this gate's key does not open it: put the home's pseudonym.key "
                 "back"};
  return statement;
}

}  // namespace sceau::gate
